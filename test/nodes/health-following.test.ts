/**
 * A circuit breaker and a persistent queue that follow a health monitor without a wire, in
 * Node-RED: what opens and holds, what closes and goes on, and what a monitor that knows nothing
 * leaves alone.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { healthMonitor } from '../../nodes/health-monitor/health-monitor.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import type { FakeServer } from '../world/fake-network.js'
import { GuardedFlow, section } from '../world/guarded-flow.js'

const rooms = [circuitBreaker, healthMonitor, persistentQueue]

describe('a circuit breaker that follows a health monitor', () => {
  let flow: GuardedFlow
  let server: FakeServer

  beforeEach(() => {
    flow = new GuardedFlow()
    server = flow.network.serve('erp:80', { http: () => ({ status: 200, text: '' }) })
  })

  afterEach(() => flow.stop())

  it('opens when that says unhealthy, before any message has failed', async () => {
    await start()
    await isDown()
    await flow.send({ payload: 1 })
    should(flow.machine.given).eql([])
    should(section(flow.aside.all[0])).match({ breaker: { state: 'open', cause: 'monitor' } })
  })

  it('stays open as long as that says so, past its own cool-down', async () => {
    await start()
    await isDown()
    for (let i = 0; i < 10; i++) {
      await passes(30_000)
      await check()
    }
    should(await state()).equal('open')
  })

  it('closes by the checks of the monitor alone when there is no traffic', async () => {
    await start()
    await isDown()
    await isUp()
    should(await state()).equal('half-open')
    await check()
    await check()
    should(await state()).equal('closed')
    should(flow.machine.given).eql([])
  })

  it('lets probes through as soon as it is healthy, and judges by them where there are any', async () => {
    await start()
    await isDown()
    await isUp()
    flow.machine.state = 'sick'
    await flow.send({ payload: 1 })
    await flow.send({ payload: 2 })
    should(await state()).equal('open')
  })

  it('acts on its own while the monitor is paused, or not there', async () => {
    await start()
    await isDown()
    flow.giveTo(idIn(flow), { resilience: { command: 'pause' } })
    await flow.turns()
    await passes(31_000)
    await flow.send({ payload: 1 })
    await flow.send({ payload: 2 })
    should(await state()).equal('closed')
    await flow.stop()
    await flow.start(rooms, { ...breaker, monitor: 'nowhere' })
    await flow.send({ payload: 3 })
    should(flow.machine.given.length).equal(3)
  })

  it('goes on as it was while a deploy replaces the monitor', async () => {
    await start()
    await isDown()
    await flow.stop()
    await start()
    await flow.send({ payload: 1 })
    should(flow.machine.given).eql([])
  })

  it('with a key opens for every value, also for those to come', async () => {
    await start({ key: 'topic', keyType: 'msg' })
    await flow.send({ topic: 'press' })
    await isDown()
    await flow.send({ topic: 'press' })
    await flow.send({ topic: 'oven' })
    should(flow.machine.given.length).equal(1)
  })

  const start = (fields: object = {}) =>
    flow.start(rooms, { ...breaker, monitor: idIn(flow), ...fields }, [monitorIn(flow)])

  const check = () => checked(flow)

  async function isDown(): Promise<void> {
    await check()
    server.http = () => ({ status: 503, text: '' })
    for (let i = 0; i < 3; i++) await check()
  }

  async function isUp(): Promise<void> {
    server.http = () => ({ status: 200, text: '' })
    for (let i = 0; i < 2; i++) await check()
  }

  const passes = async (spanMs: number): Promise<void> => {
    flow.clock.advance(spanMs)
    await flow.turns()
  }

  const state = async (): Promise<unknown> => {
    const [first] = (await flow.order('status')) as { state: string }[]
    return first?.state
  }
})

describe('a persistent queue that follows a health monitor', () => {
  let flow: GuardedFlow
  let server: FakeServer

  beforeEach(() => {
    flow = new GuardedFlow()
    server = flow.network.serve('erp:80', { http: () => ({ status: 200, text: '' }) })
  })

  afterEach(() => flow.stop())

  it('hands on while it is healthy, unknown or degraded, and waits while it is not', async () => {
    const queue = { type: 'persistent-queue', monitor: idIn(flow), maxInFlight: '100' }
    await flow.start(rooms, queue, [monitorIn(flow)])
    await flow.send({ payload: 1 })
    await checked(flow)
    await flow.send({ payload: 2 })
    server.http = () => ({ status: 503, text: '' })
    for (let i = 0; i < 3; i++) await checked(flow)
    await flow.send({ payload: 3 })
    await settled()
    should(payloads()).eql([1, 2])
    should(await flow.order('status')).containEql({ waiting: 1, held: true })
    server.http = () => ({ status: 200, text: '' })
    for (let i = 0; i < 2; i++) await checked(flow)
    await settled()
    should(payloads()).eql([1, 2, 3])
  })

  const payloads = () => flow.machine.given.map(({ payload }) => payload)

  async function settled(): Promise<void> {
    flow.clock.advance(1000)
    await flow.turns()
    await flow.turns()
  }
})

describe('a health monitor that looks at circuit breakers', () => {
  let flow: GuardedFlow

  beforeEach(() => {
    flow = new GuardedFlow()
  })

  afterEach(() => flow.stop())

  for (const [what, key] of [
    ['one for all messages', {}],
    ['one for each key', { key: 'topic', keyType: 'msg' }],
  ] as const) {
    it(`is only degraded while one is open, ${what}`, async () => {
      const lenient = { loopDelay: '60s', memory: '100%', freeDisk: '0%', openBreakers: true }
      const runtime = { ...monitorIn(flow), probes: [{ kind: 'runtime', ...lenient }] }
      await flow.start(rooms, { ...breaker, ...key }, [{ ...runtime, downAfter: '1' }])
      await checked(flow)
      should(statusIn(flow)).equal('healthy')
      flow.machine.state = 'sick'
      await flow.send({ topic: 'press' })
      await checked(flow)
      should(statusIn(flow)).equal('degraded')
    })
  }

  const statusIn = (one: GuardedFlow) => one.hall.healths.statusOf(idIn(one))
})

const breaker = {
  ...{ type: 'circuit-breaker', backoffJitter: '0%' },
  ...{ consecutiveFailures: '1', probes: '2', probeSuccesses: '2' },
}

/** Another for each flow: what it remembers belongs to its id. */
const idIn = ({ id }: GuardedFlow): string => `${id}-monitor`

const monitorIn = (flow: GuardedFlow) => ({
  ...{ id: idIn(flow), type: 'health-monitor', interval: '1d', wires: [[], []] },
  probes: [{ kind: 'http', url: 'http://erp/' }],
})

async function checked(flow: GuardedFlow): Promise<void> {
  flow.giveTo(idIn(flow), { resilience: { command: 'check' } })
  await flow.turns()
}
