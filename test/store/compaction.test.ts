/**
 * Sparse segments give back the space of what is settled; what waits in them stays as it is, is
 * read meanwhile, and survives whatever goes wrong on the way.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { Journal } from '../../src/store/journal.js'
import { seedsOf } from '../../src/store/record.js'
import { scan } from '../../src/store/scan.js'
import { segmentNamed } from '../../src/store/segment.js'
import type { MemoryDiskOptions } from '../world/memory-disk.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import {
  appendAll,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const count = 1200
const segmentBytes = 4000
/** Every tenth stays. */
const isLeft = (n: number) => n % 10 === 3
const left = texts(count).filter((_, n) => isLeft(n))

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
    const told = ({ payload, ...rest }: (typeof after)[number]) => [`${payload}`, rest]
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

/** A seeded life of appends, settlements in any order and restarts; resolves with the compactions. */
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

/** So many messages in sealed segments. */
async function filled(disk: Pick<MemoryDiskOptions, 'writeTakes' | 'syncTakes'> = {}) {
  const ground = groundOf({ disk })
  const opening = ground.open({ segmentBytes })
  await ground.world.clock.advance(1000)
  const journal = await opening
  const all = texts(count)
  for (let n = 0; n < count; n += 5) {
    const some = all
      .slice(n, n + 5)
      .map((text, place) => journal.append(message(text, n + place + 1)))
    await ground.finishWithin(100, Promise.all(some))
  }
  return { ground, journal }
}

/** Settles all but every tenth, and waits until all has come of it that will. */
async function thin(ground: StoreGround, journal: Journal): Promise<void> {
  thinAtOnce(journal)
  await ground.world.clock.advance(2000)
}

function thinAtOnce(journal: Journal): void {
  for (let n = 0; n < count; n++) if (!isLeft(n)) journal.settle(recordOf(n, `m${n}`), 'delivered')
}

/** Some segments more, each with a checkpoint. */
async function moveOn(ground: StoreGround, journal: Journal): Promise<void> {
  for (let n = 0; n < 10; n++) {
    await appendAll(ground, journal, texts(60, 'y'))
    await ground.world.clock.advance(1100)
  }
}

/** Segment files in which messages are left out. */
function compactionsIn(ground: StoreGround): number {
  return ground.segments.filter((name) => {
    const { base = 0, salt = '' } = segmentNamed(name) ?? {}
    let there = 0
    const bytes = ground.disk.bytesOf(ground.path(name))
    const { count: all } = scan(bytes, seedsOf(salt, base), ({ kind }) => {
      if (kind === 'M') there++
    })
    return there < all
  }).length
}

function sizeOf(ground: StoreGround): number {
  return ground.segments.reduce(
    (sum, name) => sum + ground.disk.bytesOf(ground.path(name)).length,
    0,
  )
}

async function restarted(ground: StoreGround, journal: Journal): Promise<Journal> {
  await ground.finish(journal.close())
  return ground.open({ segmentBytes })
}
