/**
 * What a person sees of a place for messages: the disk below it, though the directory is not there
 * yet, and nothing of what lies in it.
 */

import should from 'should'
import { askedAbout, placesOf } from '../../nodes/common/store-places.js'
import { Stores } from '../../nodes/common/stores.js'
import { parse } from '../../nodes/resilience-store/resilience-store.settings.js'
import { MemoryDisk } from '../world/memory-disk.js'

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
    items.should.eql([{ store: null, directory: '/mnt', ...nothing }])
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
