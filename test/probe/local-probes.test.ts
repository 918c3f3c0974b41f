/**
 * Checks that open no connection of their own: of a link, a heart, other nodes, this Node-RED, and
 * by a flow. What is found, and why.
 */

import should from 'should'
import { type Failure, Fault } from '../../src/base/fault.js'
import { type Instant, instant, ms } from '../../src/base/units.js'
import type { Ending } from '../../src/policy/outcome.js'
import { probeFlow } from '../../src/probe/flow.js'
import { heartbeatProbe } from '../../src/probe/heartbeat.js'
import { type LinkView, mqttProbe } from '../../src/probe/mqtt.js'
import { probeNodes } from '../../src/probe/nodes.js'
import { RuntimeProbe } from '../../src/probe/runtime.js'
import { type TestWorld, testWorld } from '../world/test-world.js'
import { failed, found } from './findings.js'

const timeout = ms(5000)

describe('a check over MQTT', () => {
  const link = (parts: Partial<LinkView> = {}): LinkView => ({
    ...{ isConnected: true, failure: undefined, confirmed: { count: 0, sumMs: 0 } },
    echo: () => ({ answer: new Promise(() => {}), stop: () => {} }),
    ...parts,
  })
  const mqtt = (world: TestWorld, linkOf: () => LinkView | undefined, topic = '') =>
    mqttProbe(world.clock, { topic, timeout }, linkOf, () => 'n1')

  it('is ok while connected, and takes confirmations since the last check for its time', async () => {
    const world = testWorld()
    const confirmed = { count: 10, sumMs: 10_000 }
    const probe = mqtt(world, () => link({ confirmed }))
    should(await found(world, probe())).eql({ is: 'ok', latencyMs: 1000 })
    should(await found(world, probe())).eql({ is: 'ok' })
    Object.assign(confirmed, { count: 14, sumMs: 10_080 })
    should(await found(world, probe())).eql({ is: 'ok', latencyMs: 20 })
  })

  it('fails with the reason that the link has', async () => {
    const world = testWorld()
    const failure: Failure = { code: 'LOGIN_REFUSED', values: { server: 'b:1883' } }
    const lost = mqtt(world, () => link({ isConnected: false, failure }))
    should(await found(world, lost())).eql({ is: 'failed', why: failure })
    const first = mqtt(world, () => link({ isConnected: false }))
    should(await found(world, first())).match(failed('not-connected'))
    should(await found(world, mqtt(world, () => undefined)())).match(failed('no-broker'))
  })

  it('with a topic waits for its own message to come back', async () => {
    const world = testWorld()
    const sent: string[][] = []
    let isStopped = false
    const echo: LinkView['echo'] = (...words) => {
      sent.push(words)
      const answer = new Promise<void>((resolve) => world.clock.wake(ms(7), resolve))
      const stop = () => {
        isStopped = true
      }
      return { answer, stop }
    }
    should(await found(world, mqtt(world, () => link({ echo }), 'test/gw1')(), 7)).eql({
      ...{ is: 'ok', latencyMs: 7 },
    })
    should([sent, isStopped]).eql([[['test/gw1', 'n1']], true])
    should(await found(world, mqtt(world, () => link(), 'test/gw1')(), 5000)).match(
      failed('timed-out'),
    )
    const error = new Fault('NOT_AUTHORISED', { topic: 'test/gw1' })
    const refused = link({ echo: () => ({ answer: Promise.reject(error), stop: () => {} }) })
    const { why } = await found(world, mqtt(world, () => refused, 'test/gw1')())
    should(why?.code).equal('NOT_AUTHORISED')
  })
})

describe('a check of a heart', () => {
  it('says nothing until a first beat could have come, then fails without one', async () => {
    const world = testWorld()
    const heart = heartbeatProbe(world.clock, { within: ms(30_000), phi: 'off' })
    should(await found(world, heart.probe())).eql({ is: 'ignored' })
    await world.clock.advance(30_001)
    should(await found(world, heart.probe())).match(failed('no-beat'))
    heart.beat()
    should(await found(world, heart.probe())).eql({ is: 'ok' })
    await world.clock.advance(30_001)
    should(await found(world, heart.probe())).match(failed('no-beat'))
  })

  it('with φ takes for dead what beats less regularly than it did', async () => {
    const world = testWorld()
    const heart = heartbeatProbe(world.clock, { within: ms(3_600_000), phi: 8 })
    for (let i = 0; i < 20; i++) {
      heart.beat()
      await world.clock.advance(1000)
    }
    should(await found(world, heart.probe())).eql({ is: 'ok' })
    await world.clock.advance(20_000)
    should(await found(world, heart.probe())).match(failed('irregular'))
  })
})

describe('a check of what nodes say', () => {
  const says = (fill: string, isThere = true) => ({ name: 'press', isThere, fill })
  const rows: readonly (readonly [string, readonly ReturnType<typeof says>[], object])[] = [
    ['nothing', [says('')], { is: 'ok' }],
    ['green and grey', [says('green'), says('grey')], { is: 'ok' }],
    ['yellow', [says('green'), says('yellow')], { is: 'poor' }],
    ['red', [says('yellow'), says('red')], failed('node-red', { node: 'press' })],
    ['gone', [says('green'), says('', false)], failed('node-gone', { node: 'press' })],
  ]
  for (const [what, nodes, finding] of rows) {
    it(`finds ${what}`, async () => {
      should(await probeNodes(() => nodes).found).match(finding)
    })
  }
})

describe('a check of this Node-RED', () => {
  const check = {
    ...{ timeout, loopDelay: ms(500), memory: 0.9, freeDisk: 0.1, oldestAge: ms(3_600_000) },
    openBreakers: true,
  }
  const view = (parts: object = {}) => ({
    ...{ memoryUsed: () => 0.5, space: async () => ({ free: 50, total: 100 }) },
    ...{ oldestAgeMs: async () => undefined, openBreakers: () => 0, ...parts },
  })
  const rows: readonly (readonly [string, object, object])[] = [
    ['well', {}, { is: 'ok' }],
    ['memory', { memoryUsed: () => 0.95 }, failed('memory', { share: '95%' })],
    ['disk', { space: async () => ({ free: 5, total: 100 }) }, failed('disk', { free: 5 })],
    ['a message that waits', { oldestAgeMs: async () => ms(3_600_001) }, { is: 'poor' }],
    ['an open breaker', { openBreakers: () => 2 }, { is: 'poor' }],
    ['no disk', { space: async () => Promise.reject(new Error('gone')) }, failed('other')],
    ['a silent disk', { space: () => new Promise(() => {}) }, failed('timed-out')],
  ]
  for (const [what, parts, finding] of rows) {
    it(`finds ${what}`, async () => {
      const world = testWorld()
      const runtime = new RuntimeProbe(world.clock, check, view(parts))
      should(await found(world, runtime.probe(), 5000)).match(finding)
      runtime.close()
      world.clock.pending.should.equal(0)
    })
  }

  it('finds a loop that was late, once', async () => {
    const world = testWorld()
    let ahead = 0
    const clock = {
      monotonic: (): Instant => instant(world.clock.monotonic() + ahead),
      wall: () => world.clock.wall(),
      wake: world.clock.wake.bind(world.clock),
      soon: world.clock.soon.bind(world.clock),
    }
    const runtime = new RuntimeProbe(clock, check, view())
    await world.clock.advance(499)
    ahead = 700
    await world.clock.advance(1)
    ahead = 0
    should(await runtime.probe().found).match(failed('loop', { time: 700 }))
    should(await runtime.probe().found).eql({ is: 'ok' })
    runtime.close()
  })
})

describe('a check by a flow', () => {
  const end = (parts: Partial<Ending>): Ending => ({
    ...{ outcome: 'ok', deliveries: 0, stillOpen: [], isHandedOver: false, tookMs: ms(1) },
    ...parts,
  })
  const blame = { code: 'NODE_ERROR', values: {}, kind: 'transient', text: 'too hot' } as const
  const rows: readonly (readonly [Ending, object])[] = [
    [end({}), { is: 'ok' }],
    [end({ outcome: 'failed', blame }), failed('reported', { what: 'too hot' })],
    [end({ outcome: 'timeout' }), failed('timed-out')],
    [end({ outcome: 'ignored' }), { is: 'ignored' }],
    [end({ outcome: 'interrupted' }), { is: 'ignored' }],
  ]
  for (const [ending, finding] of rows) {
    it(`takes ${ending.outcome} for what it is`, async () => {
      const world = testWorld()
      const exchange = { answer: Promise.resolve(ending), stop: () => {} }
      should(
        await found(
          world,
          probeFlow(world.clock, timeout, () => exchange),
        ),
      ).match(finding)
    })
  }
})
