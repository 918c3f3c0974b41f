/**
 * Breaker, retry and bulkhead inside one another, in Node-RED, with a clock that a test advances:
 * what the outer one learns of the inner one's end, and that its time-out stands still meanwhile.
 * All orders in front of a real server are in guarded.plant.test.ts.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { resilienceBulkhead } from '../../nodes/resilience-bulkhead/resilience-bulkhead.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

const rooms = [circuitBreaker, resilienceRetry, resilienceBulkhead]

describe('one guard around another', () => {
  let flow: GuardedFlow

  beforeEach(() => {
    flow = new GuardedFlow()
  })

  afterEach(() => flow.stop())

  it('does not time out while the inner one waits between attempts', async () => {
    await start(breaker(), retry({ backoffInitial: '60s', attempts: '2' }))
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    await passes(59_000)
    flow.machine.state = 'well'
    await passes(1_000)
    flow.completed.all.length.should.equal(1)
    should(await breakerState()).containEql({ state: 'closed', calls: 1, failed: 0, inFlight: 0 })
  })

  it('does not time out while the inner one waits for a breaker elsewhere', async () => {
    const elsewhere = { ...breaker(), id: own('elsewhere'), wires: [[], []] }
    await start(breaker({ outcomeTimeout: '10s' }), retry({ breaker: own('elsewhere') }), [
      elsewhere,
    ])
    flow.giveTo(own('elsewhere'), { resilience: { command: 'open' } })
    await flow.turns()
    flow.give({ payload: 1 })
    await passes(29_000)
    flow.completed.all.should.eql([])
    await passes(1_000)
    flow.completed.all.length.should.equal(1)
    should(await breakerState()).containEql({ calls: 1, failed: 0 })
  })

  it('does not time out while the inner one keeps a message in its waiting room', async () => {
    const few = bulkhead({ maxInFlight: '1', maxWait: '1h', outcomeTimeout: '1h' })
    await start(breaker({ outcomeTimeout: '10s' }), few)
    flow.machine.state = 'silent'
    flow.give({ payload: 1 })
    flow.give({ payload: 2 })
    await passes(60_000)
    flow.completed.all.should.eql([])
    for (let i = 0; i < 2; i++) {
      flow.machine.answer()
      await flow.turns()
    }
    should(await breakerState()).containEql({ calls: 2, failed: 0 })
  })

  it('does not repeat what the inner one found to be hopeless', async () => {
    await start(retry(), retry())
    flow.machine.state = 'sick'
    flow.machine.sickness = Object.assign(new Error('too much'), { code: 'PAYLOAD_TOO_LARGE' })
    flow.give({ payload: 1 })
    for (let i = 0; i < 9; i++) await passes(1_000)
    flow.machine.given.length.should.equal(1)
    const last = section(flow.aside.all.at(-1))
    should(last).containEql({ reason: 'permanent', attempt: 1 })
    should(last['failure']).containEql({ code: 'PAYLOAD_TOO_LARGE', kind: 'permanent' })
  })

  it('does not repeat what may still be at work inside', async () => {
    await start(retry(), retry())
    flow.machine.state = 'silent'
    flow.give({ payload: 1 })
    await passes(30_000)
    for (let i = 0; i < 9; i++) await passes(1_000)
    flow.machine.given.length.should.equal(1)
    flow.aside.all.map((msg) => section(msg)['reason']).should.eql(['timeout', 'timeout'])
  })

  it('does not repeat it either where the inner one has to report an error of its own', async () => {
    await start(retry(), retry({ wires: [['machine'], []] }))
    flow.machine.state = 'silent'
    flow.give({ payload: 1 })
    await passes(30_000)
    for (let i = 0; i < 9; i++) await passes(1_000)
    flow.machine.given.length.should.equal(1)
    flow.aside.all.map((msg) => section(msg)['reason']).should.eql(['timeout'])
  })

  it('multiplies attempts where a retry stands around a retry, and no more', async () => {
    await start(retry({ attempts: '2' }), retry({ attempts: '3' }))
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    for (let i = 0; i < 20; i++) await passes(1_000)
    flow.machine.given.length.should.equal(6)
    flow.caught.all.should.eql([])
    const [first] = flow.machine.given
    should(section(first)['token']).match(/^guard-\d+-inner:\d+ guard-\d+:\d+$/)
  })

  it('takes a status for failed by its own rule, though the inner one does not', async () => {
    await start(retry(), breaker())
    flow.machine.status = 404
    flow.give({ payload: 1 })
    await passes(1_000)
    flow.machine.given.length.should.equal(1)
    const last = section(flow.aside.all[0])
    should(last).containEql({ reason: 'permanent', attempt: 1 })
    should(last['failure']).containEql({ code: 'HTTP_STATUS', kind: 'permanent' })
  })

  it('does not mind a status that the inner one has mended', async () => {
    await start(breaker(), retry())
    flow.machine.status = 503
    flow.give({ payload: 1 })
    await flow.turns()
    flow.machine.status = undefined
    await passes(1_000)
    flow.machine.given.length.should.equal(2)
    should(await breakerState()).containEql({ calls: 1, failed: 0 })
  })

  it('counts a message once that the inner one gave up after several attempts', async () => {
    await start(breaker(), retry({ attempts: '3' }))
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    for (let i = 0; i < 5; i++) await passes(1_000)
    flow.machine.given.length.should.equal(3)
    should(await breakerState()).containEql({ state: 'closed', calls: 1, failed: 1 })
  })

  for (const outer of ['circuit-breaker', 'resilience-bulkhead']) {
    it(`takes a refusal inside a ${outer} for no failure`, async () => {
      const guard = outer === 'circuit-breaker' ? breaker() : bulkhead({ adaptive: true })
      await start(guard, breaker())
      flow.giveTo(own('inner'), { resilience: { command: 'isolate' } })
      await flow.turns()
      for (let payload = 0; payload < 9; payload++) await flow.send({ payload })
      flow.machine.given.should.eql([])
      const state = await breakerState()
      const expected = outer === 'circuit-breaker' ? { state: 'closed', calls: 0 } : { limit: 10 }
      should(state).containEql({ ...expected, inFlight: 0 })
      flow.caught.all.should.eql([])
    })
  }

  it('uses no attempt for a refusal inside, through a bulkhead too', async () => {
    const inner = { ...breaker(), id: own('innermost'), wires: [['machine'], ['aside']] }
    const between = bulkhead({ wires: [[own('innermost')], ['aside']] })
    await start(retry({ attempts: '2' }), between, [inner])
    flow.giveTo(own('innermost'), { resilience: { command: 'open' } })
    await flow.turns()
    flow.give({ payload: 1 })
    for (let i = 0; i < 30; i++) await passes(1_000)
    flow.machine.given.map((msg) => section(msg)['attempt']).should.eql([1])
    flow.completed.all.length.should.equal(1)
  })

  it('uses no attempt where the inner one has no retries left to give', async () => {
    const few = retry({ retryBudget: '20%', backoffInitial: '5m', backoffMax: '5m' })
    await start(retry({ attempts: '2', backoffMax: '1s' }), few)
    flow.machine.sickOf = () => true
    // Three wait inside for minutes, and hold all retries that there are.
    for (let payload = 0; payload < 4; payload++) {
      flow.give({ payload })
      await flow.turns()
    }
    for (let i = 0; i < 5; i++) await passes(1_000)
    const spent = flow.aside.all.map((msg) => [msg['payload'], section(msg)['reason']])
    spent.length.should.be.above(3)
    spent.filter((each) => String(each) !== '3,budget').should.eql([])
    flow.machine.sickOf = () => false
    await passes(1_000)
    flow.completed.all.map((msg) => msg['payload']).should.eql([3])
  })

  it('does not take what the inner one writes to the log for the end of a message', async () => {
    await start(retry(), breaker({ slowRate: '50%', slowAfter: '1s', minimumCalls: '1' }))
    flow.machine.state = 'silent'
    flow.give({ payload: 1 })
    await passes(2_000)
    flow.machine.state = 'well'
    // Well, but so slow that the breaker opens, which is an error in the log.
    flow.machine.answer()
    for (let i = 0; i < 40; i++) await passes(1_000)
    flow.log.filter((text) => text.endsWith('breaker.opened')).length.should.equal(1)
    flow.machine.given.length.should.equal(1)
    flow.completed.all.length.should.equal(1)
  })

  it('keeps two breakers apart, each with its own verdict', async () => {
    await start(breaker({ consecutiveFailures: '3' }), breaker({ consecutiveFailures: '2' }))
    flow.machine.state = 'sick'
    for (let payload = 0; payload < 6; payload++) await flow.send({ payload })
    flow.machine.given.length.should.equal(2)
    should(await breakerState()).containEql({ state: 'closed', calls: 2, failed: 2 })
    const refused = flow.aside.all.filter((msg) => section(msg)['reason'] === 'refused')
    refused.length.should.equal(4)
  })

  it('tells no Catch node of what a message inside has ended with', async () => {
    await start(bulkhead(), retry({ attempts: '2', wires: [[own('innermost')], ['aside']] }), [
      { ...breaker(), id: own('innermost'), wires: [['machine'], ['aside']] },
    ])
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    await passes(1_000)
    flow.machine.given.length.should.equal(2)
    flow.completed.all.length.should.equal(1)
    flow.caught.all.map(codeOf).should.eql([])
  })

  /** Nodes of their own for each test: what is kept on disk belongs to an id. */
  const own = (name: string) => `${flow.id}-${name}`

  /** The second one is behind the first, and in front of the machine. */
  const start = (outer: object, inner: object, more: object[] = []): Promise<void> =>
    flow.start(rooms, { ...outer, wires: [[own('inner')], ['aside']] }, [
      { wires: [['machine'], ['aside']], ...inner, id: own('inner') },
      ...more,
    ])

  const passes = async (spanMs: number): Promise<void> => {
    await flow.turns()
    flow.clock.advance(spanMs)
    await flow.turns()
  }

  const breakerState = async (): Promise<object> => {
    const [first] = (await flow.order('status')) as object[]
    return first ?? {}
  }
})

const breaker = (fields: object = {}) => ({
  ...{ type: 'circuit-breaker', backoffJitter: '0%' },
  ...fields,
})
const retry = (fields: object = {}) => ({
  ...{ type: 'resilience-retry', backoffJitter: '0%', retryBudget: 'off' },
  ...fields,
})
const bulkhead = (fields: object = {}) => ({ type: 'resilience-bulkhead', ...fields })
