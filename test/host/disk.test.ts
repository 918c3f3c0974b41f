/**
 * What every disk keeps to, the real one and the one in memory: contents, names, and the codes of
 * its errors. What survives a power cut cannot be seen from here (see memory-disk.test.ts).
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import type { Disk } from '../../src/base/ports.js'
import { realClock } from '../../src/host/clock.js'
import { realDisk } from '../../src/host/disk.js'
import { MemoryDisk } from '../world/memory-disk.js'
import { contentOf, failsWith, fileBehaves, type Ground, put } from './disk-file.js'

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
    await failsWith('ENOENT', disk.removeDirectory(at('no')))
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
    await failsWith('ENOTDIR', disk.removeDirectory(at('file')))
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

  it('removes a directory once it is empty: ENOTEMPTY', async () => {
    await disk.makeDirectory(at('outer/inner'))
    await failsWith('ENOTEMPTY', disk.removeDirectory(at('outer')))
    await disk.removeDirectory(at('outer/inner'))
    await disk.removeDirectory(at('outer'))
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
    ;(await disk.modifiedAt(at('a'))).should.be.aboveOrEqual(Math.floor(before) - 1)
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
