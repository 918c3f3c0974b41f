/**
 * The crash simulator, judged by many power cuts: what was synced survives every one of them, and
 * everything that may happen to the rest does happen in some of them.
 */

import fc from 'fast-check'
import 'should'
import type { DiskFile } from '../../src/base/ports.js'
import { MemoryDisk } from './memory-disk.js'
import { contentsAfterCuts, cuts, diskWith, filled, some } from './memory-disk-cuts.js'
import { seededRandom, testSeed } from './seeded-random.js'

describe('memory disk after a power cut', () => {
  it('holds what was synced, always', async () => {
    const { disk, file } = await diskWith('synced'.repeat(300))
    await file.sync()
    contentsAfterCuts(disk).should.eql(new Set(['synced'.repeat(300)]))
  })

  it('may have lost, kept or torn what was not synced', async () => {
    const { disk } = await diskWith('')
    await (await disk.open('/d/file', 'edit')).write([filled('a', 2048)], 0)
    const contents = contentsAfterCuts(disk)
    contents.has('').should.be.true()
    contents.has('a'.repeat(2048)).should.be.true()
    some(contents, (text) => text.length > 0 && text.length < 2048 && /^a+$/.test(text))
    some(contents, (text) => text.length === 2048 && sectors(text)[0] !== 'a'.repeat(512))
  })

  it('keeps the synced part of a sector that is written further', async () => {
    const { disk, file } = await diskWith('s'.repeat(700))
    await file.sync()
    await file.write([filled('u', 1000)], 700)
    for (const text of contentsAfterCuts(disk)) text.slice(0, 700).should.equal('s'.repeat(700))
  })

  it('may hold a later write without an earlier one', async () => {
    const { disk, file } = await diskWith('')
    await file.write([filled('1', 512)], 0)
    await file.write([filled('2', 512)], 512)
    some(contentsAfterCuts(disk), (text) => !text.startsWith('1') && text.endsWith('2'.repeat(512)))
  })

  it('may hold a sector as it was between two writes', async () => {
    const { disk, file } = await diskWith('')
    await file.write([filled('1', 100)], 0)
    await file.write([filled('2', 100)], 100)
    some(contentsAfterCuts(disk), (text) => text === `${'1'.repeat(100)}${'\0'.repeat(100)}`)
  })

  it('may hold zeros, noise or the bytes of a removed file where garbage may be', async () => {
    const { disk, file } = await diskWith('')
    await put(disk, '/d/older', 'old'.repeat(1000))
    await disk.remove('/d/older')
    await disk.syncDirectory('/d')
    await file.write([filled('n', 1024)], 0)
    const contents = contentsAfterCuts(disk)
    some(contents, (text) => text === '\0'.repeat(1024))
    some(contents, (text) => text.startsWith('oldold'))
    some(contents, (text) => text.length === 1024 && !/[n\0]/.test(text.slice(0, 3)))
  })

  it('may hold what was cut off the same file before', async () => {
    const { disk, file } = await diskWith('first '.repeat(100))
    await file.sync()
    await file.truncate(0)
    await file.sync()
    await file.write([filled('n', 600)], 0)
    some(contentsAfterCuts(disk), (text) => text.startsWith('first first'))
  })

  it('has any length between the synced one and the last one', async () => {
    const { disk, file } = await diskWith('s'.repeat(100))
    await file.sync()
    await file.write([filled('u', 10)], 100)
    const lengths = new Set([...contentsAfterCuts(disk)].map((text) => text.length))
    Math.min(...lengths).should.equal(100)
    Math.max(...lengths).should.equal(110)
    lengths.size.should.equal(11)
  })

  it('may have undone a cut, and never loses what is left of it', async () => {
    const { disk, file } = await diskWith('s'.repeat(2000))
    await file.sync()
    await file.truncate(600)
    const contents = contentsAfterCuts(disk)
    contents.has('s'.repeat(600)).should.be.true()
    contents.has('s'.repeat(2000)).should.be.true()
    for (const text of contents) text.slice(0, 600).should.equal('s'.repeat(600))
  })

  it('holds the old or the new bytes where synced ones were overwritten', async () => {
    const { disk, file } = await diskWith('s'.repeat(512))
    await file.sync()
    await file.write([filled('n', 10)], 0)
    const contents = contentsAfterCuts(disk)
    contents.has('s'.repeat(512)).should.be.true()
    contents.has('n'.repeat(10) + 's'.repeat(502)).should.be.true()
    for (const text of contents) text.slice(10).should.equal('s'.repeat(502))
  })

  it('may have lost a file whose directory was not synced, synced or not', async () => {
    const { disk } = await diskWith('')
    await put(disk, '/d/new', 'x')
    namesAfterCuts(disk).should.eql(new Set(['file', 'file new']))
    await disk.syncDirectory('/d')
    namesAfterCuts(disk).should.eql(new Set(['file new']))
  })

  it('may have undone a removal, with the content that was there', async () => {
    const { disk } = await diskWith('kept')
    await disk.remove('/d/file')
    namesAfterCuts(disk).should.eql(new Set(['', 'file']))
    contentsAfterCuts(disk).should.eql(new Set(['', 'kept']))
    await disk.syncDirectory('/d')
    namesAfterCuts(disk).should.eql(new Set(['']))
  })

  it('may have undone a rename, and never halves one', async () => {
    const { disk } = await diskWith('old')
    await put(disk, '/d/tmp', 'new')
    await disk.syncDirectory('/d')
    await disk.rename('/d/tmp', '/d/file')
    const states = statesAfterCuts(disk)
    states.should.eql(new Set(['file=old tmp=new', 'file=new']))
    await disk.syncDirectory('/d')
    statesAfterCuts(disk).should.eql(new Set(['file=new']))
  })

  it('may do any of several changes of names without the others', async () => {
    const { disk } = await diskWith('')
    for (const name of ['a', 'b', 'c']) await put(disk, `/d/${name}`, '')
    namesAfterCuts(disk).size.should.equal(8)
  })

  it('may have lost a directory with all that is in it', async () => {
    const disk = new MemoryDisk()
    await disk.makeDirectory('/one/two')
    await put(disk, '/one/two/file', 'x')
    await disk.syncDirectory('/one/two')
    await disk.syncDirectory('/one')
    const found = new Set(cuts(disk).map((cut) => cut.namesIn('/one/two').join()))
    found.should.eql(new Set(['', 'file']))
    await disk.syncDirectory('/')
    const later = new Set(cuts(disk).map((cut) => cut.namesIn('/one/two').join()))
    later.should.eql(new Set(['file']))
  })

  it('is itself undisturbed', async () => {
    const { disk, file } = await diskWith('s'.repeat(600))
    await file.sync()
    await file.write([filled('u', 600)], 600)
    for (const cut of cuts(disk)) {
      const other = await cut.open('/d/file', 'edit')
      await other.write([filled('!', 2000)], 0)
      await other.truncate(5)
      await cut.remove('/d/file')
    }
    disk
      .bytesOf('/d/file')
      .toString()
      .should.equal('s'.repeat(600) + 'u'.repeat(600))
    await file.sync()
    contentsAfterCuts(disk).should.eql(new Set(['s'.repeat(600) + 'u'.repeat(600)]))
  })

  it('is the same for the same seed', async () => {
    const { disk, file } = await diskWith('')
    await file.write([filled('u', 5000)], 0)
    const states = () => cuts(disk).map((cut) => cut.bytesOf('/d/file').toString('hex'))
    states().should.eql(states())
  })

  it('can be cut again, and then holds all that it held', async () => {
    const { disk, file } = await diskWith('s')
    await file.write([filled('u', 3000)], 1)
    for (const cut of cuts(disk, 50)) {
      contentsAfterCuts(cut, 20).should.eql(new Set([cut.bytesOf('/d/file').toString('latin1')]))
    }
  })

  it('keeps every synced byte, whatever is written and cut after it', async () => {
    const change = fc.record({ cut: fc.boolean(), at: fc.nat(3000), bytes: fc.nat(1500) })
    const changes = fc.array(change, { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(changes, changes, fc.nat(), async (before, since, seed) => {
        const { disk, file } = await diskWith('')
        for (const c of before) await make(file, c, 'b')
        await file.sync()
        const synced = disk.bytesOf('/d/file')
        const safe = Math.min(synced.length, ...since.map(({ at }) => at))
        for (const c of since) await make(file, c, 's')
        const left = disk.crash(seededRandom(seed)).bytesOf('/d/file')
        left.subarray(0, safe).equals(synced.subarray(0, safe)).should.be.true()
      }),
      { seed: testSeed },
    )
  })
})

describe('memory disk after a kill', () => {
  it('holds everything that was written, and later loses what nobody synced', async () => {
    const { disk, file } = await diskWith('s'.repeat(10))
    await file.sync()
    await file.write([filled('u', 10)], 10)
    await put(disk, '/d/new', 'x')
    const killed = disk.kill()
    killed.namesIn('/d').should.eql(['file', 'new'])
    killed
      .bytesOf('/d/file')
      .toString()
      .should.equal('s'.repeat(10) + 'u'.repeat(10))
    namesAfterCuts(killed).should.eql(new Set(['file', 'file new']))
    some(contentsAfterCuts(killed), (text) => text === 's'.repeat(10))
  })

  it('goes its own way from there', async () => {
    const { disk, file } = await diskWith('s')
    const killed = disk.kill()
    const other = await killed.open('/d/file', 'edit')
    await other.write([filled('k', 5)], 0)
    await file.write([filled('o', 3)], 0)
    killed.bytesOf('/d/file').toString().should.equal('kkkkk')
    disk.bytesOf('/d/file').toString().should.equal('ooo')
  })
})

describe('memory disk that lies', () => {
  it('loses what it said was synced', async () => {
    const { disk, file } = await diskWith('', { lyingSync: true })
    await file.write([filled('x', 10)], 0)
    await file.sync()
    some(contentsAfterCuts(disk), (text) => text === '')
  })

  it('loses names in a directory that it said was synced', async () => {
    const { disk } = await diskWith('')
    const lying = new MemoryDisk({ lyingDirectorySync: true })
    await lying.makeDirectory('/d')
    await lying.syncDirectory('/')
    namesAfterCuts(disk).should.eql(new Set(['file']))
    some(new Set(cuts(lying).map((cut) => cut.namesIn('/').join())), (names) => names === '')
  })
})

interface Change {
  readonly cut: boolean
  readonly at: number
  readonly bytes: number
}

const make = (file: DiskFile, { cut, at, bytes }: Change, letter: string): Promise<unknown> =>
  cut ? file.truncate(at) : file.write([filled(letter, bytes)], at)

const sectors = (text: string) => text.match(/.{1,512}/gs) ?? []

/** A file whose content is synced; its name is not. */
async function put(disk: MemoryDisk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, 'create')
  await file.write([Buffer.from(content)], 0)
  await file.sync()
  await file.close()
}

const namesAfterCuts = (disk: MemoryDisk) =>
  new Set(cuts(disk).map((cut) => cut.namesIn('/d').join(' ')))

const statesAfterCuts = (disk: MemoryDisk) =>
  new Set(
    cuts(disk).map((cut) =>
      cut
        .namesIn('/d')
        .map((name) => `${name}=${cut.bytesOf(`/d/${name}`)}`)
        .join(' '),
    ),
  )
