/** The faults that a test may order from the memory disk: what each does, and what it does not. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { ManualClock } from './manual-clock.js'
import { MemoryDisk } from './memory-disk.js'
import { contentsAfterCuts, diskWith, filled } from './memory-disk-cuts.js'
import { seededRandom } from './seeded-random.js'

describe('memory disk with faults', () => {
  it('fails the operation of a number, once, and does nothing', async () => {
    const { disk, file } = await diskWith('abc')
    disk.failNext(disk.operations + 2, 'EIO')
    await file.write([filled('1', 1)], 0)
    await failsWith('EIO', file.write([filled('2', 1)], 1))
    await file.write([filled('3', 1)], 2)
    disk.bytesOf('/d/file').toString().should.equal('1b3')
  })

  it('fails the next operations that match, until it is healed', async () => {
    const { disk } = await diskWith('')
    disk.failNext(({ kind, path }) => kind === 'open' && path.endsWith('file'), 'EMFILE', 2)
    await failsWith('EMFILE', disk.open('/d/file', 'read'))
    await failsWith('EMFILE', disk.open('/d/file', 'edit'))
    await (await disk.open('/d/file', 'read')).close()
    disk.failNext(() => true, 'EACCES', Number.POSITIVE_INFINITY)
    await failsWith('EACCES', disk.list('/d'))
    await failsWith('EACCES', disk.syncDirectory('/d'))
    disk.heal()
    ;(await disk.list('/d')).should.eql(['file'])
  })

  it('forgets what a failed sync should have saved, whatever later syncs say', async () => {
    const { disk, file } = await diskWith('s')
    await file.sync()
    await file.write([filled('f', 10)], 1)
    disk.failNext(({ kind }) => kind === 'sync', 'EIO')
    await failsWith('EIO', file.sync())
    await file.sync()
    const contents = contentsAfterCuts(disk)
    contents.has('s').should.be.true()
    contents.has(`s${'f'.repeat(10)}`).should.be.true()
  })

  it('keeps what was written over it, or cut off, and synced after that', async () => {
    const { disk, file } = await diskWith('')
    await file.write([filled('f', 10)], 0)
    await file.write([filled('g', 10)], 600)
    disk.failNext(({ kind }) => kind === 'sync', 'EIO')
    await failsWith('EIO', file.sync())
    await file.write([filled('n', 10)], 0)
    await file.truncate(10)
    await file.sync()
    contentsAfterCuts(disk).should.eql(new Set(['n'.repeat(10)]))
  })

  it('writes short when told to, and at least one byte', async () => {
    const { disk, file } = await diskWith('')
    disk.shortWrites = seededRandom(1)
    const written: number[] = []
    for (let i = 0; i < 50; i++) written.push(await file.write([filled('x', 10)], 0))
    Math.min(...written).should.be.aboveOrEqual(1)
    Math.max(...written).should.be.belowOrEqual(10)
    new Set(written).size.should.be.above(3)
  })

  it('writes what fits on a full disk, then nothing: ENOSPC', async () => {
    const { disk, file } = await diskWith('', { capacity: 1000 })
    ;(await file.write([filled('x', 900)], 0)).should.equal(900)
    ;(await file.write([filled('y', 200)], 900)).should.equal(100)
    await failsWith('ENOSPC', file.write([filled('z', 1)], 1000))
    ;(await file.write([filled('o', 50)], 0)).should.equal(50)
    ;(await disk.space('/d')).should.eql({ free: 0, total: 1000 })
    await file.truncate(100)
    ;(await disk.space('/d')).free.should.equal(900)
    await disk.remove('/d/file')
    ;(await disk.space('/d')).free.should.equal(1000)
  })

  it('changes synced bytes when they rot', async () => {
    const { disk, file } = await diskWith('abcdef')
    await file.sync()
    disk.rot('/d/file', 2, Buffer.from('XY'))
    contentsAfterCuts(disk).should.eql(new Set(['abXYef']))
  })

  it('tells of every operation once it has taken effect', async () => {
    const { disk, file } = await diskWith('')
    const told: string[] = []
    disk.afterOperation = ({ kind, path, position, bytes }) => {
      told.push(`${kind} ${path} ${position ?? '-'} ${bytes ?? '-'} ${disk.bytesOf('/d/file')}`)
    }
    await file.write([filled('x', 3)], 0)
    disk.failNext(() => true, 'EIO')
    await failsWith('EIO', file.sync())
    await file.sync()
    await disk.rename('/d/file', '/d/file')
    told.should.eql(['write /d/file 0 3 xxx', 'sync /d/file - - xxx', 'rename /d/file - - xxx'])
  })
})

describe('memory disk that takes its time', () => {
  it('makes durable what was written before the sync, once its time is over', async () => {
    const clock = new ManualClock()
    const disk = new MemoryDisk({ clock, syncTakes: ms(20) })
    disk.put('/d/file', Buffer.alloc(0))
    const file = await disk.open('/d/file', 'edit')
    await file.write([filled('b', 10)], 0)
    let isSynced = false
    const synced = file.sync().then(() => {
      isSynced = true
    })
    await file.write([filled('a', 10)], 10)
    await clock.advance(19)
    isSynced.should.be.false()
    contentsAfterCuts(disk).has('').should.be.true()
    await clock.advance(1)
    await synced
    const contents = contentsAfterCuts(disk)
    contents.has('b'.repeat(10)).should.be.true()
    for (const text of contents) text.should.startWith('b'.repeat(10))
  })

  it('writes what it was given at first, once the time of the write is over', async () => {
    const clock = new ManualClock()
    const disk = new MemoryDisk({ clock, writeTakes: ms(5) })
    disk.put('/d/file', Buffer.alloc(0))
    const file = await disk.open('/d/file', 'edit')
    const buffer = filled('b', 3)
    const written = file.write([buffer], 0)
    buffer.fill('x')
    await clock.advance(4)
    disk.bytesOf('/d/file').should.have.length(0)
    await clock.advance(1)
    ;(await written).should.equal(3)
    disk.bytesOf('/d/file').toString().should.equal('bbb')
  })
})

async function failsWith(code: string, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  should(error).have.property('code', code)
}
