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

interface Events {
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
  readonly total: number
}

interface Refused {
  readonly error: { readonly code: string; readonly field?: string }
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

  it('obey as a flow would be obeyed, and say who ordered it', async () => {
    const { body } = await order({ command: 'pause' })
    should(body).eql({
      answer: { command: 'pause', ok: true, node: flow.id, result: { paused: true } },
    })
    const { items } = (await get<Events>('/events?kind=person')).body
    should(items[0]).containDeep({ kind: 'person.acted', user: '', command: 'pause', count: 1 })
    should(items[0]?.['node']).containDeep({ id: flow.id, name: 'Orders', flow: 'tab' })
  })

  it('show what waits, and make no event of a look', async () => {
    const { body } = await order<{ answer: { result: { payload: number }[] } }>({ command: 'peek' })
    should(body.answer.result[0]?.payload).equal(1)
    await order({ command: 'status' })
    should((await get<Events>(`/events?kind=person&node=${flow.id}`)).body.total).equal(0)
  })

  it('count what was dropped', async () => {
    await order({ command: 'pause' })
    await flow.send({ payload: 2 })
    await order({ command: 'purge', confirm: true })
    const { items } = (await get<Events>(`/events?kind=person&node=${flow.id}`)).body
    should(items[0]).containDeep({ command: 'purge', count: 1 })
  })

  const wrong: [object, string, string?][] = [
    [{}, 'COMMAND_INVALID', 'command'],
    [{ command: 7 }, 'COMMAND_INVALID', 'command'],
    [{ command: 'explode' }, 'COMMAND_UNKNOWN'],
    [{ command: 'toString' }, 'COMMAND_UNKNOWN'],
    [{ command: 'purge' }, 'COMMAND_INVALID', 'confirm'],
  ]
  for (const [body, code, field] of wrong) {
    it(`refuse ${JSON.stringify(body)} as an order`, async () => {
      const told = await order<Refused>(body)
      should([told.status, told.body.error.code, told.body.error.field]).eql([400, code, field])
    })
  }

  it('give the last events newest first, in pieces', async () => {
    for (const command of ['pause', 'resume', 'pause']) await order({ command })
    const path = `/events?node=${flow.id}&kind=person.acted,breaker`
    const { body: first } = await get<Events>(`${path}&limit=2`)
    should([first.items.map(({ command }) => command), first.total]).eql([['pause', 'resume'], 3])
    const { body: second } = await get<Events>(`${path}&limit=2&after=${first.next}`)
    should([second.items.map(({ command }) => command), second.next]).eql([['pause'], null])
  })

  for (const query of ['kind=nothing', 'kind=breaker,x', 'severity=bad', 'after=x']) {
    it(`refuse ${query}`, async () => {
      should((await get<Refused>(`/events?${query}`)).body.error.code).equal('COMMAND_INVALID')
    })
  }

  const order = async <Body>(body: object): Promise<Told<Body>> =>
    helper
      .request<Told<Body>>()
      .post(`/resilience/nodes/${flow.id}/command`)
      .set('Content-Type', 'application/json')
      .send(body)

  const get = async <Body>(path: string): Promise<Told<Body>> =>
    helper.request<Told<Body>>().get(`/resilience${path}`)
})
