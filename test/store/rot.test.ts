/**
 * One rotten byte at every place of a small journal, one after another: it opens, passes on nothing
 * but what was written, delivers all that the byte did not hit, counts the rest as damaged, tells
 * of it and keeps the damaged file.
 */

import should from 'should'
import type { Journal } from '../../src/store/journal.js'
import { type Found, recordAt, seedsOf } from '../../src/store/record.js'
import { segmentNamed } from '../../src/store/segment.js'
import {
  appendAll,
  directory,
  groundOf,
  isBalanced,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const small = { segmentBytes: 700 }
/** As many bytes apart are the places where the journal is lived with to its end as well. */
const drainEvery = 16

describe('journal with one rotten byte', () => {
  for (const end of ['closed', 'killed'] as const) {
    it(`delivers what is sound, counts the rest and tells of it, at every byte: ${end}`, async () => {
      const written = await life(end)
      const kinds = new Set<string>()
      for (const name of written.ground.segments) {
        for (const record of recordsIn(written.ground, name)) {
          if (!isProven(written.ground, name, record)) continue
          kinds.add(record.kind)
          for (let at = record.offset; at < record.end; at++) await rotAt(written, name, record, at)
        }
      }
      ;[...kinds].sort().join('').should.equal('ACLMS')
    })
  }
})

interface Written {
  readonly ground: StoreGround
  /** What waits, in order. */
  readonly waiting: readonly string[]
  readonly totals: Readonly<Record<string, number>>
}

/** Three segments, outcomes of all kinds, a restart in between. */
async function life(end: 'closed' | 'killed'): Promise<Written> {
  const ground = groundOf()
  const first = await ground.open(small)
  await appendAll(ground, first, texts(4))
  await appendAll(ground, first, texts(8).slice(4))
  settle(first, [1, 5])
  await ground.world.clock.settle()
  await ground.finish(first.close())
  const second = await ground.open(small)
  second.released({ upTo: 3, atMost: 2 })
  second.dropUnstored('overflow')
  await appendAll(ground, second, texts(12).slice(8))
  settle(second, [2, 9])
  await ground.world.clock.advance(1100)
  await appendAll(ground, second, texts(14).slice(12))
  if (end === 'closed') await ground.finish(second.close())
  else {
    // A last outcome and its sync prove the messages before it.
    settle(second, [0])
    await ground.world.clock.advance(1100)
  }
  const gone = ['m1', 'm5', 'm2', 'm9', ...(end === 'killed' ? ['m0'] : [])]
  return {
    ground,
    waiting: texts(14).filter((text) => !gone.includes(text)),
    totals: { accepted: 15, delivered: gone.length, overflow: 1 },
  }
}

const settle = (journal: Journal, ordinals: readonly number[]) => {
  for (const n of ordinals) journal.settle(recordOf(n, `m${n}`), 'delivered')
}

function recordsIn(ground: StoreGround, name: string): Found[] {
  const { base = 0, salt = '' } = segmentNamed(name) ?? {}
  const bytes = ground.disk.bytesOf(ground.path(name))
  const records: Found[] = []
  for (let at = 0; at < bytes.length; at = records.at(-1)?.end ?? bytes.length) {
    const record = recordAt(bytes, at, seedsOf(salt, base))
    if (record === undefined) break
    records.push(record)
  }
  return records
}

/** The last record of all holds no message, and nothing proves that it was ever durable. */
function isProven(ground: StoreGround, name: string, { end }: Found): boolean {
  return name !== ground.segments.at(-1) || end < ground.disk.bytesOf(ground.path(name)).length
}

async function rotAt(written: Written, name: string, record: Found, at: number): Promise<void> {
  const where = `${record.kind} at ${record.offset} of ${name}, byte ${at - record.offset}`
  const ground = written.ground.afterKill()
  const byte = ground.disk.bytesOf(ground.path(name)).readUInt8(at)
  ground.disk.rot(ground.path(name), at, Buffer.from([byte ^ (1 << (at % 8))]))
  const journal = await ground.open(small)
  const found = payloadsOf(await readAll(ground, journal))
  const missing = written.waiting.filter((text) => !found.includes(text))
  const extra = found.filter((text) => !written.waiting.includes(text))
  found.should.eql(
    texts(14).filter((text) => found.includes(text)),
    where,
  )
  const isHit = record.kind === 'M' ? [record.payload.toString()] : []
  missing.should.eql(
    written.waiting.filter((text) => isHit.includes(text)),
    where,
  )
  // A lost outcome repeats its messages.
  if (record.kind !== 'A') extra.should.eql([], where)
  const { damaged = 0 } = journal.totals
  damaged.should.be.within(missing.length, isHit.length, where)
  isBalanced(journal).should.be.true(where)
  judgeReport(written, name, ground, journal, where)
  if (at % drainEvery === 0) await drain(ground, journal, where)
}

/** Whatever is not as it was has been told, and the damaged file is kept. */
function judgeReport(
  written: Written,
  name: string,
  ground: StoreGround,
  journal: Journal,
  where: string,
): void {
  const isNoticed = JSON.stringify(journal.totals) !== JSON.stringify(written.totals)
  const isLast = name === written.ground.segments.at(-1)
  const told = ground.events.flatMap((event) => (event.kind === 'store.corrupt' ? [event] : []))
  told
    .reduce((sum, { messages }) => sum + messages, 0)
    .should.equal(journal.totals.damaged ?? 0, where)
  if (!isNoticed && !isLast) return
  told.map(({ file }) => file).should.eql([name], where)
  const kept = ground.disk.namesIn(directory).filter((each) => each.endsWith('.bad'))
  kept.should.eql([`${name}.bad`], where)
}

/** Its life goes on: the rest is delivered, and the balance is kept over a restart. */
async function drain(ground: StoreGround, journal: Journal, where: string): Promise<void> {
  for (const { sequence, bytes } of await readAll(ground, journal)) {
    journal.settle({ sequence, bytes }, 'delivered')
  }
  await appendAll(ground, journal, ['late'])
  const totals = { ...journal.totals }
  await ground.finish(journal.close())
  const next = await ground.open(small)
  next.totals.should.eql(totals, where)
  payloadsOf(await readAll(ground, next)).should.eql(['late'], where)
  should(next.opening.suspects).equal(undefined)
}
