/**
 * Every node of ours, as a person sets it up in a real browser against a real Node-RED: dragged
 * in, every field filled with something else than its default, deployed, looked at again. What the
 * runtime then has is what was filled, and a look changes nothing. Pending without Chromium, as
 * `editor.plant.test.ts`.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import should from 'should'
import { defaults as breaker } from '../nodes/circuit-breaker/circuit-breaker.settings.js'
import { defaults as dlq } from '../nodes/dlq/dlq.settings.js'
import { defaults as monitor } from '../nodes/health-monitor/health-monitor.settings.js'
import { defaults as queue } from '../nodes/persistent-queue/persistent-queue.settings.js'
import { defaults as bulkhead } from '../nodes/resilience-bulkhead/resilience-bulkhead.settings.js'
import { defaults as events } from '../nodes/resilience-events/resilience-events.settings.js'
import { defaults as retry } from '../nodes/resilience-retry/resilience-retry.settings.js'
import { defaults as store } from '../nodes/resilience-store/resilience-store.settings.js'
import { defaults as broker } from '../nodes/resilient-mqtt-broker/resilient-mqtt-broker.settings.js'
import { defaults as out } from '../nodes/resilient-mqtt-out/resilient-mqtt-out.settings.js'
import { checkout, type Flow } from '../tools/common/user-dir.js'
import { DialogHand, type Filling } from './world/dialog-hand.js'
import { type EditorHouse, inEditor } from './world/editor-page.js'

/** Names are ids, so that a tree shows which is which; every config node has a user. */
const node = (id: string, type: string, y: number, more: object = {}) => ({
  ...{ id, type, name: id, z: 'tab', x: 150, y, wires: type === 'debug' ? [] : [[], []] },
  ...more,
})
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { id: 'tls', type: 'tls-config', name: 'tls' },
  { id: 'broker', type: 'resilient-mqtt-broker', servers: 'mqtt://127.0.0.1:1', tls: 'tls' },
  { id: 'ssd', type: 'resilience-store', name: 'ssd' },
  node('letters', 'dlq', 60, { store: 'ssd' }),
  node('spare', 'dlq', 120),
  node('plc', 'circuit-breaker', 180),
  node('erp', 'health-monitor', 240, { probes: [{ kind: 'runtime' }], broker: 'broker' }),
  node('orders', 'persistent-queue', 300),
  node('line', 'resilient-mqtt-out', 360, { broker: 'broker', topic: 'line/1', wires: [] }),
  node('watched', 'debug', 420),
]

const outcome = {
  outcomeMode: 'watch',
  watchNodes: ['watched'],
  outcomeTimeout: '45s',
  failStatus: '500-599',
  failWhen: '$not(payload.ok)',
  failWhenType: 'jsonata',
}
const backOff = {
  backoffInitial: '3s',
  backoffFactor: '1.5',
  backoffMax: '2m',
  backoffJitter: '35%',
}
const key = { key: 'payload.machine', keyType: 'msg' }
const limits = {
  maxMessages: '5000',
  maxSize: '50MB',
  maxAge: '3d',
  freeDisk: '15%',
  overflow: 'reject',
  warnMessages: '700',
}
const { overflow: _overflow, ...letterLimits } = limits
const storage = { ...limits, store: 'ssd', durability: '500ms' }
const word = { payload: '$now()', payloadType: 'jsonata', qos: '2', retain: true }
const common = { label: 'one', critical: false, timeout: '2s' }
const probes = [
  {
    ...{ kind: 'http', ...common, url: 'http://127.0.0.1:1/', expectStatus: '200' },
    ...{ expectText: 'well', certificateDays: '30' },
  },
  { kind: 'mqtt', ...common, topic: 'probe/1' },
  { kind: 'grpc', ...common, address: '127.0.0.1:1', service: 'plant.Line', secure: true },
  { kind: 'websocket', ...common, url: 'ws://127.0.0.1:1/', send: 'ping', expectText: 'pong' },
  { kind: 'heartbeat', label: 'beat', critical: false, within: '40s', phi: '8' },
  { kind: 'nodes', label: 'near', critical: false },
  {
    ...{ kind: 'runtime', ...common, loopDelay: '400ms', memory: '80%', oldestAge: '2h' },
    ...{ freeDisk: '5%', openBreakers: false },
  },
]

interface Row {
  readonly defaults: object
  readonly filling: Filling
  readonly credentials?: Filling
  /** Of a config node: whose dialog adds it. */
  readonly addedBy?: { readonly id: string; readonly field: string }
}

const rows: Readonly<Record<string, Row>> = {
  'circuit-breaker': {
    defaults: breaker,
    filling: {
      ...{ ...outcome, consecutiveFailures: '7', ...backOff, failureRate: '40%', slowRate: '70%' },
      ...{ slowAfter: '3s', minimumCalls: '20', window: '200', probes: '4', probeSuccesses: '3' },
      ...{ monitor: 'erp', ...key, reportOnly: true, stateMaxAge: '1h' },
    },
  },
  dlq: {
    defaults: dlq,
    filling: {
      ...{ redriveSchedule: '0 6 * * 1-5', redriveTo: 'source', attempts: '9', rateLimit: '5/s' },
      ...{ canary: false, stopAbove: '35%', ...outcome, ...letterLimits, keepDeleted: '12h' },
      ...{ store: 'ssd', durability: '500ms' },
    },
  },
  'health-monitor': {
    defaults: monitor,
    filling: {
      ...{ probes, interval: '20s', publicHealth: 'detail', slowAfter: '2s', downAfter: '4' },
      ...{ upAfter: '5', countsForReady: false, broker: 'broker', tls: 'tls' },
      ...{ watchNodes: ['orders'], acceptTarget: true },
    },
    credentials: { authorization: 'Bearer 123' },
  },
  'persistent-queue': {
    defaults: queue,
    filling: {
      ...{ ...outcome, maxInFlight: '4', deadLetter: 'spare', rateLimit: '50/s', ...key },
      ...{ breaker: 'plc', monitor: 'erp', priority: 'urgent', priorityType: 'msg', ...storage },
      ...{ leaveOutUnstorable: true, ...backOff, attempts: '8' },
    },
  },
  'resilience-bulkhead': {
    defaults: bulkhead,
    filling: {
      ...{ ...outcome, maxInFlight: '4', maxWaiting: '30', maxWait: '8s', ...key },
      adaptive: true,
    },
  },
  'resilience-events': {
    defaults: events,
    filling: {
      ...{ kinds: ['link', 'store.full'], severity: 'error', interval: '1h' },
      watchNodes: ['orders'],
    },
  },
  'resilience-retry': {
    defaults: retry,
    filling: {
      ...{ ...outcome, attempts: '8', ...backOff, deadline: '20m', maxWaiting: '50' },
      ...{ retryTimeouts: true, neverRetry: 'ENOENT,409', retryBudget: '30%', breaker: 'plc' },
      deadLetter: 'spare',
    },
  },
  'resilience-store': {
    defaults: store,
    filling: { directory: '/nowhere/holdfast', durability: '500ms', ...limits },
    addedBy: { id: 'orders', field: 'store' },
  },
  'resilient-mqtt-broker': {
    defaults: broker,
    filling: {
      ...{ servers: 'mqtts://127.0.0.1:1,mqtt://127.0.0.1:2', tls: 'tls', clientId: 'gateway' },
      ...{ protocolVersion: '5', keepalive: '20s', connectTimeout: '5s', ackTimeout: '25s' },
      ...{ ...backOff, attempts: '8', returnToFirst: false, maxInFlight: '30', connections: '2' },
      ...{ rateLimit: '100/s', birthMessages: [{ topic: 'line/born', ...word }] },
      ...{ closeMessages: [{ topic: 'line/bye', ...word }] },
      willMessage: { topic: 'line/will', ...word },
    },
    credentials: { username: 'gateway', password: 'secret' },
    addedBy: { id: 'line', field: 'broker' },
  },
  'resilient-mqtt-out': {
    defaults: out,
    filling: {
      ...{ broker: 'broker', topic: 'line/2', qos: '2', retain: 'true', messageId: 'payload' },
      ...{ contentType: 'text/plain', responseTopic: 'line/answer', correlationData: 'abc' },
      ...{ userProperties: [{ key: 'press', value: '3' }], messageExpiry: '1h' },
      ...{ onSend: '{"n": $sequence}', onSendType: 'jsonata', whenOffline: 'latest' },
      ...{ replayOrder: 'live-first', liveShare: '30%', replayTopic: 'line/old' },
      ...{ replayRate: '20/s', doneWhen: 'delivered', receipts: 'all', outputs: 1 },
      ...{ deadLetter: 'spare', ...storage },
    },
  },
}

const types = Object.keys(
  JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))['node-red'].nodes,
)

describe('each node in the editor', function () {
  this.timeout(120_000)

  let house: EditorHouse

  inEditor(flows, (opened) => {
    house = opened
  })

  for (const [at, type] of types.entries()) {
    it(`keeps all that is filled in, and a look changes nothing: ${type}`, async () => {
      const row = rows[type]
      if (row === undefined) throw new Error(`no filling for ${type}`)
      const filling = { name: `my ${type}`, ...row.filling }
      fillsAll(filling, row.defaults)
      const id = await added(type, row, { x: 500, y: 60 * (at + 1) }, filling)
      await deploy()
      const before = await stored()
      fieldsOf(before, id, filling).should.eql(filling)
      await keepsCredentials(type, id, row.credentials)
      await look(type, id, row, filling)
      should(await house.page.evaluate(`!!RED.nodes.node('${id}').changed`)).be.false()
      should(await house.page.evaluate('RED.nodes.dirty()')).be.false()
      fieldsOf(await house.nodes(), id, filling).should.eql(filling)
      should(await stored()).eql(before)
    })
  }

  /** Puts it in and fills it; returns its id. */
  async function added(
    type: string,
    { addedBy, credentials = {} }: Row,
    position: { readonly x: number; readonly y: number },
    filling: Filling,
  ): Promise<string> {
    const known = (await house.nodes()).map(({ id }) => id)
    const isNew = (each: Flow[number]) => each.type === type && !known.includes(each.id)
    const newId = async () => (await house.nodes()).find(isNew)?.id ?? ''
    if (addedBy === undefined) {
      await house.drag(type, position)
      await house.edit(await newId(), 'name')
    } else {
      await house.edit(addedBy.id, 'name')
      await new DialogHand(house.page, 'node').isReady()
      await house.page.click(`#node-input-btn-${addedBy.field}-add`)
    }
    const hand = new DialogHand(house.page, addedBy === undefined ? 'node' : 'node-config')
    await hand.isReady()
    await hand.fill({ ...filling, ...credentials })
    await hand.press('ok')
    if (addedBy !== undefined) await new DialogHand(house.page, 'node').press('ok')
    return newId()
  }

  /** Opens its dialog, reads it and presses Done. */
  async function look(type: string, id: string, { addedBy }: Row, filling: Filling) {
    if (addedBy === undefined) await house.edit(id, 'name')
    else await house.editConfig(type, id, 'name')
    const hand = new DialogHand(house.page, addedBy === undefined ? 'node' : 'node-config')
    await hand.isReady()
    should(await hand.shown(Object.keys(filling))).eql(filling)
    await hand.press('ok')
  }

  async function deploy(): Promise<void> {
    const answered = house.page.waitForResponse((answer) => answer.request().method() === 'POST')
    await house.page.click('#red-ui-header-button-deploy')
    should((await answered).ok()).be.true()
    await house.page.waitForFunction('!RED.nodes.dirty()')
  }

  async function stored(): Promise<Flow> {
    return JSON.parse(await (await house.nodeRed.fetch('/flows')).text())
  }

  async function keepsCredentials(type: string, id: string, filled: Filling = {}): Promise<void> {
    const answer = await house.nodeRed.fetch(`/credentials/${type}/${id}`)
    const { username } = filled
    const secret = Object.keys(filled).filter((name) => name !== 'username')
    const expected = Object.fromEntries(secret.map((name) => [`has_${name}`, true]))
    const kept = JSON.parse(await answer.text())
    should(kept).eql(username === undefined ? expected : { username, ...expected })
  }
})

/** Nothing is left at its default, and nothing is left out. */
function fillsAll(filling: Filling, defaults: object): void {
  Object.keys(filling).sort().should.eql(Object.keys(defaults).sort())
  for (const [field, value] of Object.entries(defaults)) {
    should(filling[field]).not.eql(value, field)
  }
}

function fieldsOf(flow: Flow, id: string, filling: Filling): Filling {
  const found = flow.find((each) => each.id === id)
  return Object.fromEntries(Object.keys(filling).map((field) => [field, found?.[field]]))
}
