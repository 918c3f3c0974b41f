/**
 * What a person sees of a place for messages: the disk below it, though the directory is not there
 * yet, and nothing of what lies in it.
 */

import should from 'should'
import { askedAbout, placesOf } from '../../nodes/common/store-places.js'
import { Stores } from '../../nodes/common/stores.js'
import { resilienceStore } from '../../nodes/resilience-store/resilience-store.js'
import { parse } from '../../nodes/resilience-store/resilience-store.settings.js'
import { helper, runtime } from '../world/flow-helper.js'
import { MemoryDisk } from '../world/memory-disk.js'
import { isLike, written } from '../world/reference-json.js'
import { testWorld } from '../world/test-world.js'

interface Told {
  readonly status: number
  readonly body: { readonly items?: object[] }
}

describe('a place for messages', () => {
  it('tells the disk that it will lie on', async () => {
    const disk = new MemoryDisk({ capacity: 1000 })
    await disk.makeDirectory('/mnt/ssd')
    const asked = ['/mnt/ssd', '/mnt/ssd/a/b', '/else'].map((directory) => askedAbout(directory))
    const { items, next, total } = await placesOf(disk, asked)
    should({ next, total }).eql({ next: null, total: 3 })
    for (const item of items) {
      should(item).match({ store: null, filesystem: 'ext4', risk: null, totalBytes: 1000 })
    }
  })

  it('tells of a file system that does not keep them', async () => {
    const disk = new MemoryDisk({ fileSystem: 'tmpfs' })
    const { items } = await placesOf(disk, [askedAbout('/run')])
    should(items[0]).match({ filesystem: 'tmpfs', risk: 'memory' })
  })

  it('says so where the disk does not answer', async () => {
    const disk = new MemoryDisk()
    disk.failNext(({ kind }) => kind === 'space', 'EIO')
    const { items } = await placesOf(disk, [askedAbout('/mnt')])
    const nothing = { freeBytes: null, totalBytes: null, filesystem: 'unknown', risk: null }
    items.should.eql([{ store: null, directory: '/mnt', ...nothing, usedBytes: null }])
  })

  it('tells what is used below it, of our own files only', async () => {
    const disk = new MemoryDisk()
    disk.put('/r/q1/META.json', Buffer.alloc(10))
    disk.put('/r/q1/high/0000000000000000-abcd.seg', Buffer.alloc(100))
    disk.put('/r/q2/notes.txt', Buffer.alloc(1000))
    const { items } = await placesOf(disk, [{ store: '', directory: '/r' }, askedAbout('/r')])
    items.map(({ usedBytes }) => usedBytes).should.eql([110, null])
    disk.failNext(({ kind }) => kind === 'list', 'EIO')
    const again = await placesOf(disk, [{ store: '', directory: '/r' }])
    should(again.items[0]?.usedBytes).equal(null)
  })

  for (const directory of ['data', '../etc', '', 'C:']) {
    it(`is not asked about as "${directory}"`, () => {
      should(() => askedAbout(directory)).throw({ code: 'COMMAND_INVALID' })
    })
  }

  it('is that of each store, the built-in one first', () => {
    const stores = new Stores()
    stores.declare('ssd', parse({ directory: '/mnt/ssd' }).settings)
    stores.declare('usual', parse({}).settings)
    stores.places('/user/resilience').should.eql([
      { store: '', directory: '/user/resilience' },
      { store: 'ssd', directory: '/mnt/ssd' },
      { store: 'usual', directory: '/user/resilience' },
    ])
  })
})

describe('the route of stores', () => {
  before(async () => {
    helper.init(runtime)
    const world = testWorld()
    await world.disk.makeDirectory('/mnt/ssd')
    const ssd = { id: 'ssd', type: 'resilience-store', directory: '/mnt/ssd' }
    await helper.load([resilienceStore(world)], [{ id: 'tab', type: 'tab' }, ssd])
  })

  after(() => helper.unload())

  it('answers for what is built in and for each store', async () => {
    const { body } = await helper.request<Told>().get('/resilience/stores')
    should(body).match({ next: null, total: 2, items: [{ store: '' }, { store: 'ssd' }] })
    isLike({ ...body, items: body.items?.slice(1) }, written('`/resilience/stores`'))
  })

  it('answers for a directory that is being typed', async () => {
    const { body } = await helper.request<Told>().get('/resilience/stores?directory=/mnt/ssd/new')
    const item = { store: null, directory: '/mnt/ssd/new', filesystem: 'ext4', risk: null }
    should(body).match({ total: 1, items: [item] })
  })

  it('refuses what is no full path', async () => {
    const { status } = await helper.request<Told>().get('/resilience/stores?directory=here')
    should(status).equal(400)
  })
})
