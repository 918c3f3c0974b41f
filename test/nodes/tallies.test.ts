/**
 * What each kind of node counts, in Node-RED in front of a machine that falls sick: the figures
 * behind the sidebar, the status document and the metrics; and that they go on over a deploy.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { dlq } from '../../nodes/dlq/dlq.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { resilienceBulkhead } from '../../nodes/resilience-bulkhead/resilience-bulkhead.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import { GuardedFlow } from '../world/guarded-flow.js'

describe('what a node counts', () => {
  let flow: GuardedFlow
  const start = (form: object) =>
    flow.start([circuitBreaker, dlq, persistentQueue, resilienceBulkhead, resilienceRetry], form)
  const passes = async (span: number) => {
    flow.clock.advance(span)
    await flow.turns()
  }

  beforeEach(() => {
    flow = new GuardedFlow()
  })

  afterEach(() => flow.stop())

  it('is the balance, the level and the second attempts of a queue, over deploys', async () => {
    const queue = { type: 'persistent-queue', maxMessages: '10' }
    await start(queue)
    flow.machine.state = 'sick'
    for (const payload of [1, 2]) await flow.send({ payload })
    await flow.turns()
    const flowed = { deadLettered: 0, dropped: {} }
    const { store, ...before } = flow.tally.queue ?? {}
    should(before).containEql({ waiting: 2, isFull: false, limitRatio: 0.2, redelivered: 0 })
    should(before).containEql({ counted: { accepted: 2, delivered: 0, ...flowed } })
    should(store?.syncs.count).be.above(1)
    await flow.stop()
    await start(queue)
    flow.machine.state = 'well'
    await flow.send({ payload: 3 })
    for (let second = 0; second < 10; second++) await passes(1000)
    const { queue: after, outcomes } = flow.tally
    should(after?.counted).eql({ accepted: 3, delivered: 3, ...flowed })
    should(after?.balance).containEql({ accepted: 3, delivered: 3, waiting: 0 })
    should(after?.redelivered).equal(1)
    should(outcomes?.['ok']?.count).equal(3)
    should(outcomes?.['failed']?.count).equal(1)
  })

  it('is what is dropped of a queue, by reason', async () => {
    await start({ type: 'persistent-queue', maxMessages: '2', overflow: 'drop-newest' })
    flow.machine.state = 'silent'
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    await flow.turns()
    should(flow.tally.queue?.counted.dropped).eql({ overflow: 1 })
    should(flow.tally.queue).containEql({ isFull: true, limitRatio: 1 })
  })

  it('is calls, refusals and changes of a circuit breaker', async () => {
    await start({ type: 'circuit-breaker', consecutiveFailures: '2' })
    should(flow.tally.breaker?.states).containEql({ closed: 1, open: 0 })
    for (const payload of [1, 2, 3, 4]) {
      flow.machine.state = payload === 1 ? 'well' : 'sick'
      await flow.send({ payload })
    }
    const { states, calls, refused, transitions, callTime } = flow.tally.breaker ?? {}
    should(states).containEql({ closed: 0, open: 1 })
    should({ calls, refused }).eql({ calls: { ok: 1, failed: 2 }, refused: 1 })
    should(transitions).eql({ 'closed>open': 1 })
    should(callTime?.count).equal(3)
  })

  it('is attempts of a retry, and what it gave up', async () => {
    await start({ type: 'resilience-retry', attempts: '2' })
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    await flow.turns()
    should(flow.tally.retry).containEql({ trying: 1, waiting: 1, attempts: { failed: 1 } })
    await passes(60_000)
    should(flow.tally.retry).containEql({ trying: 0, waiting: 0, attempts: { failed: 2 } })
    should(flow.tally.retry?.gaveUp).eql({ 'max-attempts': 1 })
  })

  it('is who works, waits and was turned away at a bulkhead', async () => {
    await start({ type: 'resilience-bulkhead', maxInFlight: '1', maxWaiting: '1' })
    flow.machine.state = 'silent'
    for (const payload of [1, 2, 3]) flow.give({ payload })
    await flow.turns()
    const { waitTime, ...figures } = flow.tally.bulkhead ?? {}
    const refused = { overflow: 1 }
    should(figures).eql({ inFlight: 1, waiting: 1, limit: 1, admitted: 1, refused })
    should(waitTime?.count).equal(1)
  })

  it('is what arrived at a dead letter node, and what went round', async () => {
    await start({ type: 'dlq' })
    await flow.send({ payload: 1, resilience: { reason: 'timeout' } })
    await flow.send({ payload: 2 })
    should(flow.tally.letters).containEql({ waiting: 2, causes: 2, fresh: 2 })
    should(flow.tally.letters?.arrived).eql({ timeout: 1, operator: 1 })
    flow.machine.state = 'well'
    await flow.order('redrive', { all: true })
    for (let second = 0; second < 5; second++) await passes(1000)
    should(flow.tally.letters).containEql({ waiting: 0, redriven: { ok: 2 } })
    should(flow.tally.letters?.counted).containEql({ accepted: 2, delivered: 2 })
  })
})
