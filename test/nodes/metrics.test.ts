/**
 * Metrics and summary over the admin address, of a flow with every node of ours at work: what is
 * exported is what the table in REFERENCE.md says, name by name, type by type, label by label.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { dlq } from '../../nodes/dlq/dlq.js'
import { healthMonitor } from '../../nodes/health-monitor/health-monitor.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { resilienceBulkhead } from '../../nodes/resilience-bulkhead/resilience-bulkhead.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import { resilientMqttBroker } from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import { resilientMqttOut } from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { sidebar } from '../../nodes/sidebar/sidebar.js'
import { textOf } from '../house/sources.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow } from '../world/guarded-flow.js'
import { metricsIn, valueIn } from '../world/metric-lines.js'
import { isLike, written } from '../world/reference-json.js'

interface Told {
  readonly status: number
  readonly text: string
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

const rooms = [circuitBreaker, dlq, healthMonitor, persistentQueue, resilienceBulkhead]
const others = [resilienceRetry, resilientMqttBroker, resilientMqttOut, sidebar]

describe('the metrics of a flow', () => {
  let flow: GuardedFlow

  afterEach(() => flow.stop())

  it('are those of the table in REFERENCE.md, and no others', async () => {
    flow = await everyNode()
    const { text, status, headers } = await get('/metrics')
    should(status).equal(200)
    should(headers['content-type']).equal('text/plain; version=0.0.4; charset=utf-8')
    const exported = metricsIn(text).map(({ name, type, samples: [first] }) => {
      const labels = Object.keys(first?.labels ?? {}).filter((label) => label !== 'le')
      return [name, type, labels.filter((label) => !['node', 'name'].includes(label)).join()]
    })
    exported.sort().should.eql(table().sort())
  })

  it('are of the nodes that run, by id and name', async () => {
    flow = await everyNode()
    const { text } = await get('/metrics')
    const of = { node: flow.id, name: 'orders' }
    should(valueIn(text, 'resilience_queue_messages', of)).equal(2)
    should(valueIn(text, 'resilience_messages_dropped_total', { ...of, reason: 'overflow' })).equal(
      1,
    )
    should(valueIn(text, 'resilience_queue_oldest_age_seconds', of)).equal(2)
    should(valueIn(text, 'resilience_mqtt_connected', { node: 'b', name: 'line 1' })).equal(0)
    const opened = { node: `${flow.id}-breaker`, kind: 'queue.full' }
    should(valueIn(text, 'resilience_events_total', opened)).equal(undefined)
    should(valueIn(text, 'resilience_events_total', { ...of, kind: 'queue.full' })).equal(1)
    await flow.stop()
    await flow.start([...rooms, ...others], { type: 'persistent-queue', name: 'renamed' })
    const after = (await get('/metrics')).text
    should(valueIn(after, 'resilience_messages_accepted_total', { name: 'renamed' })).equal(4)
    should(valueIn(after, 'resilience_bulkhead_limit', {})).equal(undefined)
  })

  it('are told without a disk that does not answer', async () => {
    flow = await everyNode()
    const { roster } = flow.hall
    const entry = roster.of(flow.id)
    if (entry === undefined) throw new Error('the queue runs')
    const leave = roster.enter({ ...entry, oldestAt: () => new Promise(() => {}) })
    const asking = Promise.resolve(get('/metrics'))
    await flow.turns()
    flow.clock.advance(1000)
    const { text } = await asking
    leave()
    const of = { node: flow.id, name: 'orders' }
    should(valueIn(text, 'resilience_queue_oldest_age_seconds', of)).be.NaN()
    should(valueIn(text, 'resilience_queue_messages', of)).equal(2)
  })

  it('are summed up as REFERENCE.md says', async () => {
    flow = new GuardedFlow()
    const bulkhead = { type: 'resilience-bulkhead', name: 'ERP', maxInFlight: '1', maxWaiting: '1' }
    await flow.start([resilienceBulkhead, sidebar], bulkhead)
    flow.machine.state = 'silent'
    for (const payload of [1, 2, 3]) flow.give({ payload })
    await flow.turns()
    const { body } = await get('/summary')
    const { nodes, ...rest } = body as { nodes: { id: string }[]; all: object }
    isLike({ ...rest, nodes: nodes.filter(({ id }) => id === flow.id) }, written(summaryTitle))
  })
})

const summaryTitle = 'The answer of `GET /resilience/summary`'

const get = (path: string) => helper.request<Told>().get(`/resilience${path}`)

/** Name, type and labels of each row. */
function table(): string[][] {
  const [, below = ''] = textOf('REFERENCE.md').split('\n## Metrics')
  const rows = [...below.matchAll(/^\| `(resilience_\w+)` \| (\w+) \| ([^|]*)\|/gm)]
  return rows.map(([, name = '', type = '', labels = '']) => [
    ...[name, type],
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).join(),
  ])
}

/** The queue is full and has dropped one; the others have just begun. */
async function everyNode(): Promise<GuardedFlow> {
  const flow = new GuardedFlow()
  const queue = { type: 'persistent-queue', name: 'orders', freeDisk: '0B' }
  const id = (name: string) => `${flow.id}-${name}`
  const probe = { kind: 'tcp', label: 'plc', address: '127.0.0.1:9' }
  await flow.start(
    [...rooms, ...others],
    { ...queue, maxMessages: '2', overflow: 'drop-newest' },
    [
      { id: id('breaker'), type: 'circuit-breaker', wires: [[], []] },
      { id: id('retry'), type: 'resilience-retry', wires: [[], []] },
      { id: id('bulkhead'), type: 'resilience-bulkhead', wires: [[], []] },
      { id: id('dlq'), type: 'dlq', wires: [[], []] },
      { id: id('monitor'), type: 'health-monitor', probes: [probe], wires: [[], []] },
      { id: id('out'), type: 'resilient-mqtt-out', broker: 'b', wires: [] },
    ],
    [{ id: 'b', type: 'resilient-mqtt-broker', name: 'line 1', servers: 'mqtt://127.0.0.1:9' }],
  )
  flow.machine.state = 'well'
  await flow.send({ payload: 0 })
  flow.machine.state = 'silent'
  for (const payload of [1, 2, 3]) await flow.send({ payload })
  flow.clock.advance(2000)
  await flow.turns()
  return flow
}
