/** The events of the timeline as the page keeps and filters them. Without a browser. */

import fc from 'fast-check'
import should from 'should'
import {
  callsIn,
  eventsMax,
  families,
  fieldsOf,
  keyOf,
  merged,
  nodesIn,
  passes,
  type ToldEvent,
  thresholdOf,
} from '../../nodes/sidebar/told-events.js'
import { severities } from '../../src/base/event.js'
import { testSeed } from '../world/seeded-random.js'

describe('the timeline', () => {
  it('puts what is new before what it knows, each event once', () => {
    const known = events(5, 1)
    const read = events(7, 3)
    should(merged(known, read, false)?.map(({ number }) => number)).eql([7, 6, 5, 4, 3, 2, 1])
  })

  it('asks on while there may be others between', () => {
    should(merged(events(5, 1), events(20, 7), false)).be.undefined()
    should(merged([], events(20, 7), false)).be.undefined()
  })

  it('begins anew with Node-RED, where numbers begin anew', () => {
    const later = events(3, 1).map((event) => ({ ...event, at: event.at + 1_000_000 }))
    should(merged(events(200, 1), later, true)).eql(later)
    should(merged(events(200, 1), later, false)).be.undefined()
  })

  it('holds all events, newest first, however they come in pieces', () => {
    const lives = fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(lives, fc.integer({ min: 10, max: 100 }), (more, pieceMax) => {
        let [known, last] = [[] as readonly ToldEvent[], 0]
        for (const count of more) {
          last += count
          const all = events(last, Math.max(1, last - eventsMax + 1))
          known = readIn(known, all, pieceMax)
          if (!isSame(known, all)) return false
        }
        return true
      }),
      { seed: testSeed },
    )
  })

  it('has a family for every kind of event, and one only', () => {
    const familiesOf = (kind: string) =>
      Object.values(families).filter((starts) => starts.some((start) => kind.startsWith(start)))
    Object.keys(severities)
      .filter((kind) => familiesOf(kind).length !== 1)
      .should.eql([])
  })

  it('filters by family, node and severity together', () => {
    const opened = event(1, { kind: 'breaker.opened', severity: 'error', node: node('PLC') })
    const warned = event(2, { kind: 'queue.warned', severity: 'warning', node: node('orders') })
    const acted = event(3, { kind: 'person.acted', severity: 'info', node: node('PLC') })
    const all = [acted, warned, opened]
    const found = (filter: Partial<Parameters<typeof passes>[1]>) =>
      all
        .filter((each) => passes(each, { family: '', node: '', severity: '', ...filter }))
        .map(({ number }) => number)
    found({}).should.eql([3, 2, 1])
    found({ family: 'protection' }).should.eql([1])
    found({ node: 'PLC' }).should.eql([3, 1])
    found({ severity: 'warning' }).should.eql([2, 1])
    found({ severity: 'error', node: 'orders' }).should.eql([])
  })

  it('names each node once, by name', () => {
    const all = [event(1, { node: node('b') }), event(2, { node: node('a') }), event(3, {})]
    nodesIn([...all, ...all])
      .map(({ id }) => id)
      .should.eql(['a', 'b', 'node'])
  })

  it('shows the fields of a kind, and not what stands elsewhere', () => {
    const told = event(1, {
      ...{ kind: 'breaker.opened', key: '', cause: 'consecutive', openMs: 30_000 },
      ...{ calls: [], count: 5, watched: { id: 'x' } },
    })
    fieldsOf(told).should.eql([
      ['kind', 'breaker.opened'],
      ['cause', 'consecutive'],
      ['openMs', 30_000],
      ['count', 5],
    ])
  })

  it('takes the calls of an event only where it brings them', () => {
    const call = { at: 1, is: 'failed', tookMs: 3, code: 'HTTP_STATUS' }
    callsIn(event(1, { calls: [call] })).should.eql([call])
    callsIn(event(1, { calls: 5 })).should.eql([])
    callsIn(event(1, {})).should.eql([])
  })

  it('names the one threshold of each what-if', () => {
    const off = {
      consecutive: 'off',
      failureRate: 'off',
      slowRate: 'off',
      slowAfterMs: 2000,
    } as const
    should(thresholdOf({ ...off, consecutive: 8 })).eql({ key: 'whatIf.consecutive', figure: 8 })
    should(thresholdOf({ ...off, failureRate: 0.25 })).eql({
      key: 'whatIf.failureRate',
      figure: 25,
    })
    should(thresholdOf({ ...off, slowRate: 0.8 })).eql({ key: 'whatIf.slow', figure: 2000 })
  })
})

const node = (id: string) => ({ id, type: 'circuit-breaker', name: id, flow: 'Plant' })

function event(number: number, more: Readonly<Record<string, unknown>>): ToldEvent {
  return {
    ...{ number, kind: 'queue.held', at: number * 1000, severity: 'info', text: 'x' },
    node: node('node'),
    ...more,
  } as ToldEvent
}

/** Newest first, as the gateway lists them. */
function events(newest: number, oldest: number): readonly ToldEvent[] {
  return Array.from({ length: newest - oldest + 1 }, (_, at) => event(newest - at, {}))
}

/** Piece by piece, as the page does. */
function readIn(
  known: readonly ToldEvent[],
  all: readonly ToldEvent[],
  pieceMax: number,
): readonly ToldEvent[] {
  for (let count = pieceMax; ; count += pieceMax) {
    const whole = merged(known, all.slice(0, count), count >= all.length)
    if (whole !== undefined) return whole
  }
}

function isSame(one: readonly ToldEvent[], other: readonly ToldEvent[]): boolean {
  const [left, right] = [one, other].map((all) => all.map(keyOf).join())
  return left === right
}
