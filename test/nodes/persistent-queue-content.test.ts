/**
 * What is kept of a message and what comes back; and the words of the status, trouble first.
 */

import should from 'should'
import { keyOf, restored, stored } from '../../nodes/common/content.js'
import { statusOf } from '../../nodes/persistent-queue/persistent-queue.status.js'
import { epochMs, instant } from '../../src/base/units.js'
import { Pace } from '../../src/delivery/pace.js'

const accepted = { key: '', firstAt: epochMs(5) }

function back(msg: object, key = '', leavesOut = false) {
  const { codec, bytes } = stored({ ...msg }, { ...accepted, key }, leavesOut)
  return restored({ codec, payload: bytes })
}

describe('the content of a queue', () => {
  it('comes back as it was, in everything that can be kept', () => {
    const payload = {
      ...{ bytes: Buffer.from([1, 2]), date: new Date(5), big: 12n, none: undefined },
      ...{ nan: Number.NaN, map: new Map([[1, new Set(['a'])]]), view: new Float32Array([1.5]) },
    }
    should(back({ _msgid: 'm', payload })).eql({
      ...{ _msgid: 'm', payload },
      resilience: { firstAt: 5 },
    })
  })

  it('keeps what others wrote, but for what spoke to this node only', () => {
    const resilience = { breaker: { state: 'closed' }, token: 'a:1', outcome: 'ok', key: 'old' }
    should(back({ resilience })['resilience']).eql({ breaker: { state: 'closed' }, firstAt: 5 })
    should(back({ resilience }, 'press-3')['resilience']).containEql({ key: 'press-3' })
  })

  it('is not changed by what the flow does to a buffer', () => {
    const { codec, bytes } = stored({ payload: Buffer.from([1]) }, accepted, false)
    const record = { codec, payload: bytes }
    ;(restored(record)['payload'] as Buffer)[0] = 9
    should(restored(record)['payload']).eql(Buffer.from([1]))
  })

  it('refuses what cannot be kept by its path, or leaves it out', () => {
    const circle: Record<string, unknown> = { n: 1 }
    circle['self'] = circle
    const rows: readonly [object, path: string, kept: object][] = [
      [{ req: { go: () => 1, url: '/' } }, 'req.go', { req: { url: '/' } }],
      [{ payload: [1, Symbol('x'), 3] }, 'payload[1]', { payload: [1, undefined, 3] }],
      [
        { payload: { a: new Map([[1, () => 1]]), b: 2 } },
        'payload.a.value0',
        { payload: { b: 2 } },
      ],
      [{ payload: circle }, 'payload.self', { payload: { n: 1 } }],
      [{ payload: { a: null } }, '', { payload: { a: null } }],
    ]
    for (const [msg, path, kept] of rows) {
      if (path !== '') {
        const refused = { code: 'PAYLOAD_UNSTORABLE', values: { path } }
        should(() => back(msg)).throw(refused as never)
      }
      const { resilience: _, ...rest } = back(msg, '', true)
      should(rest).eql(kept)
    }
  })

  it('is called by its key, or by its id where it has none', () => {
    const record = (key: string) => {
      const { codec, bytes } = stored({ payload: 1 }, { ...accepted, key }, false)
      const place = { sequence: 1, id: 'q-1', storedAt: 5, lane: 0, bytes: 9 }
      return { ...place, codec, payload: bytes }
    }
    keyOf(record('press-3')).should.equal('press-3')
    keyOf(record('')).should.equal('q-1')
  })
})

describe('the status of a queue', () => {
  const rows: readonly [given: Given, key: string][] = [
    [{}, 'status.empty'],
    [{ waiting: 5, out: 1 }, 'status.waiting'],
    [{ waiting: 5, out: 1, growth: 3 }, 'status.waiting'],
    [{ waiting: 999, out: 1, growth: 3 }, 'status.waiting'],
    [{ waiting: 1000, out: 1, growth: 3 }, 'status.filling'],
    [{ waiting: 5, wait: 'back-off' }, 'status.retry'],
    [{ waiting: 5, wait: 'road' }, 'status.retry'],
    [{ waiting: 5, wait: 'no-receiver' }, 'status.no-receiver'],
    [{ waiting: 5, isGated: true }, 'status.held'],
    [{ waiting: 0, isGated: true }, 'status.empty'],
    [{ waiting: 5, hold: 'silence', wait: 'silence' }, 'status.waiting-for'],
    [{ waiting: 5, isPaused: true, isGated: true }, 'status.paused'],
    [{ waiting: 5, isPaused: true, gaveUp: 2 }, 'status.gave-up'],
    [{ waiting: 5, isFull: true, gaveUp: 2 }, 'status.full'],
    [{ damaged: 2 }, '@holdfast/node-red-resilience/common:status.damaged'],
  ]
  for (const [given, key] of rows) {
    it(`is ${key.replace(/^.*status\./, '')} for ${JSON.stringify(given)}`, () => {
      statusOf(shown(given)).key.should.equal(key)
    })
  }

  it('tells the time to the next attempt, and when it is full', () => {
    should(statusOf(shown({ waiting: 1204, wait: 'back-off' })).values).eql({
      ...{ time: '12 s', count: 1204 },
    })
    const left = (perSecond: number) =>
      statusOf(shown({ waiting: 1000, out: 1, growth: perSecond })).values?.['left']
    ;[1, 10, 100, 1000].map(left).should.eql(['28 h', '2.8 h', '0.3 h', '99 s'])
  })
})

interface Given {
  readonly waiting?: number
  readonly out?: number
  readonly wait?: string
  readonly hold?: string
  readonly isGated?: boolean
  readonly isPaused?: boolean
  readonly isFull?: boolean
  readonly gaveUp?: number
  readonly damaged?: number
  /** Messages a second. */
  readonly growth?: number
}

/** Only what the status looks at. */
function shown(given: Given): Parameters<typeof statusOf>[0] {
  const { waiting = 0, out = 0, wait, hold, growth = 0, gaveUp = 0, damaged = 0 } = given
  const { isGated = false, isPaused = false, isFull = false } = given
  const queue = { waiting, bytes: 0, isFull, damaged, drops: { total: 3 } }
  const releaser = {
    ...{ isGated, isPaused, state: { out, hold: hold && { for: hold } } },
    wait: wait && { for: wait, until: instant(12_000) },
    holdEnding: { stillOpen: [{ id: 'n', type: 'http request' }] },
  }
  const pace = new Pace({ waiting: 0, bytes: 0, delivered: 0 }, instant(0))
  pace.sample({ waiting: growth, bytes: 0, delivered: 35 }, instant(1000))
  const limits = { maxMessages: 100_000, maxBytes: 1 << 28 }
  return { queue, releaser, pace, limits, gaveUp, now: instant(0) } as never
}
