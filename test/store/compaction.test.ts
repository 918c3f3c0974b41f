/**
 * Sparse segments give back the space of what is settled; what waits in them stays as it is, is
 * read meanwhile, and survives whatever goes wrong on the way.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import {
  compactionsIn,
  count,
  filled,
  isLeft,
  left,
  moveOn,
  restarted,
  segmentBytes,
  thin,
  thinAtOnce,
} from '../world/sparse-ground.js'
import {
  appendAll,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
} from '../world/store-ground.js'

describe('compaction', () => {
  it('gives back the space of messages that are settled out of order', async () => {
    const { ground, journal } = await filled()
    const before = journal.fileBytes
    await thin(ground, journal)
    compactionsIn(ground).should.be.above(10)
    journal.fileBytes.should.be.below(before / 2)
    journal.fileBytes.should.equal(sizeOf(ground))
    payloadsOf(await readAll(ground, journal)).should.eql(left)
    const next = await restarted(ground, journal)
    const records = await readAll(ground, next)
    payloadsOf(records).should.eql(left)
    records.map(({ lane, sequence }) => lane - sequence).should.matchEach(1)
    next.totals.should.eql({ accepted: count, delivered: count - left.length })
    ground.events.filter(({ kind }) => kind === 'store.corrupt').should.eql([])
  })

  it('keeps ids, lanes, times and numbers of what stays', async () => {
    const { ground, journal } = await filled()
    const before = (await readAll(ground, journal)).filter(({ sequence }) => isLeft(sequence))
    await thin(ground, journal)
    compactionsIn(ground).should.be.above(10)
    const after = await readAll(ground, await restarted(ground, journal))
    const told = ({
      sequence,
      id,
      storedAt,
      codec,
      lane,
      payload,
      bytes,
    }: (typeof after)[number]) => [`${payload}`, { sequence, id, storedAt, codec, lane, bytes }]
    after.map(told).should.eql(before.map(told))
  })

  it('rewrites nothing for a drain in order', async () => {
    const { ground, journal } = await filled()
    const created = ground.watch('create')
    for (let n = 0; n < count; n++) {
      journal.settle(recordOf(n, `m${n}`), 'delivered')
      if (n % 7 === 0) await ground.world.clock.settle()
    }
    await ground.world.clock.advance(2000)
    created.filter(({ path }) => path.endsWith('.tmp')).should.eql([])
    ground.segments.length.should.be.belowOrEqual(2)
  })

  it('goes on in the same file until all of it is settled, and then it goes', async () => {
    const { ground, journal } = await filled()
    await thin(ground, journal)
    for (let n = 0; n < count; n++) {
      if (isLeft(n) && n % 20 === 3) journal.settle(recordOf(n, `m${n}`), 'expired')
    }
    await ground.world.clock.advance(2000)
    const still = left.filter((_, place) => place % 2 === 1)
    payloadsOf(await readAll(ground, journal)).should.eql(still)
    for (let n = 0; n < count; n++) journal.settle(recordOf(n, `m${n}`), 'delivered')
    await ground.world.clock.advance(2000)
    ground.segments.length.should.be.belowOrEqual(2)
    isBalanced(await restarted(ground, journal)).should.be.true()
  })

  it('reads on while files are replaced', async () => {
    const { ground, journal } = await filled({ writeTakes: ms(3), syncTakes: ms(5) })
    thinAtOnce(journal)
    for (let round = 0; round < 40; round++) {
      const found: string[] = []
      for (let from = 0; ; ) {
        const reading = journal.read(from, { records: 7, bytes: 10_000 })
        const { records, next } = await ground.finishWithin(2, reading)
        found.push(...payloadsOf(records))
        if (next === from) break
        from = next
      }
      found.should.eql(left)
    }
    compactionsIn(ground).should.be.above(10)
    should(journal.totals.damaged).equal(undefined)
  })

  it('is over when the journal is closed, and leaves nothing half done', async () => {
    for (let moment = 1; moment < 60; moment += 3) {
      const { ground, journal } = await filled({ writeTakes: ms(3), syncTakes: ms(5) })
      thinAtOnce(journal)
      await ground.world.clock.advance(moment)
      await ground.finishWithin(200, journal.close())
      const seen = ground.watch('write', 'create', 'rename')
      await ground.world.clock.advance(1000)
      seen.should.eql([])
      ground.disk.namesIn('/data/q1').join().should.not.match(/tmp/)
      ground.world.clock.pending.should.equal(0)
    }
  })

  it('of a segment that is emptied meanwhile is given up, and the file goes', async () => {
    const { ground, journal } = await filled({ writeTakes: ms(3), syncTakes: ms(5) })
    thinAtOnce(journal)
    const created = ground.watch('create')
    while (!created.some(({ path }) => path.endsWith('.tmp'))) await ground.world.clock.advance(1)
    for (let n = 0; n < count; n++) journal.settle(recordOf(n, `m${n}`), 'delivered')
    await ground.world.clock.advance(2000)
    ground.segments.length.should.be.belowOrEqual(2)
    ground.disk.namesIn('/data/q1').join().should.not.match(/tmp/)
  })

  it('looks once at what it would not make smaller', async () => {
    const ground = groundOf()
    let journal = await ground.open({ segmentBytes })
    for (let n = 0; n < 60; n += 2) {
      await appendAll(ground, journal, [`m${n}`, `m${n + 1}`])
      journal.settle(recordOf(n, `m${n}`), 'delivered')
      journal = await restarted(ground, journal)
    }
    const created = ground.watch('create')
    const copies = () => created.filter(({ path }) => path.endsWith('.tmp')).length
    await moveOn(ground, journal)
    const before = copies()
    before.should.be.within(1, 30)
    await moveOn(ground, journal)
    copies().should.equal(before)
  })

  it('keeps what a list keeps, in 25 lives', async () => {
    let compactions = 0
    for (let seed = testSeed; seed < testSeed + 25; seed++) {
      compactions += await liveAndCompare(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error })
      })
    }
    compactions.should.be.above(50)
  })
})

/** A seeded life of appends, settlements in any order and restarts; resolves with its copies. */
async function liveAndCompare(seed: number): Promise<number> {
  const random = seededRandom(seed)
  const ground = groundOf({ seed })
  const renamed = ground.watch('rename')
  let journal = await ground.open({ segmentBytes: 3000 })
  const kept = new Map<number, string>()
  for (let round = 0; round < 40; round++) {
    for (let n = below(random, 60); n > 0; n--) {
      const text = `${round}:${n} ${'x'.repeat(below(random, 90))}`
      kept.set(await ground.finish(journal.append(message(text))), text)
    }
    const share = random.fraction() ** 2
    for (const [sequence, text] of kept) {
      if (random.fraction() > share) continue
      journal.settle(recordOf(sequence, text), 'delivered')
      kept.delete(sequence)
    }
    await ground.world.clock.advance(below(random, 2000))
    if (random.fraction() < 0.15) journal = await restarted(ground, journal)
    payloadsOf(await readAll(ground, journal)).should.eql([...kept.values()])
  }
  isBalanced(journal).should.be.true()
  should(journal.totals.damaged).equal(undefined)
  return renamed.filter(({ path }) => path.endsWith('.seg.tmp')).length
}

function sizeOf(ground: StoreGround): number {
  const lengthOf = (name: string) => ground.disk.bytesOf(ground.path(name)).length
  return ground.segments.reduce((sum, name) => sum + lengthOf(name), 0)
}
