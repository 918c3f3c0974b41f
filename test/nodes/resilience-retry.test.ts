/**
 * `resilience-retry` in Node-RED, in front of a machine that falls sick: what each attempt is
 * given, what leaves when it gives up, and how it waits for a circuit breaker that it watches.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('resilience-retry', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([resilienceRetry], retry())
  })

  afterEach(() => flow.stop())

  it('gives each attempt a fresh copy of the message, with its number', async () => {
    flow.machine.state = 'sick'
    flow.give({ payload: { list: [1] } })
    await flow.turns()
    const [first] = flow.machine.given
    ;(first as { payload: { list: number[] } }).payload.list.push(2)
    flow.machine.state = 'well'
    await passes(500)
    const [, second] = flow.machine.given
    should(second).containEql({ payload: { list: [1] } })
    should([first, second].map((msg) => section(msg)['attempt'])).eql([1, 2])
    should(section(second)['token']).not.equal(section(first)['token'])
    should(section(second)['firstAt']).equal(section(first)['firstAt'])
    flow.completed.all.length.should.equal(1)
  })

  it('waits longer each time, and gives up after the last attempt with the reason', async () => {
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    for (const span of [499, 1, 1000, 2000, 4000]) await passes(span)
    flow.machine.given.length.should.equal(5)
    const { reason, attempt, failure } = section(await flow.aside.nth(0))
    should({ reason, attempt }).eql({ reason: 'max-attempts', attempt: 5 })
    should(failure).containEql({ code: 'NODE_ERROR', kind: 'transient', text: 'out of order' })
    flow.caught.all.should.eql([])
  })

  it('gives up at once what did not answer, for it may still be at work', async () => {
    flow.machine.state = 'silent'
    flow.give({ payload: 1 })
    await passes(30_000)
    should(section(await flow.aside.nth(0))['reason']).equal('timeout')
    flow.machine.given.length.should.equal(1)
  })

  it('ends with an error where nothing is wired to its second output', async () => {
    await flow.stop()
    await flow.start([resilienceRetry], retry({ attempts: '2', wires: [['machine'], []] }))
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    await passes(500)
    flow.caught.all.map(codeOf).should.eql(['NODE_ERROR'])
  })

  it('ends what waits as interrupted when it is closed', async () => {
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    await flow.turns()
    const answer = await flow.order('status')
    should(answer).containEql({ trying: 0, waiting: 1, retrying: 1, retryingMax: 3 })
    await flow.stop()
    await flow.start([resilienceRetry], retry())
    should(await flow.order('status')).containEql({ trying: 0, waiting: 0, retrying: 0 })
  })

  it('tries at once, or sets aside, when a person asks', async () => {
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    await flow.turns()
    should(await flow.order('flush')).eql({ released: 1 })
    flow.machine.given.length.should.equal(2)
    should(await flow.order('drop')).eql({ dropped: 1 })
    const reasons = flow.aside.all.map((msg) => section(msg)['reason'])
    reasons.filter((reason) => reason !== undefined).should.eql(['operator'])
  })

  it('waits for the breaker that it watches, and uses no attempt meanwhile', async () => {
    await flow.stop()
    const breaker = { id: 'watched', type: 'circuit-breaker', backoffJitter: '0%', wires: [[], []] }
    await flow.start([resilienceRetry, circuitBreaker], retry({ breaker: 'watched' }), [breaker])
    flow.giveTo('watched', { resilience: { command: 'open' } })
    await flow.turns()
    flow.give({ payload: 1 })
    await passes(29_999)
    flow.machine.given.should.eql([])
    await passes(1)
    flow.machine.given.map((msg) => section(msg)['attempt']).should.eql([1])
  })

  it('tries no message more often than it may around a breaker, and waits while that is open', async () => {
    await flow.stop()
    const inner = { id: 'inner', type: 'circuit-breaker', backoffJitter: '0%' }
    const wired = { ...inner, consecutiveFailures: '3', wires: [['machine'], []] }
    const outer = retry({ breaker: 'inner', attempts: '4', wires: [['inner'], ['aside']] })
    await flow.start([resilienceRetry, circuitBreaker], outer, [wired])
    flow.machine.state = 'sick'
    for (let i = 0; i < 3; i++) flow.give({ payload: i })
    await flow.turns()
    flow.machine.given.length.should.equal(3)
    await passes(20_000)
    flow.machine.given.length.should.equal(3)
    flow.machine.state = 'well'
    for (let i = 0; i < 60; i++) await passes(1000)
    flow.completed.all.length.should.equal(3)
    flow.machine.given.length.should.equal(6)
    flow.aside.all.should.eql([])
  })

  for (const [what, more] of [
    ['is missing', []],
    ['is another kind of node', [{ id: 'named', type: 'helper' }]],
    ['is disabled', [{ id: 'named', type: 'circuit-breaker', d: true }]],
  ] as const) {
    it(`tells once that the breaker that it watches ${what}, and tries without it`, async () => {
      await flow.stop()
      await flow.start([resilienceRetry, circuitBreaker], retry({ breaker: 'named' }), more)
      flow.log.filter((text) => text.endsWith('errors.SETTINGS_INVALID')).length.should.equal(1)
      await flow.send({ payload: 1 })
      flow.completed.all.length.should.equal(1)
    })
  }

  it('says nothing of a breaker that is there', async () => {
    await guarded(retry({ breaker: own('inner') }))
    flow.log.filter((text) => text.endsWith('errors.SETTINGS_INVALID')).should.eql([])
  })

  it('sends no second message to the one place that a breaker has free', async () => {
    await guarded(retry({ breaker: own('inner'), wires: [[own('inner')], ['aside']] }))
    flow.give({ payload: 1 })
    flow.give({ payload: 2 })
    await flow.turns()
    flow.machine.state = 'silent'
    flow.clock.advance(30_000)
    // A newcomer in the same turn, while the first probe is on its way.
    flow.give({ payload: 3 })
    flow.give({ payload: 4 })
    await flow.turns()
    flow.machine.given.length.should.equal(1)
    flow.machine.state = 'well'
    flow.machine.answer()
    for (let i = 0; i < 5; i++) await passes(1000)
    flow.machine.given.length.should.equal(4)
    flow.completed.all.length.should.equal(4)
    flow.aside.all.filter((msg) => section(msg)['reason'] !== undefined).should.eql([])
  })

  it('gives up at its deadline what a breaker held back all the time, by that reason', async () => {
    await guarded(retry({ breaker: own('inner'), deadline: '10s' }))
    flow.give({ payload: 1 })
    await passes(10_000)
    const { reason, attempt, failure } = section(flow.aside.all.at(-1))
    should({ reason, attempt }).eql({ reason: 'deadline', attempt: 0 })
    should(failure).containEql({ code: 'BREAKER_OPEN' })
  })

  it('sends the next when one that was on its way did not come to the breaker', async () => {
    const elsewhere = { id: 'elsewhere', type: 'helper' }
    await guarded(retry({ breaker: own('inner'), wires: [['elsewhere'], ['aside']] }), elsewhere)
    flow.give({ payload: 1 })
    flow.give({ payload: 2 })
    await passes(30_000)
    await flow.turns()
    flow.completed.all.length.should.equal(2)
  })

  it('does not wait for its own message where a retry around it watches the same breaker', async () => {
    const within = retry({
      id: own('within'),
      breaker: own('inner'),
      wires: [[own('inner')], ['aside']],
    })
    await guarded(retry({ breaker: own('inner'), wires: [[own('within')], ['aside']] }), within)
    for (let payload = 0; payload < 3; payload++) flow.give({ payload })
    for (let i = 0; i < 35; i++) await passes(1000)
    flow.completed.all.length.should.equal(3)
    flow.machine.given.length.should.equal(3)
    flow.aside.all.filter((msg) => section(msg)['reason'] !== undefined).should.eql([])
  })

  /** What is kept on disk belongs to an id: another one for each flow. */
  const own = (name: string) => `${flow.id}-${name}`

  /** An open breaker before the machine. */
  const guarded = async (guard: object, ...more: object[]): Promise<void> => {
    await flow.stop()
    const inner = { id: own('inner'), type: 'circuit-breaker', backoffJitter: '0%' }
    const wired = { ...inner, wires: [['machine'], ['aside']] }
    await flow.start([resilienceRetry, circuitBreaker], guard, [wired, ...more])
    flow.giveTo(own('inner'), { resilience: { command: 'open' } })
    await flow.turns()
  }

  const passes = async (spanMs: number): Promise<void> => {
    await flow.turns()
    flow.clock.advance(spanMs)
    await flow.turns()
  }
})

const retry = (fields: object = {}) => ({
  ...{ type: 'resilience-retry', backoffJitter: '0%' },
  ...fields,
})
