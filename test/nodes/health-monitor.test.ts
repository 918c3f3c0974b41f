/**
 * `health-monitor` in Node-RED, with servers in a network of memory and a clock that a test
 * advances: what it says on which output and when, what it obeys, and what a deploy leaves of it.
 */

import should from 'should'
import { healthMonitor } from '../../nodes/health-monitor/health-monitor.js'
import type { FakeServer } from '../world/fake-network.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('health-monitor', () => {
  let flow: GuardedFlow
  let server: FakeServer

  beforeEach(() => {
    flow = new GuardedFlow()
    server = flow.network.serve('erp:80', { http: () => ({ status: 200, text: '' }) })
  })

  afterEach(() => flow.stop())

  it('says healthy once when the first check ends well, and tells each check beside', async () => {
    await start({ name: 'ERP' })
    await passes(3_000)
    await passes(60_000)
    should(changes()).eql(['healthy'])
    const [first] = flow.machine.given
    should(first).containEql({ topic: 'ERP', payload: 'healthy' })
    should(health(first)).containEql({ previous: 'unknown', changed: true })
    should(flow.aside.all.length).be.within(2, 4)
    should(health(flow.aside.all.at(-1))).match({
      ...{ status: 'healthy', previous: 'healthy', changed: false, consecutiveFailures: 0 },
      checks: [{ label: 'erp', kind: 'http', status: 'healthy' }],
    })
  })

  it('says unhealthy after three failures, healthy after two good ones', async () => {
    await start()
    await passes(3_000)
    goDown()
    await checked()
    await checked()
    should(changes()).eql(['healthy'])
    await checked()
    should(changes()).eql(['healthy', 'unhealthy'])
    const said = health(flow.machine.given[1])
    should(said).match({ previous: 'healthy', consecutiveFailures: 3 })
    should(said).match({ checks: [{ status: 'unhealthy' }] })
    comeBack()
    await checked()
    await checked()
    should(changes()).eql(['healthy', 'unhealthy', 'healthy'])
  })

  it('checks every 3 s while a change is near, and every 30 s otherwise', async () => {
    await start()
    await passes(3_000)
    goDown()
    const before = flow.network.begun
    await passes(27_000)
    await passes(6_000)
    for (let i = 0; i < 3; i++) await passes(3_300)
    should(changes()).eql(['healthy', 'unhealthy'])
    const near = flow.network.begun - before
    near.should.be.within(3, 4)
    for (let i = 0; i < 10; i++) await passes(3_000)
    should(flow.network.begun - before - near).be.within(0, 2)
  })

  it('leaves out what is due while the last check is under way, and counts it', async () => {
    server.manner = 'silent'
    await start({ interval: '1s', probes: [row({ timeout: '5m' })] })
    for (let i = 0; i < 30; i++) await passes(1_000)
    should(flow.network.open).equal(1)
    const [check] = await checks()
    should(Number(check?.['skipped'])).be.above(20)
    should(await status()).containEql({ status: 'unknown' })
  })

  it('asks a flow on its second output, and takes the answer that comes back', async () => {
    await start({ probes: [{ kind: 'flow', label: 'plc' }] })
    while (flow.aside.all.length === 0) await passes(100)
    const [question] = flow.aside.all
    should(question).containEql({ payload: 'check' })
    const { token, health: asked } = section(question)
    should(asked).eql({ check: { label: 'plc' } })
    await flow.send({ resilience: { token, outcome: 'ok' } })
    should(changes()).eql(['healthy'])
    await flow.send({ resilience: { token, outcome: 'ok' } })
    should(flow.caught.all.map(codeOf)).eql(['TOKEN_SETTLED'])
    for (const msg of flow.aside.all) should(msg['payload']).equal('check')
    for (let i = 0; i < 20; i++) await passes(3_000)
    should(changes()).eql(['healthy', 'unhealthy'])
  })

  it('takes every message for a beat', async () => {
    await start({ probes: [{ kind: 'heartbeat', within: '10s' }], interval: '1s' })
    for (let i = 0; i < 20; i++) {
      await flow.send({ payload: i })
      await passes(1_000)
    }
    should(changes()).eql(['healthy'])
    for (let i = 0; i < 16; i++) await passes(1_000)
    should(changes()).eql(['healthy', 'unhealthy'])
  })

  it('is paused by a person, over a restart too, and knows nothing meanwhile', async () => {
    await start()
    await passes(3_000)
    should(await flow.order('pause')).eql({ paused: true })
    should(changes()).eql(['healthy', 'unknown'])
    await again()
    const before = flow.network.begun
    for (let i = 0; i < 20; i++) await passes(3_000)
    should(flow.network.begun).equal(before)
    should(await status()).containEql({ status: 'unknown', paused: true })
    await flow.order('resume')
    await passes(100)
    should(changes()).eql(['healthy', 'unknown', 'healthy'])
  })

  it('checks at once when it is told to, and answers with what it found', async () => {
    await start({ interval: '1d' })
    await passes(3_000)
    goDown()
    for (let i = 0; i < 3; i++) await flow.order('check')
    should(await status()).containEql({ status: 'unhealthy' })
    should(await flow.order('reset')).containEql({ status: 'unknown' })
    const [check] = await checks()
    should(check).containEql({ checks: 0, last: [] })
  })

  it('asks an address of a message only where that is allowed', async () => {
    await start()
    const target = 'http://erp:80/other'
    await flow.send({ resilience: { command: 'check', target } })
    should(flow.caught.all.map(codeOf)).eql(['COMMAND_INVALID'])
    await flow.stop()
    await start({ acceptTarget: true, interval: '1d' })
    await passes(3_000)
    should(await flow.order('check', { target })).match({ target, kind: 'http', is: 'ok' })
    await flow.send({ resilience: { command: 'check', target: 'file:///etc/passwd' } })
    should(flow.caught.all.map(codeOf)).eql(['COMMAND_INVALID'])
  })

  it('keeps verdict and history over a deploy, unless its checks are others', async () => {
    await start()
    await passes(3_000)
    await again()
    should(await status()).containEql({ status: 'healthy' })
    should((await checks())[0]).containEql({ successes: 1 })
    await flow.stop()
    await start({ probes: [row({ label: 'other' })] })
    should(await status()).containEql({ status: 'unknown' })
  })

  it('degrades at most by a check that is not critical', async () => {
    const gone = row({ url: 'http://gone/', critical: false })
    await start({ probes: [row(), gone], interval: '1s' })
    for (let i = 0; i < 10; i++) await passes(1_000)
    should(changes()).eql(['healthy', 'degraded'])
    should(health(flow.machine.given[1])).match({
      checks: [{ status: 'healthy' }, { status: 'unhealthy' }],
    })
  })

  it('refuses what it is sent while it has no check that works', async () => {
    for (const fields of [
      { probes: [] },
      { probes: [{ kind: 'http', url: 'http://user:secret@erp/' }] },
      { probes: [{ kind: 'mqtt' }] },
      { probes: [{ kind: 'nodes' }] },
    ]) {
      await start(fields)
      await flow.send({})
      should(flow.caught.all.map(codeOf)).eql(['SETTINGS_INVALID'])
      await flow.stop()
    }
  })

  it('tells of failed checks, of each change and of its end in the log', async () => {
    await start()
    await passes(3_000)
    goDown()
    for (let i = 0; i < 3; i++) await checked()
    comeBack()
    await checked()
    await checked()
    // The helper has no words: their keys stand for them.
    const told = flow.log.flatMap((text) => /events\.(.*health\..*)$/.exec(text)?.[1] ?? [])
    told.should.eql([
      'health.changed.healthy',
      ...Array.from({ length: 3 }, () => 'health.check-failed'),
      'health.changed.unhealthy',
      'resolved.health.changed',
    ])
  })

  it('is one of a thousand without opening more than 64 connections at once', async () => {
    const others = Array.from({ length: 1000 }, (_, at) => ({
      ...{ id: `${flow.id}-${at}`, type: 'health-monitor', name: `m${at}`, wires: [['aside'], []] },
      ...{ interval: '1s', probes: [row()] },
    }))
    flow.network.most = 0
    await flow.start([healthMonitor], { type: 'health-monitor', probes: [row()] }, others)
    const heard = () => new Set(flow.aside.all.map(({ topic }) => topic)).size
    while (heard() < 1001) await passes(500)
    should(flow.network.most).be.within(2, 64)
  })

  it('hangs up when it is closed, whatever is under way', async () => {
    server.manner = 'silent'
    await start()
    await passes(3_000)
    should(flow.network.open).equal(1)
    await flow.stop()
    should(flow.network.open).equal(0)
  })

  const start = (fields: object = {}): Promise<void> =>
    flow.start([healthMonitor], { type: 'health-monitor', probes: [row()], ...fields })

  /** A deploy. */
  const again = async (): Promise<void> => {
    await flow.stop()
    await start()
  }

  const passes = async (spanMs: number): Promise<void> => {
    for (let left = spanMs; left > 0; left -= stepMs) {
      flow.clock.advance(Math.min(left, stepMs))
      await flow.turns()
    }
  }

  const checked = async (): Promise<void> => void (await flow.order('check'))

  const goDown = (): void => {
    server.http = () => ({ status: 503, text: '' })
  }

  const comeBack = (): void => {
    server.http = () => ({ status: 200, text: '' })
  }

  /** What left on the first output. */
  const changes = (): unknown[] => flow.machine.given.map(({ payload }) => payload)

  const status = async () => (await flow.order('status')) as Record<string, unknown>

  const checks = async () => (await status())['checks'] as Record<string, unknown>[]
})

/** Answers come between two steps of time: longer ones would make them slow. */
const stepMs = 500

const row = (fields: object = {}) => ({ kind: 'http', url: 'http://erp/', ...fields })

const health = (msg: object | undefined) => section(msg)['health']
