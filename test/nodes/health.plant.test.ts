/**
 * A health monitor in a real Node-RED in front of a real mosquitto that is killed and comes back:
 * both outputs, the codes of `/health` from start to stop as a load balancer reads them, a circuit
 * breaker that follows and a queue that waits. No message is sent to the broker meanwhile.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'
import { Mosquitto } from '../world/mosquitto.js'

interface Told {
  readonly at: 'changed' | 'every' | 'refused' | 'permitted' | 'released' | 'breaker'
  readonly payload: unknown
  readonly resilience?: { readonly [field: string]: unknown }
}

const root = { httpNodeRoot: '/plant' }

describe('a health monitor in front of mosquitto', function () {
  this.timeout(120_000)

  let userDir: string
  let broker: Mosquitto
  let nodeRed: NodeRedProcess
  let told = new Arrivals<Told>()
  const log: string[] = []

  before(async function () {
    broker = await Mosquitto.start(this)
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-health-'))
    prepareUserDir(userDir, {
      packages: [checkout],
      flows: flowsFor(broker.server.port),
      settings: root,
    })
  })

  after(async () => {
    await nodeRed?.stop()
    await broker?.stop()
    if (userDir !== undefined) rmSync(userDir, { recursive: true, force: true })
  })

  it('is not ready before its first verdict, and then is', async () => {
    const port = await freePort()
    const asked = codesUntil(200, `http://127.0.0.1:${port}/plant/health/ready`)
    nodeRed = await NodeRedProcess.start({
      ...{ userDir, port },
      onReport: (line) => told.add(JSON.parse(line)),
      onLog: (line) => log.push(line),
    })
    const codes = await asked
    codes.slice(0, -1).should.not.containEql(200)
    should((await first('changed')).payload).equal('healthy')
    should(await code('/plant/health/live')).equal(200)
  })

  it('shows one document, whole on the admin side and as much as it may elsewhere', async () => {
    const open = await document('/plant/health')
    should(open).match({ status: 'pass', checks: { 'line 1:responseTime': [{ status: 'pass' }] } })
    should(open).not.have.property('upSince')
    should(Object.keys(open['checks'] as object)).eql(['line 1:responseTime'])
    const whole = await document('/resilience/health')
    should(whole).have.property('upSince')
    const names = Object.keys(whole['checks'] as object).sort()
    names.should.eql(['lamp:responseTime', 'line 1:responseTime', 'self:responseTime'])
  })

  it('leaves an address alone that a flow answers at itself', async () => {
    should(await (await nodeRed.fetch('/plant/health/own')).text()).equal('mine')
    should((await nodeRed.fetch('/plant/health/nothing')).status).equal(404)
    should((await nodeRed.fetch('/plant/health', { method: 'POST' })).status).equal(404)
  })

  it('says unhealthy when the broker is gone: 503, the breaker opens, the queue waits', async () => {
    told = new Arrivals()
    await broker.kill()
    const { resilience } = await first('changed')
    should(resilience?.['health']).match({ status: 'unhealthy', previous: 'healthy' })
    should(await code('/plant/health/ready')).equal(503)
    should(await code('/plant/health')).equal(503)
    should(await code('/plant/health/live')).equal(200)
    should(await code('/resilience/health/ready')).equal(503)
    await nodeRed.inject('to-breaker')
    const refused = await first('refused')
    should(refused.resilience).match({ breaker: { state: 'open', cause: 'monitor' } })
    await nodeRed.inject('to-queue')
    await checks(3)
    should(told.all.filter(({ at }) => at === 'released' || at === 'permitted')).eql([])
    should(log.filter((line) => /Unhealthy: broker, .* does not answer/.test(line))).have.length(1)
  })

  it('closes the breaker by its own checks when the broker is back, and the queue goes on', async () => {
    told = new Arrivals()
    await broker.start()
    should((await first('changed')).payload).equal('healthy')
    should((await first('released')).payload).equal('queued')
    const asked = async () => {
      const before = told.all.filter(({ at }) => at === 'breaker').length
      await nodeRed.inject('ask-breaker')
      return nth('breaker', before)
    }
    // Nothing was sent through it since it opened.
    while (stateIn(await asked()) !== 'closed') await checks(1)
    should(told.all.filter(({ at }) => at === 'permitted')).eql([])
    await nodeRed.inject('to-breaker')
    should(await first('permitted')).be.ok()
    should(await code('/plant/health/ready')).equal(200)
  })

  it('sees the colour under a node that it watches', async () => {
    for (const [colour, status, output] of [
      ['red', 'fail', 'lamp is red'],
      ['yellow', 'warn', 'lamp is yellow'],
      ['green', 'pass', undefined],
    ] as const) {
      await nodeRed.inject(`lamp-${colour}`)
      let [lamp] = await lampChecks()
      while (lamp?.['status'] !== status) [lamp] = await lampChecks()
      should(lamp['output']).equal(output)
    }
  })

  it('is no longer ready as soon as it stops', async () => {
    const asked = codesUntil(0, `${nodeRed.url}/plant/health/ready`)
    await nodeRed.stop()
    const codes = await asked
    const from = codes.findIndex((each) => each !== 200)
    should(codes.slice(from)).not.containEql(200)
  })

  const first = (at: Told['at']): Promise<Told> => nth(at, 0)

  /** The nth that was told there, from 0. */
  async function nth(at: Told['at'], index: number): Promise<Told> {
    for (let count = 1; ; count++) {
      const all = (await told.first(count)).filter((each) => each.at === at)
      const found = all[index]
      if (found !== undefined) return found
    }
  }

  /** So many more checks end. */
  async function checks(count: number): Promise<void> {
    const done = told.all.filter(({ at }) => at === 'every').length
    await nth('every', done + count - 1)
  }

  async function lampChecks(): Promise<Record<string, unknown>[]> {
    const { checks } = await document('/resilience/health')
    return (checks as Record<string, Record<string, unknown>[]>)['lamp:responseTime'] ?? []
  }

  const code = async (path: string): Promise<number> => (await nodeRed.fetch(path)).status

  async function document(path: string): Promise<Record<string, unknown>> {
    const answer = await nodeRed.fetch(path)
    should(answer.headers.get('content-type')).match(/^application\/health\+json/)
    return (await answer.json()) as Record<string, unknown>
  }
})

/** As a load balancer asks: again and again. 0 stands for no answer. */
async function codesUntil(wanted: number, url: string): Promise<number[]> {
  const codes: number[] = []
  while (codes.at(-1) !== wanted) {
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined)
    await answer?.text()
    codes.push(answer?.status ?? 0)
  }
  return codes
}

function stateIn({ payload }: Told): unknown {
  const [only] = payload as { state: string }[]
  return only?.state
}

function flowsFor(port: number): Flow {
  const on = { z: 'tab', x: 100, y: 100 }
  const report = (at: Told['at']) => ({
    ...{ ...on, id: at, type: 'function', wires: [[]], outputs: 1 },
    func: `global.get('report')(JSON.stringify(
      {at: '${at}', payload: msg.payload, resilience: msg.resilience}))`,
  })
  const button = (id: string, payload: object, wires: string) => ({
    ...{ ...on, id, type: 'inject', repeat: '', once: false, topic: '', wires: [[wires]] },
    props: Object.entries(payload).map(([p, v]) => ({ p, v, vt: 'str' })),
  })
  const monitor = {
    ...{ ...on, id: 'm', type: 'health-monitor', name: 'line 1', broker: 'b', interval: '1s' },
    ...{ publicHealth: 'detail', wires: [['changed'], ['every']] },
    probes: [{ kind: 'mqtt', label: 'broker', topic: 'health/gw1' }],
  }
  const self = {
    ...{ ...on, id: 'self', type: 'health-monitor', name: 'self', interval: '1s' },
    ...{ wires: [[], []], probes: [{ kind: 'runtime', memory: '100%', freeDisk: '0%' }] },
  }
  const lamp = {
    ...{ ...on, id: 'lamp-monitor', type: 'health-monitor', name: 'lamp', interval: '1s' },
    ...{ wires: [[], []], probes: [{ kind: 'nodes' }], watchNodes: ['lamp'] },
    ...{ countsForReady: false, downAfter: '1', upAfter: '1' },
  }
  const breaker = {
    ...{ ...on, id: 'breaker-1', type: 'circuit-breaker', monitor: 'm', backoffInitial: '1h' },
    ...{ backoffMax: '1h', wires: [['permitted'], ['split']] },
  }
  const split = {
    ...{ ...on, id: 'split', type: 'switch', property: 'resilience.answer', propertyType: 'msg' },
    rules: [{ t: 'nnull' }, { t: 'else' }],
    ...{ checkall: 'false', outputs: 2, wires: [['breaker'], ['refused']] },
  }
  const server = {
    ...{ id: 'b', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${port}` },
    ...{ backoffInitial: '100ms', backoffMax: '200ms', keepalive: '1s' },
  }
  return [
    { id: 'tab', type: 'tab', label: 'Plant' },
    ...[server, monitor, self, lamp, breaker, split],
    {
      ...{ ...on, id: 'lamp', type: 'function', name: 'lamp', outputs: 0, wires: [] },
      func: "node.status({ fill: msg.payload, shape: 'dot', text: 'on' })",
    },
    ...['red', 'yellow', 'green'].map((payload) => button(`lamp-${payload}`, { payload }, 'lamp')),
    ...(['changed', 'every', 'refused', 'permitted', 'released', 'breaker'] as const).map(report),
    { ...on, id: 'queue', type: 'persistent-queue', monitor: 'm', wires: [['released'], []] },
    button('to-breaker', { payload: 'work' }, 'breaker-1'),
    button('ask-breaker', { 'resilience.command': 'status' }, 'breaker-1'),
    button('to-queue', { payload: 'queued' }, 'queue'),
    { ...on, id: 'own', type: 'http in', url: '/health/own', method: 'get', wires: [['mine']] },
    {
      ...{ ...on, id: 'mine', type: 'change', wires: [['answer']] },
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'mine', tot: 'str' }],
    },
    { ...on, id: 'answer', type: 'http response', wires: [] },
  ]
}
