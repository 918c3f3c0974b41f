/**
 * `circuit-breaker` in Node-RED, in front of a machine that falls sick: what passes, what is turned
 * away and with which words, what Catch and Complete hear, and what a restart leaves of it.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('circuit-breaker', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([circuitBreaker], breaker())
  })

  afterEach(() => flow.stop())

  it('hands messages on as they are, with its own fields and no command', async () => {
    await flow.send({ topic: 't', payload: { a: 1 }, resilience: { attempt: 3, reason: 'old' } })
    const [given] = flow.machine.given
    should(given).containEql({ topic: 't', payload: { a: 1 } })
    const { token, ...rest } = section(given)
    should(token).match(/^guard-\d+:\d+$/)
    should(rest).eql({ attempt: 3, breaker: { state: 'closed', probe: false } })
  })

  it('opens after five failures, and refuses with when and why', async () => {
    await sick(5)
    await flow.send({ payload: 'sixth' })
    flow.machine.given.length.should.equal(5)
    const refused = await flow.aside.nth(0)
    should(refused).containEql({ payload: 'sixth' })
    const retryAt = flow.clock.wall() + 30_000
    const breaker = { state: 'open', retryAt, cause: 'consecutive' }
    should(section(refused)).eql({ reason: 'refused', breaker })
    flow.caught.all.should.eql([])
  })

  it('closes again by itself after two good probes', async () => {
    await sick(5)
    flow.machine.state = 'well'
    flow.clock.advance(30_000)
    await flow.send({ payload: 'probe' })
    const { breaker } = section(flow.machine.given[5])
    should(breaker).eql({ state: 'half-open', probe: true })
    await flow.send({})
    should(await state()).containEql({ state: 'closed' })
  })

  it('takes no answer within the time-out for a failure', async () => {
    flow.machine.state = 'silent'
    for (let i = 0; i < 5; i++) flow.give({ payload: i })
    await flow.turns()
    flow.clock.advance(30_000)
    await flow.completed.first(5)
    should(await state()).containEql({ state: 'open', cause: 'consecutive' })
  })

  it('obeys a person, and tells its state', async () => {
    await flow.order('isolate', { by: 'ann' })
    should(await state()).containEql({ state: 'isolated', by: 'ann' })
    await flow.send({})
    flow.machine.given.should.eql([])
    await flow.order('reset')
    await flow.send({})
    flow.machine.given.length.should.equal(1)
  })

  it('answers an unknown command with an error', async () => {
    await flow.send({ resilience: { command: 'dance' } })
    should(codeOf(flow.caught.all[0])).equal('COMMAND_UNKNOWN')
  })

  it('tells why it opened and what other thresholds would have done', async () => {
    await sick(5)
    const { lastOpened } = await state()
    should(lastOpened).containEql({ cause: 'consecutive', calls: 5, failed: 5, inARow: 5 })
    const { whatIf, lastCalls } = lastOpened as { whatIf: object[]; lastCalls: object[] }
    should(whatIf[1]).containEql({ consecutive: 8 })
    should(lastCalls[0]).containEql({ is: 'failed', code: 'NODE_ERROR' })
  })

  it('ends with an error where nothing is wired to its second output', async () => {
    await flow.stop()
    flow = new GuardedFlow()
    await flow.start([circuitBreaker], { ...breaker(), wires: [['machine'], []] })
    flow.give({ resilience: { command: 'isolate' } })
    await flow.send({ payload: 1 })
    await flow.caught.first(1)
    should(codeOf(flow.caught.all[0])).equal('BREAKER_OPEN')
  })

  it('is still open after a restart, and closed when that took too long', async () => {
    await sick(5)
    await flow.stop()
    await flow.start([circuitBreaker], breaker())
    should(await state()).containEql({ state: 'open' })
    await flow.stop()
    flow.clock.advance(600_001)
    await flow.start([circuitBreaker], breaker())
    await flow.send({})
    should(await state()).containEql({ state: 'closed' })
  })

  it('keeps what a person ordered over any restart', async () => {
    await flow.order('disable', { by: 'ann' })
    await flow.stop()
    flow.clock.advance(86_400_000)
    await flow.start([circuitBreaker], breaker())
    should(await state()).containEql({ state: 'disabled', by: 'ann' })
  })

  it('has a breaker for each key', async () => {
    await flow.stop()
    await flow.start([circuitBreaker], breaker({ key: 'topic', keyType: 'msg' }))
    flow.machine.state = 'sick'
    for (let i = 0; i < 5; i++) await flow.send({ topic: 'press' })
    flow.machine.state = 'well'
    await flow.send({ topic: 'press' })
    await flow.send({ topic: 'oven' })
    flow.machine.given.length.should.equal(6)
    should(section(await flow.aside.nth(0))['breaker']).containEql({ key: 'press' })
  })

  it('learns the outcome that a flow sends back', async () => {
    await flow.stop()
    await flow.start([circuitBreaker], breaker({ outcomeMode: 'manual', consecutiveFailures: '1' }))
    flow.give({ payload: 1 })
    await flow.turns()
    const { token } = section(flow.machine.given[0])
    await flow.send({ resilience: { token, outcome: 'failed' } })
    should(await state()).containEql({ state: 'open' })
    await flow.send({ resilience: { token, outcome: 'ok' } })
    await flow.send({ resilience: { token: `${flow.id}:1`, outcome: 'ok' } })
    flow.caught.all.map(codeOf).should.eql(['TOKEN_SETTLED', 'TOKEN_UNKNOWN'])
  })

  const sick = async (count: number): Promise<void> => {
    flow.machine.state = 'sick'
    for (let i = 0; i < count; i++) await flow.send({ payload: i })
  }

  const state = async (): Promise<Record<string, unknown>> => {
    const [first] = (await flow.order('status')) as Record<string, unknown>[]
    return first ?? {}
  }
})

const breaker = (fields: object = {}) => ({
  ...{ type: 'circuit-breaker', backoffJitter: '0%' },
  ...fields,
})
