/**
 * The reference of what is told of all nodes together, and of `resilience-events`, compared with
 * what is answered and written: the same fields with values of the same kind. Of lists only the
 * first entry counts: all are alike.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import type { Message } from '../../nodes/common/node-red.js'
import { healthMonitor } from '../../nodes/health-monitor/health-monitor.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { resilienceEvents } from '../../nodes/resilience-events/resilience-events.js'
import { resilientMqttBroker } from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import { resilientMqttOut } from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { sidebar } from '../../nodes/sidebar/sidebar.js'
import { ms } from '../../src/base/units.js'
import { textOf } from '../house/sources.js'
import { Arrivals } from '../world/arrivals.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow } from '../world/guarded-flow.js'
import { isLike, written } from '../world/reference-json.js'

interface Told {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const rooms = [sidebar, persistentQueue, circuitBreaker, healthMonitor, resilienceEvents]
const links = [resilientMqttBroker, resilientMqttOut]

describe('the reference of all nodes together', () => {
  let flow: GuardedFlow

  afterEach(() => flow.stop())

  it('has the status document, and one node of it', async () => {
    await start()
    const { body } = await get('/status')
    const { nodes, mayWrite, ...document } = body
    should(mayWrite).equal(true)
    const expected = cut(written('The status document'))
    isLike(cut({ ...document, nodes, mayWrite }), expected)
    const { body: node } = await get(`/nodes/${flow.id}`)
    isLike(cut(node), cut(written('One node of `/resilience/nodes/:id`')))
  })

  it('has what a command answers', async () => {
    await start()
    const { body } = await order(flow.id, { command: 'pause' })
    isLike(body, written('The answer of `POST /resilience/nodes/:id/command`'))
  })

  it('has the list of events, and what a breaker tells when it opens', async () => {
    await start()
    await order(flow.id, { command: 'resume' })
    const { body } = await get(`/events?node=${flow.id}&kind=person`)
    isLike(cut(body), cut(written('The last events')))
    const id = `${flow.id}-breaker`
    flow.giveTo(id, { payload: 1 })
    await flow.turns()
    await order(id, { command: 'open' })
    const opened = (await get(`/events?node=${id}&kind=breaker`)).body['items'] as object[]
    isLike(cut(opened[0]), cut(written('`breaker.opened`')))
  })

  it('has the list of what no node owns', async () => {
    await start()
    await flow.stop()
    await start()
    const { items, ...rest } = (await get('/orphans?limit=500')).body
    const found = (items as { messages: number }[]).find(({ messages }) => messages > 0)
    isLike({ ...rest, items: [found] }, written('What no node owns'))
  })

  it('has what `resilience-events` writes', async () => {
    await start()
    const told = new Arrivals<Message>()
    helper.getNode<Message>('told').on('input', (msg) => told.add(msg))
    await order(flow.id, { command: 'resume' })
    const [event] = await told.first(1)
    isLike(event, written('Told by `resilience-events`'))
    helper.getNode('events').receive({ resilience: { command: 'status' } })
    const [, status] = await told.first(2)
    should(status?.['resilience']).match({
      answer: { command: 'status', ok: true, node: 'events' },
    })
  })

  it('names every route', () => {
    const [, below = ''] = textOf('REFERENCE.md').split('\n## All nodes together')
    const routes = ['status', 'nodes', 'nodes/:id', 'nodes/:id/command', 'events', 'orphans']
    for (const route of [...routes, 'orphans/:id/export', 'orphans/:id/adopt', 'orphans/:id/purge'])
      below.should.containEql(`/resilience/${route}`)
  })

  /** A queue that has dropped one of three, a breaker, a monitor and a link that is down. */
  async function start(): Promise<void> {
    flow = new GuardedFlow()
    const queue = { type: 'persistent-queue', name: 'Orders', outcomeMode: 'manual' }
    const probe = { kind: 'tcp', label: 'plc', address: '127.0.0.1:9' }
    await flow.start(
      [...rooms, ...links],
      { ...queue, maxMessages: '2', overflow: 'drop-newest', warnMessages: 'off', freeDisk: '0B' },
      [
        {
          id: `${flow.id}-breaker`,
          type: 'circuit-breaker',
          name: 'PLC',
          wires: [['machine'], []],
        },
        { id: 'monitor', type: 'health-monitor', probes: [probe], wires: [[], []] },
        { id: 'out', type: 'resilient-mqtt-out', broker: 'b', topic: 't', wires: [] },
        {
          id: 'events',
          type: 'resilience-events',
          severity: 'info',
          kinds: ['person'],
          wires: [['told']],
        },
        { id: 'told', type: 'helper' },
      ],
      [{ id: 'b', type: 'resilient-mqtt-broker', name: 'line 1', servers: 'mqtt://127.0.0.1:9' }],
    )
    await flow.order('pause')
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    for (let looks = 0; looks < 2; looks++) {
      flow.clock.advance(ms(10_000))
      await flow.turns()
    }
  }

  const get = async (path: string): Promise<Told> =>
    helper.request<Told>().get(`/resilience${path}`)

  const order = async (id: string, body: object): Promise<Told> =>
    helper
      .request<Told>()
      .post(`/resilience/nodes/${id}/command`)
      .set('Content-Type', 'application/json')
      .send(body)
})

/** Lists with their first entry only. */
function cut(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(cut)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cut(each)]))
}
