/**
 * The document of all nodes, worked out from tallies that the test makes up: what it sums, what it
 * calls operational, and that it holds what design.md section 8.10 asks for.
 */

import should from 'should'
import type {
  Balance,
  ConnectionTally,
  HealthWord,
  QueueTally,
  Tally,
} from '../../src/base/tally.js'
import { epochMs, ms } from '../../src/base/units.js'
import { type Reported, statusDocument } from '../../src/observe/status-document.js'
import { workOf } from '../../src/observe/work-of.js'

const running = { isRunning: true, orphans: 0, at: epochMs(7) }

describe('the status document', () => {
  it('is operational while flows run and every node takes messages', () => {
    should(statusDocument([], running).operational).equal(true)
    should(statusDocument([node({})], running).operational).equal(true)
    should(statusDocument([node({}), node({}, false)], running).operational).equal(false)
    should(statusDocument([], { ...running, isRunning: false }).operational).equal(false)
  })

  it('is connected while every link is, and tells of each link once', () => {
    const up = link('b1', 'connected')
    should(statusDocument([], running).connected).equal(true)
    const both = statusDocument([node({ link: up }), node({ link: up })], running)
    should([both.connected, both.links.length]).eql([true, 1])
    const one = statusDocument(
      [node({ link: up }), node({ link: link('b2', 'connecting') })],
      running,
    )
    should([one.connected, one.links.length]).eql([false, 2])
  })

  it('tells of each link what is asked for', () => {
    const [told] = statusDocument([node({ link: link('b1', 'connected') })], running).links
    should(told).eql({
      ...{ broker: 'b1', server: 'mqtt://b', state: 'connected' },
      ...{ connections: 3, disconnections: 2, reconnections: 1 },
      ...{ published: 10, stored: 12, failed: 1, consecutiveFailures: 0, lastAttemptAt: null },
    })
  })

  it('sums the balance of queues and dead letters, and says what is missing', () => {
    const queue = queueOf(balance({ accepted: 10, delivered: 4, waiting: 3, deadLettered: 1 }))
    const { balance: sum } = statusDocument([node({ queue }), node({ queue })], running)
    const dropped = { expired: 4 }
    should(sum).eql({
      ...{ accepted: 20, delivered: 8, waiting: 6, deadLettered: 2, dropped, difference: 0 },
    })
    const lost = queueOf(balance({ accepted: 11, delivered: 4, waiting: 3, deadLettered: 1 }))
    should(statusDocument([node({ queue: lost })], running).balance.difference).equal(1)
  })

  const worst: [HealthWord[], HealthWord][] = [
    [[], 'unknown'],
    [['healthy'], 'healthy'],
    [['healthy', 'unknown'], 'unknown'],
    [['unknown', 'degraded'], 'degraded'],
    [['degraded', 'unhealthy', 'healthy'], 'unhealthy'],
  ]
  for (const [given, expected] of worst) {
    it(`calls ${given.join(', ') || 'no monitor'} ${expected}`, () => {
      const all = given.map((status) => node({ health: { status, isPaused: false, checks: [] } }))
      should(statusDocument(all, running).health.status).equal(expected)
    })
  }

  it('counts breakers by state', () => {
    const states = { closed: 2, open: 1, 'half-open': 0, isolated: 0, disabled: 0 }
    const breaker = {
      ...{ states, shadow: 1, calls: {}, refused: 0, transitions: {} },
      callTime: { count: 0, sumMs: 0, buckets: [] },
    }
    const { breakers } = statusDocument([node({ breaker }), node({ breaker })], running)
    should(breakers).eql({
      ...{ closed: 4, open: 2, 'half-open': 0 },
      isolated: 0,
      disabled: 0,
      shadow: 2,
    })
  })
})

describe('the work of a node', () => {
  it('is nothing where nothing is counted', () => {
    should(workOf({})).eql({ waiting: undefined, done: undefined, perSecond: undefined })
  })

  it('is what a queue has delivered and what waits in it', () => {
    const queue = queueOf(balance({ accepted: 10, delivered: 4, waiting: 6, dropped: {} }))
    should(workOf({ queue })).eql({ waiting: 6, done: 4, perSecond: 2 })
  })

  it('is the sum of all outcomes where calls are counted', () => {
    const retry = { trying: 2, waiting: 1, attempts: { ok: 3, failed: 2 }, gaveUp: {} }
    should(workOf({ retry })).eql({ waiting: 1, done: 5, perSecond: undefined })
  })
})

function node(tally: Tally, open = true): Reported {
  const plot = { everyMs: ms(10_000), waiting: [], rate: [] }
  const report = {
    ...{ id: 'n', type: 't', name: '', flow: 'f', status: null, open, settings: 1, commands: [] },
    ...{ tally, oldestAt: null, perSecond: null, plot },
  }
  return { report, tally }
}

function balance(parts: Partial<Balance>): Balance {
  return {
    accepted: 0,
    delivered: 0,
    waiting: 0,
    deadLettered: 0,
    dropped: { expired: 2 },
    ...parts,
  }
}

function queueOf(whole: Balance): QueueTally {
  const syncs = { count: 0, sumMs: 0, buckets: [] }
  return {
    ...{ waiting: whole.waiting, bytes: 0, inFlight: 0, isPaused: false, isFull: false },
    ...{ limitRatio: 0, perSecond: 2, fullInMs: undefined, emptyInMs: undefined, redelivered: 0 },
    counted: { accepted: 0, delivered: 0, deadLettered: 0, dropped: {} },
    ...{ balance: whole, store: { directory: '/d', syncs, freeBytes: undefined, quarantined: 0 } },
  }
}

function link(broker: string, state: string): ConnectionTally {
  return {
    ...{
      broker,
      brokerName: '',
      state,
      server: 'mqtt://b',
      connections: 3,
      reconnections: 1,
      disconnections: 2,
    },
    ...{ disconnectionsBy: {}, published: 10, stored: 12, failed: 1, consecutiveFailures: 0 },
    ...{ inFlight: 0, lastAttemptAt: undefined, connectedAt: undefined, downSinceAt: undefined },
    ackLatency: { count: 0, sumMs: 0, buckets: [] },
  }
}
