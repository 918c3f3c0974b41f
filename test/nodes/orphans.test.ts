/**
 * Directories without an owner, in Node-RED's test helper with real rooms on a disk in memory:
 * which they are, what is told of them, and what a person may do with them. Flows come and go; the
 * disk stays.
 */

import should from 'should'
import type { NodeRed } from '../../nodes/common/node-red.js'
import { dlq } from '../../nodes/dlq/dlq.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { resilienceStore } from '../../nodes/resilience-store/resilience-store.js'
import { resilientMqttBroker } from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import { resilientMqttOut } from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { sidebar } from '../../nodes/sidebar/sidebar.js'
import type { World } from '../../src/base/ports.js'
import type { StatusDocument } from '../../src/observe/status-document.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow } from '../world/guarded-flow.js'

interface Told<Body> {
  readonly status: number
  readonly text: string
  readonly body: Body
}

interface Orphan {
  readonly id: string
  readonly node: string
  readonly store: string
  readonly directory: string
  readonly kind: string
  readonly messages: number
  readonly bytes: number
  readonly oldestAt: number
}

interface Refused {
  readonly error: { readonly code: string; readonly field?: string }
}

const mqtt = [resilientMqttBroker, resilientMqttOut]
const queue = { type: 'persistent-queue', outcomeMode: 'manual' }
const letters = { type: 'dlq', redriveSchedule: 'off' }
const broker = { id: 'b', type: 'resilient-mqtt-broker', servers: 'mqtt://127.0.0.1:9' }
const out = { type: 'resilient-mqtt-out', broker: 'b', topic: 'line/1', qos: '', wires: [] }
const caught = {
  payload: { order: 1 },
  error: {
    message: 'no such field',
    source: { id: 'f1', type: 'function', name: 'map', count: 1 },
  },
}
const ssd = { id: 'ssd', type: 'resilience-store', directory: '/mnt/ssd' }

describe('orphans', () => {
  let flow: GuardedFlow
  let settings: object = {}

  afterEach(async () => {
    settings = {}
    await flow.stop()
  })

  it('are what nodes have left that are deployed no more', async () => {
    const gone = await left(queue, [{ payload: 'a' }, { payload: 'b' }])
    await start(queue)
    const orphan = await find(gone)
    should(orphan).match({ node: gone, store: '', kind: 'persistent-queue', messages: 2 })
    should(orphan?.directory).match(new RegExp(`/resilience/${gone}$`))
    should([typeof orphan?.bytes, typeof orphan?.oldestAt]).eql(['number', 'number'])
    should(await find(flow.id)).equal(undefined)
    const { body } = await get<StatusDocument>('/status')
    should(body.orphans).equal((await list()).length)
  })

  it('are none of a node that is disabled', async () => {
    const resting = await left(queue, [{ payload: 'a' }])
    await start(queue, [{ ...queue, id: resting, d: true }])
    should(await find(resting)).equal(undefined)
  })

  it('are none of a node within a subflow', async () => {
    const inner = await left(queue, [{ payload: 'a' }], 'instance-inner')
    const template = { ...queue, id: 'inner', d: true }
    await start(queue, [{ id: 'instance', type: 'helper' }, template])
    should(await find(inner)).equal(undefined)
  })

  it('are what a node has left below another root, told apart by the store', async () => {
    const moved = await left(queue, [{ payload: 'a' }])
    await start({ ...queue, store: 'ssd' }, [], [ssd], moved)
    await flow.order('pause')
    await flow.send({ payload: 'b' })
    should(await find(moved)).match({ node: moved, store: '', messages: 1 })
    should(await find(`${moved}@ssd`)).equal(undefined)
    await flow.stop()
    await start(queue, [{ ...queue, id: moved }], [ssd])
    should(await find(moved)).equal(undefined)
    should(await find(`${moved}@ssd`)).match({ node: moved, store: 'ssd', messages: 1 })
  })

  it('give their messages away as a dead letter node takes them', async () => {
    const gone = await left(queue, [{ topic: 'x', payload: { order: 1 } }])
    await start(letters)
    const { text } = await get<unknown>(`/orphans/${gone}/export`)
    should(JSON.parse(text)).match({ codec: 0, msg: { topic: 'x', payload: { order: 1 } } })
    const taken = await helper
      .request<Told<unknown>>()
      .post(`/resilience/dlq/${flow.id}/import`)
      .set('Content-Type', 'application/x-ndjson')
      .send(text)
    should(taken.body).match({ imported: 1, wrong: 0 })
  })

  it('show no message where payloads are hidden', async () => {
    const gone = await left(queue, [{ payload: 'secret' }])
    settings = { resilience: { showPayloads: false } }
    await start(queue)
    const told = await get<Refused>(`/orphans/${gone}/export`)
    should([told.status, told.body.error.code]).eql([403, 'PAYLOADS_HIDDEN'])
  })

  it('are adopted by a queue, and gone then', async () => {
    const gone = await left(queue, [{ payload: 'a' }, { payload: 'b' }])
    await start(queue)
    await flow.order('pause')
    const { body } = await post(`/orphans/${gone}/adopt`, { node: flow.id })
    should(body).eql({ messages: 2, stopped: null })
    const waiting = (await flow.order('peek')) as { payload: string }[]
    should(waiting.map(({ payload }) => payload)).eql(['a', 'b'])
    should(await find(gone)).equal(undefined)
    const acted = await get<{ items: object[] }>(`/events?kind=person&node=${flow.id}`)
    should(acted.body.items[0]).match({ command: 'adopt', count: 2 })
    const { nodes } = (await get<StatusDocument>('/status')).body
    should(nodes[0]?.tally).match({ queue: { balance: { accepted: 2, waiting: 2 } } })
  })

  it('stop where the adopting queue is full, and keep the rest', async () => {
    const gone = await left(queue, [{ payload: 'a' }, { payload: 'b' }, { payload: 'c' }])
    await start({ ...queue, maxMessages: '2', warnMessages: 'off' })
    await flow.order('pause')
    const { body } = await post(`/orphans/${gone}/adopt`, { node: flow.id })
    should(body).match({ messages: 2, stopped: { code: 'QUEUE_FULL' } })
    should(await find(gone)).match({ messages: 1 })
    const again = await post<Refused>(`/orphans/${gone}/adopt`, { node: flow.id })
    should(again.body.error.code).equal('QUEUE_FULL')
  })

  it('are adopted as letters with their id, cause and story', async () => {
    await start(letters)
    await flow.send(caught)
    const before = await letterOf(flow.id)
    await flow.stop()
    const gone = flow.id
    await start(letters)
    should(await find(gone)).match({ kind: 'dlq', messages: 1 })
    should((await post(`/orphans/${gone}/adopt`, { node: flow.id })).body).match({ messages: 1 })
    const after = await letterOf(flow.id)
    should(after).eql({ ...before, storedAt: after['storedAt'] })
    should(await find(gone)).equal(undefined)
    const { body } = await get<object>(`/dlq/${flow.id}`)
    should(body).match({ waiting: 1, balance: { accepted: 1, waiting: 1 } })
  })

  it('of a queue become letters without a story', async () => {
    const gone = await left(queue, [{ payload: 'a' }, { payload: 'b' }])
    await start(letters)
    should((await post(`/orphans/${gone}/adopt`, { node: flow.id })).body).match({ messages: 2 })
    should(await letterOf(flow.id)).match({ msg: { payload: 'b' }, failures: [] })
  })

  it('of mqtt out go to mqtt out, become messages of a queue, or letters', async () => {
    const gone = await left(out, [{ payload: 'a' }, { payload: 'b', qos: 2, retain: true }])
    await start(
      out,
      [
        { ...queue, id: 'q' },
        { ...letters, id: 'd' },
      ],
      [broker],
    )
    should(await find(gone)).match({ kind: 'resilient-mqtt-out', messages: 2 })
    should((await post(`/orphans/${gone}/adopt`, { node: flow.id })).body).match({ messages: 2 })
    const { queues } = (await get<StatusDocument>('/status')).body
    should(queues.waiting).equal(2)
    await flow.stop()
    const again = flow.id
    await start(queue)
    await flow.order('pause')
    should((await post(`/orphans/${again}/adopt`, { node: flow.id })).body).match({ messages: 2 })
    should((await flow.order('peek')) as object[]).match([{ topic: 'line/1' }, { payload: 'b' }])
    await flow.stop()
    const last = flow.id
    await start(letters)
    should((await post(`/orphans/${last}/adopt`, { node: flow.id })).body).match({ messages: 2 })
    should((await letterOf(flow.id))['msg']).match({ topic: 'line/1', payload: 'b', retain: true })
  })

  it('are not adopted by what could not send them', async () => {
    const gone = await left(letters, [caught])
    await start(queue, [{ ...out, id: 'out' }], [broker])
    for (const node of [flow.id, 'out', 'nobody', '']) {
      const told = await post<Refused>(`/orphans/${gone}/adopt`, { node })
      should([told.status, told.body.error.field]).eql([400, 'node'])
    }
    should(await find(gone)).match({ messages: 1 })
  })

  it('are removed for good when a person is sure', async () => {
    const gone = await left(queue, [{ payload: 'a' }])
    await start(queue)
    const unsure = await post<Refused>(`/orphans/${gone}/purge`, {})
    should([unsure.status, unsure.body.error.field]).eql([400, 'confirm'])
    should((await post(`/orphans/${gone}/purge`, { confirm: true })).body).eql({ messages: 1 })
    should(await find(gone)).equal(undefined)
    should((await post<Refused>(`/orphans/${gone}/purge`, { confirm: true })).status).equal(404)
    const acted = await get<{ items: object[] }>(`/events?kind=person&node=${gone}`)
    should(acted.body.items[0]).match({ command: 'purge', count: 1 })
  })

  it('are never a node that is at work', async () => {
    await start(queue)
    for (const path of ['adopt', 'purge']) {
      const told = await post<Refused>(`/orphans/${flow.id}/${path}`, { confirm: true })
      should(told.status).equal(404)
    }
  })

  /** A node that kept messages and was deleted; its id. */
  async function left(node: object, messages: readonly object[], id?: string): Promise<string> {
    await start(node, [], node === out ? [broker] : [], id)
    if (node === queue) await flow.order('pause')
    for (const msg of messages) await flow.send(msg)
    await flow.stop()
    return flow.id
  }

  /** The newest letter of a node, as a person sees it. */
  async function letterOf(id: string): Promise<Record<string, unknown>> {
    const { items } = (await get<{ items: { id: string }[] }>(`/dlq/${id}/letters`)).body
    return (await get<Record<string, unknown>>(`/dlq/${id}/letters/${items[0]?.id}`)).body
  }

  async function start(
    node: object,
    more: readonly object[] = [],
    configs: readonly object[] = [],
    id?: string,
  ): Promise<void> {
    flow = id === undefined ? new GuardedFlow() : new GuardedFlow(id)
    const rooms = [...mqtt, persistentQueue, dlq, resilienceStore, sidebar].map(
      (room) => (world: World) => (RED: NodeRed) =>
        room(world)({ ...RED, settings: { ...RED.settings, ...settings } }),
    )
    await flow.start(rooms, node, more, configs)
    await flow.turns()
  }

  const list = async () => (await get<{ items: Orphan[] }>('/orphans?limit=500')).body.items
  const find = async (id: string) => (await list()).find((each) => each.id === id)

  const get = async <Body>(path: string): Promise<Told<Body>> =>
    helper.request<Told<Body>>().get(`/resilience${path}`)

  const post = async <Body>(path: string, body: object): Promise<Told<Body>> =>
    helper
      .request<Told<Body>>()
      .post(`/resilience${path}`)
      .set('Content-Type', 'application/json')
      .send(body)
})
