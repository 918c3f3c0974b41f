/**
 * Compaction on a disk that fails, is full, has rotted or loses its power: the old file or the new
 * one is there, either tells all that waits, and nobody is counted as damaged who was settled.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { seededRandom, testSeed } from '../world/seeded-random.js'
import {
  compactionsIn,
  count,
  filled,
  left,
  moveOn,
  segmentBytes,
  thin,
  thinAtOnce,
} from '../world/sparse-ground.js'
import { isBalanced, payloadsOf, readAll, recordOf, StoreGround } from '../world/store-ground.js'
import { afterPowerCut } from '../world/test-world.js'

describe('compaction', () => {
  for (const kind of ['open', 'create', 'read', 'write', 'sync', 'rename'] as const) {
    for (const code of ['EIO', 'ENOSPC']) {
      it(`is given up when ${kind} fails with ${code}, loses nothing, and is tried again`, async () => {
        const { ground, journal } = await filled()
        const isOf = (path: string) =>
          (kind === 'open' || kind === 'read' ? /seg$/ : /tmp$/).test(path)
        ground.disk.failNext(
          (operation) => operation.kind === kind && isOf(operation.path),
          code,
          99,
        )
        await thin(ground, journal)
        compactionsIn(ground).should.equal(0)
        ground.disk.namesIn('/data/q1').join().should.not.match(/tmp/)
        ground.disk.heal()
        ground.faults.should.eql([])
        payloadsOf(await readAll(ground, journal)).should.eql(left)
        await moveOn(ground, journal)
        compactionsIn(ground).should.be.above(10)
        payloadsOf(await readAll(ground, journal))
          .slice(0, left.length)
          .should.eql(left)
      })
    }
  }

  it('leaves the old file or the new one when it is killed, and either is read', async () => {
    const { ground, journal } = await filled()
    const killed: StoreGround[] = []
    let renamed = 0
    ground.disk.afterOperation = ({ kind, path }) => {
      if (kind === 'rename' && path.endsWith('.tmp')) renamed++
      if (/tmp$/.test(path) && renamed < 3) killed.push(ground.afterKill())
    }
    await thin(ground, journal)
    killed.length.should.be.above(8)
    for (const next of killed) {
      const again = await next.open({ segmentBytes })
      next.disk.namesIn('/data/q1').join().should.not.match(/tmp/)
      payloadsOf(await readAll(next, again)).should.containDeepOrdered(left)
      should(again.totals.damaged).equal(undefined)
      isBalanced(again).should.be.true()
    }
  })

  it('keeps what is settled meanwhile until a checkpoint tells of it', async () => {
    const random = seededRandom(testSeed)
    const { ground, journal } = await filled({ writeTakes: ms(3), syncTakes: ms(5) })
    thinAtOnce(journal)
    const cut: StoreGround[] = []
    let created = 0
    ground.disk.afterOperation = ({ kind, path }) => {
      if (!path.endsWith('.tmp')) return
      if (kind === 'create') created++
      if (kind === 'rename') cut.push(new StoreGround(afterPowerCut(ground.world, random)))
    }
    while (created < 2) await ground.world.clock.advance(1)
    for (let n = 3; n < count / 2; n += 20) journal.settle(recordOf(n, `m${n}`), 'expired')
    await ground.world.clock.advance(600)
    cut.length.should.be.above(10)
    for (const next of cut) {
      const again = await next.open({ segmentBytes })
      await readAll(next, again)
      should(again.totals.damaged).equal(undefined)
      isBalanced(again).should.be.true()
    }
  })

  it('leaves a damaged file as it is, and what rotted is told when it is read', async () => {
    const { ground, journal } = await filled()
    const [name = ''] = ground.segments
    const path = ground.path(name)
    const bytes = ground.disk.bytesOf(path)
    ground.disk.rot(path, bytes.indexOf('m13\n'), Buffer.from('x'))
    const rotten = ground.disk.bytesOf(path)
    await thin(ground, journal)
    ground.disk.bytesOf(path).should.eql(rotten)
    payloadsOf(await readAll(ground, journal)).should.eql(left.filter((text) => text !== 'm13'))
    should(journal.totals.damaged).equal(1)
    ground.disk.bytesOf(`${path}.bad`).should.eql(rotten)
  })

  it('counts nobody as damaged when checkpoints rot and its file is replayed', async () => {
    const { ground, journal } = await filled()
    await thin(ground, journal)
    await ground.finish(journal.close())
    const names = ground.segments.slice(-3)
    for (const name of names) ground.disk.rot(ground.path(name), 70, Buffer.from('rot'))
    const next = await ground.open({ segmentBytes })
    payloadsOf(await readAll(ground, next)).should.eql(left)
    next.totals.should.eql({ accepted: count, delivered: count - left.length })
  })

  it('needs no scan after a crash that hid from the checkpoint that a file is shorter', async () => {
    const { ground, journal } = await filled()
    let killed: StoreGround | undefined
    ground.disk.afterOperation = ({ kind, path }) => {
      if (kind === 'rename' && path.endsWith('.tmp')) killed ??= ground.afterKill()
    }
    await thin(ground, journal)
    if (killed === undefined) throw new Error('nothing was compacted')
    const next = await killed.open({ segmentBytes })
    const read = killed.watch('read')
    const [first = ''] = killed.segments
    await killed.finish(next.read(0, { records: 1000, bytes: 1 << 20, wanted: () => false }))
    read.length.should.equal(1)
    should(read[0]?.path).equal(killed.path(first))
  })
})
