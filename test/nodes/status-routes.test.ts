/**
 * The admin routes about all nodes together, in Node-RED's own test helper with real rooms: the
 * document of all, the list, one node, and what editors are told when something changes.
 */

import should from 'should'
import type { NodeRed } from '../../nodes/common/node-red.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { sidebar } from '../../nodes/sidebar/sidebar.js'
import type { StatusDocument } from '../../src/observe/status-document.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow } from '../world/guarded-flow.js'

interface Told<Body> {
  readonly status: number
  readonly body: Body
}

interface Listed {
  readonly items: readonly { readonly id: string }[]
  readonly next: string | null
  readonly total: number
}

describe('the routes of all nodes', () => {
  let flow: GuardedFlow
  const published: { topic: string; data: object; isRetained: boolean }[] = []
  const comms = {
    publish: (topic: string, data: object, isRetained: boolean) => {
      published.push({ topic, data, isRetained })
    },
  }
  const listening = (world: Parameters<typeof sidebar>[0]) => (RED: NodeRed) =>
    sidebar(world)({ ...RED, comms })
  const queue = { type: 'persistent-queue', name: 'Orders', outcomeMode: 'manual' }

  beforeEach(async () => {
    flow = new GuardedFlow()
    published.length = 0
    const more = [{ ...queue, id: `${flow.id}-b`, name: 'B' }]
    await flow.start([persistentQueue, listening], queue, more)
    await flow.send({ payload: 1 })
  })

  afterEach(() => flow.stop())

  it('tell of everything at once', async () => {
    const { body, status } = await get<StatusDocument & { mayWrite: boolean }>('/status')
    should([status, body.operational, body.connected, body.mayWrite]).eql([200, true, true, true])
    should(
      body.nodes.map(({ id, name, type, open, settings }) => ({ id, name, type, open, settings })),
    ).eql([
      { id: flow.id, name: 'Orders', type: 'persistent-queue', open: true, settings: 1 },
      { id: `${flow.id}-b`, name: 'B', type: 'persistent-queue', open: true, settings: 1 },
    ])
    const [first] = body.nodes
    should(first?.commands).containDeep(['status', 'pause', 'purge'])
    should(first?.status?.text).be.a.String()
    should(first?.oldestAt).be.a.Number()
  })

  it('list nodes in pieces', async () => {
    const { body: whole } = await get<Listed>('/nodes')
    should([whole.items.length, whole.next, whole.total]).eql([2, null, 2])
    const { body: first } = await get<Listed>('/nodes?limit=1')
    should([first.items.length, first.next, first.total]).eql([1, flow.id, 2])
    const { body: second } = await get<Listed>(`/nodes?limit=1&after=${first.next}`)
    should([second.items[0]?.id, second.next, second.total]).eql([`${flow.id}-b`, null, 2])
  })

  it('tell of one node what it tells of itself', async () => {
    const { body } = await get<{ id: string; report: { waiting: number } }>(`/nodes/${flow.id}`)
    should([body.id, body.report.waiting]).eql([flow.id, 1])
    should((await get('/nodes/nobody')).status).equal(404)
  })

  it('tell editors that something has changed, and no more than that', async () => {
    published.length.should.be.above(0)
    for (const { topic, data, isRetained } of published) {
      should([topic, isRetained, Object.keys(data)]).eql(['resilience/changed', false, ['at']])
    }
  })

  const get = async <Body>(path: string): Promise<Told<Body>> =>
    helper.request<Told<Body>>().get(`/resilience${path}`)
})
