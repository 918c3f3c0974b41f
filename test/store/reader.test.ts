/**
 * Reading only what is wanted: which messages are looked at, which are read from the disk, and
 * where a reading goes on. A naive list of lanes says what must come out.
 */

import should from 'should'
import type { Random } from '../../src/base/ports.js'
import type { Journal } from '../../src/store/journal.js'
import type { ReadLimits } from '../../src/store/reader.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Operation } from '../world/memory-disk-faults.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import { groundOf, message, payloadsOf, recordOf, type StoreGround } from '../world/store-ground.js'

const many = { records: 1000, bytes: 1 << 20 }
const lives = 40

describe('a filtered read', () => {
  it(`gives what a naive list gives, in ${lives} lives`, async () => {
    for (let seed = testSeed; seed < testSeed + lives; seed++) {
      await liveAndCompare(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error })
      })
    }
  })

  it('asks for each message that it comes by once, ascending, and for none from `next` on', async () => {
    const { ground, journal } = await sealed(60, 8000)
    const asked: number[] = []
    const limits = { ...many, records: 3, wanted: noting(asked, (lane) => lane % 5 === 4) }
    const { records, next } = await ground.finish(journal.read(2, limits))
    records.map(({ sequence }) => sequence).should.eql([4, 9, 14])
    asked.should.eql(range(2, 15))
    next.should.equal(15)
  })

  it('reads one index, and nothing else, of a sealed segment without a wanted message', async () => {
    const { ground, journal } = await sealed(60)
    // Not of the active one, nor of the newest before it: the opening has read that whole.
    const names = ground.segments.slice(0, -2)
    const read = ground.watch('read')
    ;(await collect(ground, journal, { ...many, wanted: () => false })).should.eql([])
    read.map(({ path }) => path).should.eql(names.map((name) => ground.path(name)))
    await collect(ground, journal, { ...many, wanted: () => false })
    read.length.should.equal(names.length)
  })

  it('touches no file for what is still in memory', async () => {
    const { ground, journal } = await open()
    await append(ground, journal, range(0, 50))
    const touched = ground.watch('open', 'read')
    const found = await collect(ground, journal, { ...many, wanted: (lane) => lane === 7 })
    payloadsOf(found).should.eql(['m7'])
    touched.should.eql([])
  })

  it('keeps 8 indexes at most, those used last', async () => {
    const { ground, journal } = await sealed(900, 4000)
    const ends = ground.segments.length - 1
    ends.should.be.above(12)
    const refuse = { ...many, wanted: () => false }
    await collect(ground, journal, refuse)
    const read = ground.watch('read')
    await collect(ground, journal, refuse, 880)
    read.should.eql([])
    await collect(ground, journal, refuse)
    read.length.should.equal(ends)
  })

  it('holds a file open from window to window, and no longer than messages of it wait', async () => {
    const { ground, journal } = await sealed(60, 8000)
    const seen = ground.watch('open', 'close')
    for (let at = 0; at < 9; at += 3) {
      await ground.finish(journal.read(at, { ...many, records: 3 }))
    }
    seen.map(({ kind }) => kind).should.eql(['open'])
    for (let n = 0; n < 60; n++) journal.settle(recordOf(n, `m${n}`), 'delivered')
    await ground.world.clock.settle()
    closedOf(seen).should.containEql(seen[0]?.path)
  })

  it('leaves no file open when the journal is closed', async () => {
    const { ground, journal } = await sealed(60, 8000)
    const seen = ground.watch('open', 'close')
    await ground.finish(journal.read(0, { ...many, records: 3 }))
    await ground.finish(journal.close())
    closedOf(seen).should.containEql(seen[0]?.path)
  })

  it('stops below `before`, in memory and on the disk', async () => {
    for (const make of [sealed, hot]) {
      const { ground, journal } = await make(60)
      const found = await collect(ground, journal, { ...many, before: 33 })
      found.map(({ sequence }) => sequence).should.eql(range(0, 33))
      const { records, next } = await ground.finish(journal.read(40, { ...many, before: 33 }))
      should({ count: records.length, next }).eql({ count: 0, next: 40 })
    }
  })

  it('reads a few far apart without what lies between them', async () => {
    const { ground, journal } = await open({ segmentBytes: 1 << 20 })
    for (let n = 0; n < 100; n++) {
      await ground.finish(journal.append(message('x'.repeat(8000), n)))
    }
    const next = await restarted(ground, journal)
    const read = ground.watch('read')
    const wanted = (lane: number) => lane === 10 || lane === 11 || lane === 90
    const found = await collect(ground, next, { ...many, wanted })
    found.map(({ lane }) => lane).should.eql([10, 11, 90])
    const bytes = read.reduce((sum, operation) => sum + (operation.bytes ?? 0), 0)
    bytes.should.be.below(3 * 8062 + 2 * (100 * 8 + 62))
  })

  it('ends with the record that reaches the bytes', async () => {
    for (const make of [sealed, hot]) {
      const { ground, journal } = await make(60)
      const { records, next } = await ground.finish(journal.read(20, { ...many, bytes: 7 }))
      payloadsOf(records).should.eql(['m20', 'm21', 'm22'])
      next.should.equal(23)
    }
  })

  it('gives all that it chose and is sound, when some of it has rotted', async () => {
    const { ground, journal } = await sealed(60)
    const [name = ''] = ground.segments
    const path = ground.path(name)
    const at = ground.disk.bytesOf(path).indexOf('m4')
    ground.disk.rot(path, at, Buffer.from('x'))
    const asked: number[] = []
    const limits = { records: 4, bytes: 1 << 20, wanted: noting(asked, (lane) => lane % 2 === 0) }
    const { records, next } = await ground.finish(journal.read(0, limits))
    payloadsOf(records).should.eql(['m0', 'm2', 'm6'])
    should({ asked, next }).eql({ asked: range(0, 7), next: 7 })
    should(journal.totals.damaged).equal(1)
    payloadsOf(await collect(ground, journal, many)).length.should.equal(59)
  })

  it('rebuilds an index that has rotted', async () => {
    const { ground, journal } = await sealed(60)
    const [name = ''] = ground.segments
    const path = ground.path(name)
    ground.disk.rot(path, ground.disk.bytesOf(path).length - 4, Buffer.from('rot'))
    const found = await collect(ground, journal, { ...many, wanted: (lane) => lane < 4 })
    payloadsOf(found).should.eql(['m0', 'm1', 'm2', 'm3'])
  })
})

/** A seeded life of messages in lanes, some settled, some rotten, read in every way. */
const closedOf = (operations: readonly Operation[]) =>
  operations.filter(({ kind }) => kind === 'close').map(({ path }) => path)

async function liveAndCompare(seed: number): Promise<void> {
  const random = seededRandom(seed)
  const lanes = 1 + below(random, 6)
  const ground = groundOf({ seed })
  let journal = await ground.open({ segmentBytes: 400 + below(random, 3000) })
  const left = new Map<number, number>()
  for (let round = 0; round < 12; round++) {
    for (let n = below(random, 30); n > 0; n--) {
      const lane = 1 + below(random, lanes)
      const text = 'x'.repeat(below(random, 90))
      left.set(await ground.finish(journal.append(message(text, lane))), lane)
    }
    const share = random.fraction() * 0.6
    for (const sequence of [...left.keys()].filter(() => random.fraction() < share)) {
      journal.settle(recordOf(sequence, 'x'.repeat(45)), 'delivered')
      left.delete(sequence)
    }
    if (random.fraction() < 0.3) {
      await ground.finish(journal.close())
      journal = await ground.open({ segmentBytes: 400 + below(random, 3000) })
    }
    await compare(ground, journal, left, random)
  }
}

async function compare(
  ground: StoreGround,
  journal: Journal,
  left: ReadonlyMap<number, number>,
  random: Random,
): Promise<void> {
  const from = below(random, journal.durableNext + 2)
  const before = below(random, journal.durableNext + 2)
  const lane = 1 + below(random, 6)
  const asked: number[] = []
  const found = await collect(
    ground,
    journal,
    {
      records: 1 + below(random, 40),
      bytes: 1 + below(random, 2000),
      before,
      wanted: noting(asked, (other) => other === lane),
    },
    from,
  )
  const passed = [...left.keys()].filter((sequence) => sequence >= from && sequence < before)
  asked.should.eql(passed)
  const due = passed.filter((sequence) => left.get(sequence) === lane)
  found.map(({ sequence }) => sequence).should.eql(due)
}

/** Reads on until a reading ends where it began. */
async function collect(
  ground: StoreGround,
  journal: Journal,
  limits: ReadLimits,
  first = 0,
): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (let from = first; ; ) {
    const { records, next } = await ground.finish(journal.read(from, limits))
    all.push(...records)
    if (next === from) return all
    from = next
  }
}

const noting = (asked: number[], wanted: (lane: number) => boolean) => {
  return (lane: number, sequence: number) => {
    asked.push(sequence)
    return wanted(lane)
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)

async function append(ground: StoreGround, journal: Journal, numbers: readonly number[]) {
  for (const n of numbers) await ground.finish(journal.append(message(`m${n}`, n)))
}

async function open(settings: Parameters<StoreGround['open']>[0] = {}) {
  const ground = groundOf()
  return { ground, journal: await ground.open({ segmentBytes: 1000, ...settings }) }
}

/** So many messages, numbered, each in a lane of its own, in segments that were closed. */
async function sealed(count: number, segmentBytes = 2000) {
  const { ground, journal } = await open({ segmentBytes })
  await append(ground, journal, range(0, count))
  return { ground, journal: await restarted(ground, journal) }
}

/** The same, still in memory. */
async function hot(count: number) {
  const opened = await open({ segmentBytes: 1 << 20 })
  await append(opened.ground, opened.journal, range(0, count))
  return opened
}

async function restarted(ground: StoreGround, journal: Journal): Promise<Journal> {
  await ground.finish(journal.close())
  return ground.open({ segmentBytes: 1000 })
}
