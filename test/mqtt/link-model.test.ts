/**
 * The link against any history of acknowledgements, refusals, breaks and pauses: nothing is settled
 * twice or lost, first sendings keep the order of their source, a replay begins at the oldest
 * unsettled record, and the window is never exceeded. A record is set aside unconfirmed only when
 * it was out alone at five ends.
 */

import fc from 'fast-check'
import 'should'
import type { QoS } from '../../src/mqtt/wire.js'
import type { FakeConnection } from '../world/fake-transport.js'
import { testSeed } from '../world/seeded-random.js'
import { Harness, type ListSource } from './harness.js'

const windowMax = 5

type Act =
  | { readonly is: 'give'; readonly from: number; readonly qos: QoS; readonly count: number }
  | { readonly is: 'answer'; readonly nth: number; readonly code: number }
  | { readonly is: 'pass'; readonly span: number }
  | { readonly is: 'let in'; readonly window: number }
  /** A connection of the past speaks up. */
  | { readonly is: 'haunt'; readonly connection: number; readonly nth: number }
  | { readonly is: 'hang up' | 'stall' | 'flush' | 'detach' }

describe('link, in any history', () => {
  it('delivers in order, at least once, settles once, and keeps its window', async () => {
    const property = fc.asyncProperty(fc.array(act, { maxLength: 80, size: 'max' }), (acts) =>
      History.run(acts),
    )
    await fc.assert(property, { seed: testSeed, numRuns: 400 })
  })
})

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('give' as const),
      from: fc.nat(2),
      qos: fc.constantFrom<QoS>(0, 1, 1, 1, 2),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      is: fc.constant('answer' as const),
      nth: fc.nat(20),
      code: fc.constantFrom(0, 0, 0, 0, 0, 0, 0x87, 0x97),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('pass' as const),
      span: fc.integer({ min: 1, max: 20_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Act>({ is: 'hang up' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('let in' as const),
      window: fc.integer({ min: 1, max: 2 * windowMax }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('haunt' as const),
      connection: fc.nat(5),
      nth: fc.nat(10),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ is: 'stall' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ is: 'flush' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ is: 'detach' }) },
)

/** One run, and what may be expected of it. */
class History {
  readonly #harness = new Harness({ maxInFlight: windowMax })
  /** The last one may be detached on the way. */
  readonly #sources: ListSource[]
  readonly #given = [0, 0, 0]
  /** How many connections had been tried by then. */
  #detachedAt: number | undefined
  #settledThen: number | undefined
  #stalled = false
  /** What the present connection allows. */
  #window = windowMax

  static async run(acts: readonly Act[]): Promise<void> {
    const history = new History()
    for (const act of acts) {
      await history.#make(act)
      history.#check()
    }
    await history.#finish()
  }

  constructor() {
    this.#sources = [0, 1, 2].map(() => this.#harness.source())
    this.#harness.link.open()
  }

  async #make(act: Act): Promise<void> {
    const { clock, wire } = this.#harness
    switch (act.is) {
      case 'give':
        this.#give(act.from, act.qos, act.count)
        break
      case 'answer':
        if (act.nth < wire.packets.length) wire.answer(act.nth, act.code)
        break
      case 'pass':
        await clock.advance(act.span)
        break
      case 'hang up':
        wire.hangUp()
        break
      case 'let in':
        this.#letIn(act.window)
        break
      case 'haunt':
        this.#haunt(act.connection, act.nth)
        break
      case 'stall':
        this.#stalled = true
        wire.stalled = true
        break
      case 'flush':
        this.#stalled = false
        wire.flush()
        break
      case 'detach':
        this.#detachedAt ??= this.#harness.broker.attempts.all.length
        this.#settledThen ??= this.#sources[2]?.settled.length
        this.#sources[2]?.detach()
        break
      default:
        act satisfies never
    }
    await clock.settle()
  }

  #give(from: number, qos: QoS, count: number): void {
    for (let times = 0; times < count; times++) {
      const number = this.#given[from] ?? 0
      this.#given[from] = number + 1
      this.#sources[from]?.send({ payload: `${from}:${number}`, qos })
    }
  }

  #letIn(receiveMaximum: number): void {
    const { link } = this.#harness
    link.retryNow()
    const { wire } = this.#harness
    if (link.state === 'connected' || wire.end !== undefined) return
    wire.stalled = this.#stalled
    this.#window = Math.min(windowMax, receiveMaximum)
    wire.accept({ receiveMaximum })
  }

  #haunt(connection: number, nth: number): void {
    const { link, broker } = this.#harness
    const { state, failure } = link
    const old = broker.attempts.all.slice(0, -1)[connection]
    old?.answerLate(nth)
    old?.acceptLate()
    old?.endLate({ kind: 'permanent', failure: { code: 'LOGIN_REFUSED', values: {} } })
    ;[link.state, link.failure].should.eql([state, failure], 'the past was heard')
  }

  /** Brings the link back, lets the broker acknowledge everything, and looks at the sum. */
  async #finish(): Promise<void> {
    const { clock, link } = this.#harness
    this.#stalled = false
    for (let left = 200; left > 0; left--) {
      if (link.state !== 'connected') await clock.advance(60_000)
      this.#letIn(windowMax)
      this.#harness.wire.flush()
      await clock.settle()
      for (const nth of this.#harness.wire.packets.keys()) this.#harness.wire.answer(nth)
      await clock.settle()
      this.#check()
      if (this.#done()) break
    }
    for (const [from, source] of this.#sources.entries()) {
      if (from < 2 || this.#detachedAt === undefined)
        source.settled.length.should.equal(this.#given[from])
    }
  }

  #done(): boolean {
    const whole = this.#detachedAt !== undefined ? this.#sources.slice(0, 2) : this.#sources
    return whole.every((source, from) => source.settled.length === this.#given[from])
  }

  #check(): void {
    const { all } = this.#harness.broker.attempts
    const answered = new Set([...all.flatMap(answeredOn), ...aloneAtEnds(all, 5)])
    for (const { settled } of this.#sources) {
      new Set(settled.map(payloadOf)).size.should.equal(settled.length, 'settled twice')
      settled.every((text) => answered.has(payloadOf(text))).should.equal(true, 'not confirmed')
    }
    const firsts = this.#firstSendings()
    for (const from of [0, 1, 2]) {
      const numbers = firsts.filter((text) => text.startsWith(`${from}:`)).map(numberOf)
      numbers.should.eql(
        numbers.toSorted((a, b) => a - b),
        'first sendings out of order',
      )
    }
    // A control goes before what it speaks for.
    if (aloneAtEnds(all, 2).length === 0) this.#checkReplay(firsts)
    this.#checkDetached()
    withinWindow(this.#harness.wire, this.#window).should.equal(true, 'window exceeded')
  }

  #checkDetached(): void {
    const since = this.#harness.broker.attempts.all.slice(this.#detachedAt ?? Number.MAX_VALUE)
    const { settled = [] } = this.#sources[2] ?? {}
    settled.length.should.equal(this.#settledThen ?? settled.length, 'settled when detached')
    const orphans = since.flatMap(({ payloads }) => payloads.filter(isDetachable))
    orphans.should.eql([], 'sent again after its source was detached')
  }

  #firstSendings(): string[] {
    const all = this.#harness.broker.attempts.all.flatMap(({ payloads }) => payloads)
    return [...new Set(all)]
  }

  /** What is settled now, or was sent before and is not, explains the present connection wholly. */
  #checkReplay(firsts: string[]): void {
    const { wire, broker } = this.#harness
    const before = new Set(broker.attempts.all.slice(0, -1).flatMap(({ payloads }) => payloads))
    const sent = wire.payloads
    const again = sent.filter((payload) => before.has(payload))
    sent.slice(0, again.length).should.eql(again, 'something new before the replay')
    const settled = new Set(this.#sources.flatMap((source) => source.settled.map(payloadOf)))
    const owed = firsts.filter(
      (payload) =>
        before.has(payload) &&
        (again.includes(payload) || !settled.has(payload)) &&
        !(this.#detachedAt !== undefined && isDetachable(payload)),
    )
    const kept = again.filter(
      (payload) => !(this.#detachedAt !== undefined && isDetachable(payload)),
    )
    kept.should.eql(owed.slice(0, kept.length), 'the replay does not begin at the oldest')
  }
}

/** Places from the oldest unanswered record of QoS 1 or 2 to the newest. */
function withinWindow(wire: FakeConnection, window: number): boolean {
  const asked = [...wire.packets.entries()].filter(([, { qos }]) => qos > 0)
  const oldest = asked.findIndex(([nth]) => !wire.answered.has(nth))
  return oldest < 0 || asked.length - oldest <= window
}

/** Payloads that were the only one out, so many times, when the connection ended. */
function aloneAtEnds(connections: readonly FakeConnection[], times: number): string[] {
  const alone = connections
    .filter(({ end }) => end === 'ended')
    .map(({ payloads, answered }) => payloads.filter((_, nth) => !answered.has(nth)))
    .flatMap((left) => (left.length === 1 ? left : []))
  return alone.filter((payload, at) => countOf(payload, alone.slice(0, at)) >= times - 1)
}

const countOf = (payload: string, all: readonly string[]): number =>
  all.filter((each) => each === payload).length
const answeredOn = ({ answered, payloads }: FakeConnection): string[] =>
  payloads.filter((_, nth) => answered.has(nth))
const isDetachable = (payload: string): boolean => payload.startsWith('2:')
const payloadOf = (settled: string): string => settled.split(' ')[0] ?? ''
const numberOf = (payload: string): number => Number(payload.split(':')[1])
