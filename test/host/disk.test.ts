/**
 * What every disk keeps to, the real one and the one in memory: contents, names, and the codes of
 * its errors. What survives a power cut cannot be seen from here (see memory-disk.test.ts).
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import type { Disk, DiskFile } from '../../src/base/ports.js'
import { realClock } from '../../src/host/clock.js'
import { realDisk } from '../../src/host/disk.js'
import { MemoryDisk } from '../world/memory-disk.js'

/** A disk, and a directory on it that is there and empty. */
interface Place {
  readonly disk: Disk
  readonly home: string
  clean(): Promise<void>
}

function diskBehaves(name: string, make: () => Promise<Place>): void {
  describe(`disk (${name})`, () => {
    let disk: Disk
    let home: string
    let clean: Place['clean']
    beforeEach(async () => {
      ;({ disk, home, clean } = await make())
    })
    afterEach(() => clean())
    const at = (path: string) => `${home}/${path}`

    describe('with an open file', () => fileBehaves(() => ({ disk, at })))
    describe('with names', () => namesBehave(() => ({ disk, at })))
  })
}

/** The disk of one test, and the path of a name on it. */
interface Ground {
  readonly disk: Disk
  readonly at: (path: string) => string
}

function fileBehaves(ground: () => Ground): void {
  let disk: Disk
  let file: DiskFile
  beforeEach(async () => {
    const { at } = ground()
    disk = ground().disk
    file = await disk.open(at('file'), 'create')
  })

  it('reads what was written', async () => {
    ;(await file.write([bytes('abcdef')], 0)).should.equal(6)
    ;(await contentOf(file)).should.equal('abcdef')
    await file.close()
  })

  it('writes chunks one after another, empty ones too', async () => {
    const chunks = [bytes('ab'), bytes(''), bytes('c'), bytes('def')]
    ;(await file.write(chunks, 2)).should.equal(6)
    ;(await contentOf(file)).should.equal('\0\0abcdef')
    await file.close()
  })

  it('writes more chunks at once than the system takes in one call', async () => {
    const chunks = Array.from({ length: 3000 }, (_, i) => bytes(String(i % 10)))
    ;(await file.write(chunks, 0)).should.equal(3000)
    ;(await file.length()).should.equal(3000)
    await file.close()
  })

  it('writes nothing when there is nothing to write', async () => {
    ;(await file.write([], 5)).should.equal(0)
    ;(await file.write([bytes('')], 5)).should.equal(0)
    ;(await file.length()).should.equal(0)
    await file.close()
  })

  it('overwrites in the middle', async () => {
    await file.write([bytes('abcdef')], 0)
    await file.write([bytes('XY')], 2)
    ;(await contentOf(file)).should.equal('abXYef')
    await file.close()
  })

  it('keeps what it was given, whatever becomes of the buffer', async () => {
    const buffer = bytes('abc')
    await file.write([buffer], 0)
    buffer.fill(0)
    ;(await contentOf(file)).should.equal('abc')
    await file.close()
  })

  it('reads as much as there is, and nothing at the end', async () => {
    await file.write([bytes('abc')], 0)
    const into = Buffer.alloc(10, '-')
    ;(await file.read(into, 1)).should.equal(2)
    into.toString().should.equal('bc--------')
    ;(await file.read(into, 3)).should.equal(0)
    ;(await file.read(into, 99)).should.equal(0)
    await file.close()
  })

  it('cuts off and grows with zeros', async () => {
    await file.write([bytes('abcdef')], 0)
    await file.truncate(2)
    ;(await file.length()).should.equal(2)
    await file.truncate(4)
    ;(await contentOf(file)).should.equal('ab\0\0')
    await file.write([bytes('z')], 5)
    ;(await contentOf(file)).should.equal('ab\0\0\0z')
    await file.close()
  })

  it('syncs, also while a write runs', async () => {
    await Promise.all([file.write([bytes('abc')], 0), file.sync(), file.write([bytes('d')], 3)])
    await file.sync()
    ;(await contentOf(file)).should.equal('abcd')
    await file.close()
  })

  it('shows one content to all who have it open', async () => {
    const other = await disk.open(ground().at('file'), 'read')
    await file.write([bytes('abc')], 0)
    ;(await contentOf(other)).should.equal('abc')
    await Promise.all([file.close(), other.close()])
  })

  it('edits a file that is there', async () => {
    await file.write([bytes('abc')], 0)
    await file.close()
    const again = await disk.open(ground().at('file'), 'edit')
    await again.write([bytes('B')], 1)
    ;(await contentOf(again)).should.equal('aBc')
    await again.close()
  })

  it('refuses to write through a reader: EBADF', async () => {
    const reader = await disk.open(ground().at('file'), 'read')
    await failsWith('EBADF', reader.write([bytes('x')], 0))
    await Promise.all([reader.close(), file.close()])
  })

  it('refuses a closed file: EBADF', async () => {
    await file.close()
    await failsWith('EBADF', file.write([bytes('x')], 0))
    await failsWith('EBADF', file.read(Buffer.alloc(1), 0))
    await failsWith('EBADF', file.length())
    await failsWith('EBADF', file.sync())
    await failsWith('EBADF', file.close())
  })
}

function namesBehave(ground: () => Ground): void {
  let disk: Disk
  let at: Ground['at']
  beforeEach(async () => {
    ;({ disk, at } = ground())
    await put(disk, at('file'), 'there from the start')
  })
  const holds = async (path: string) => {
    const file = await disk.open(at(path), 'read')
    return contentOf(file).finally(() => file.close())
  }

  it('lists files and directories', async () => {
    await put(disk, at('b'), '')
    await put(disk, at('a'), '')
    await disk.makeDirectory(at('deep/er'))
    ;(await disk.list(at('deep'))).should.eql(['er'])
    ;(await disk.list(at('.').slice(0, -2))).sort().should.eql(['a', 'b', 'deep', 'file'])
  })

  it('makes directories with their parents and tells the topmost made', async () => {
    should(await disk.makeDirectory(at('one/two/three'))).equal(at('one'))
    should(await disk.makeDirectory(at('one/two/four'))).equal(at('one/two/four'))
    should(await disk.makeDirectory(at('one/two'))).equal(undefined)
  })

  it('creates only what is not there: EEXIST', async () => {
    await put(disk, at('a'), 'first')
    await failsWith('EEXIST', disk.open(at('a'), 'create'))
    ;(await holds('a')).should.equal('first')
  })

  it('tells what is missing: ENOENT', async () => {
    await failsWith('ENOENT', disk.open(at('no'), 'read'))
    await failsWith('ENOENT', disk.open(at('no'), 'edit'))
    await failsWith('ENOENT', disk.open(at('no/file'), 'create'))
    await failsWith('ENOENT', disk.list(at('no')))
    await failsWith('ENOENT', disk.remove(at('no')))
    await failsWith('ENOENT', disk.rename(at('no'), at('yes')))
    await failsWith('ENOENT', disk.rename(at('file'), at('no/file')))
    await failsWith('ENOENT', disk.touch(at('no')))
    await failsWith('ENOENT', disk.modifiedAt(at('no')))
    await failsWith('ENOENT', disk.syncDirectory(at('no')))
    await failsWith('ENOENT', disk.space(at('no')))
    await failsWith('ENOENT', disk.fileSystem(at('no')))
  })

  it('tells a file from a directory: ENOTDIR, EEXIST', async () => {
    await failsWith('ENOTDIR', disk.list(at('file')))
    await failsWith('ENOTDIR', disk.open(at('file/x'), 'read'))
    await failsWith('ENOTDIR', disk.makeDirectory(at('file/x')))
    await failsWith('EEXIST', disk.makeDirectory(at('file')))
  })

  it('renames, replacing what had the name', async () => {
    await put(disk, at('a'), 'new')
    await put(disk, at('b'), 'old')
    await disk.rename(at('a'), at('b'))
    ;(await holds('b')).should.equal('new')
    await failsWith('ENOENT', disk.open(at('a'), 'read'))
  })

  it('removes a name; who has the file open reads on', async () => {
    await put(disk, at('a'), 'abc')
    const file = await disk.open(at('a'), 'read')
    await disk.remove(at('a'))
    await failsWith('ENOENT', disk.open(at('a'), 'read'))
    ;(await contentOf(file)).should.equal('abc')
    await file.close()
  })

  it('makes a new file under a name that was removed', async () => {
    await put(disk, at('a'), 'long ago')
    await disk.remove(at('a'))
    await put(disk, at('a'), 'new')
    ;(await holds('a')).should.equal('new')
  })

  it('syncs a directory', async () => {
    await put(disk, at('a'), '')
    await disk.makeDirectory(at('inner'))
    await disk.syncDirectory(at('inner'))
  })

  it('tells when a file was modified, and touches it', async () => {
    await put(disk, at('a'), 'x')
    const before = await disk.modifiedAt(at('a'))
    await disk.touch(at('a'))
    ;(await disk.modifiedAt(at('a'))).should.be.aboveOrEqual(Math.floor(before))
    Math.abs(realClock.wall() - before).should.be.below(3_600_000)
    ;(await holds('a')).should.equal('x')
  })

  it('tells the space there is', async () => {
    const { free, total } = await disk.space(at('.').slice(0, -2))
    free.should.be.above(0)
    free.should.be.belowOrEqual(total)
  })

  it('tells the kind of file system in one word', async () => {
    ;(await disk.fileSystem(at('.').slice(0, -2))).should.match(/^[a-z0-9]{2,8}$/)
  })
}

diskBehaves('real', async () => {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-disk-'))
  return { disk: realDisk, home, clean: () => rm(home, { recursive: true }) }
})

diskBehaves('memory', async () => {
  const disk = new MemoryDisk({ clock: realClock })
  await disk.makeDirectory('/data/queue')
  return { disk, home: '/data/queue', clean: async () => {} }
})

const bytes = (text: string) => Buffer.from(text)

async function contentOf(file: DiskFile): Promise<string> {
  const into = Buffer.alloc(await file.length())
  let filled = 0
  while (filled < into.length) {
    const read = await file.read(into.subarray(filled), filled)
    if (read === 0) break
    filled += read
  }
  return into.toString()
}

async function put(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, 'create')
  await file.write([bytes(content)], 0)
  await file.close()
}

async function failsWith(code: string, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  should(error).be.an.Error()
  should(error).have.property('code', code)
}
