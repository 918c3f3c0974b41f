/**
 * What is told of all nodes together by a real Node-RED with people who log in: who may see and who
 * may act, what open editors hear, a node that cannot open, nodes that come and go with deploys,
 * and two hundred of them.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { WebSocket } from 'ws'
import type { StatusDocument } from '../../src/observe/status-document.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type FlowNode, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

// It comes with Node-RED, without types; the native one only where there is one for the machine.
const { hashSync } = require('bcryptjs') as {
  hashSync(text: string, rounds: number): string
}

type Status = StatusDocument & { readonly mayWrite: boolean }

interface Person {
  readonly username: string
  readonly permissions: string | readonly string[]
}

const people: readonly Person[] = [
  { username: 'admin', permissions: '*' },
  { username: 'guest', permissions: 'read' },
  { username: 'keeper', permissions: ['resilience.read', 'resilience.write'] },
  { username: 'writer', permissions: ['read', 'write'] },
  { username: 'looker', permissions: ['*.read', 'flows.write'] },
]
const stranger: Person = { username: 'stranger', permissions: 'flows.read' }

const settings = {
  adminAuth: {
    type: 'credentials',
    users: [...people, stranger].map((each) => ({ ...each, password: hashSync('p', 4) })),
  },
}

const tab = { id: 'tab', type: 'tab', label: 'Line 1' }
const place = { z: 'tab', x: 100, y: 100 }
/** Messages of an http in hold more than can be kept. */
const kept = { outcomeMode: 'manual', leaveOutUnstorable: true }
const queue = { ...place, ...kept, type: 'persistent-queue', wires: [[], []] }
const report = {
  ...{ ...place, id: 'report', type: 'function', wires: [], outputs: 0, libs: [] },
  func: "global.get('report')(JSON.stringify(msg.resilience.event))",
}
const subflow = [
  {
    id: 'sub',
    type: 'subflow',
    name: 'Kept',
    in: [{ x: 0, y: 0, wires: [{ id: 'inner' }] }],
    out: [],
  },
  { ...queue, id: 'inner', z: 'sub', name: 'inside' },
  { ...place, id: 'instance', type: 'subflow:sub', wires: [] },
  {
    ...place,
    id: 'into',
    type: 'http in',
    url: '/inside',
    method: 'post',
    wires: [['instance', 'ok']],
  },
]
const flows: FlowNode[] = [
  tab,
  { ...queue, id: 'orders', name: 'Orders' },
  { ...place, id: 'in', type: 'http in', url: '/order', method: 'post', wires: [['orders', 'ok']] },
  { ...place, id: 'ok', type: 'http response', wires: [] },
  { ...place, id: 'plc', type: 'circuit-breaker', name: 'PLC', wires: [[], []] },
  { ...queue, id: 'shut', name: 'Shut', store: 'missing' },
  {
    ...{ ...place, id: 'events', type: 'resilience-events', severity: 'info' },
    ...{ kinds: ['store.recovered'], wires: [['report']] },
  },
  report,
  ...subflow,
]

describe('all nodes together in a real Node-RED', function () {
  this.timeout(90_000)

  let directory: string
  let nodeRed: NodeRedProcess
  let port: number
  const told = new Arrivals<{ kind: string; node: { id: string } }>()
  const tokens = new Map<string, string>()
  const news = new Arrivals<{ topic: string; data: object }>()
  let socket: WebSocket | undefined

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-status-'))
    port = await freePort()
    prepareUserDir(directory, { packages: [checkout], flows, settings })
    nodeRed = await NodeRedProcess.start({
      ...{ userDir: directory, port },
      onReport: (line) => told.add(JSON.parse(line)),
    })
    for (const { username } of [...people, stranger]) tokens.set(username, await login(username))
    await listen()
  })

  after(async () => {
    socket?.terminate()
    await nodeRed?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it('are shown to those who may read, and to nobody else', async () => {
    for (const path of ['/status', '/nodes', '/nodes/orders', '/events', '/orphans', '/stores']) {
      should((await ask('GET', path)).status).equal(401)
      should((await ask('GET', path, 'stranger')).status).equal(401)
      for (const { username } of people)
        should((await ask('GET', path, username)).status).equal(200)
    }
  })

  it('tell everybody beforehand whether they may act', async () => {
    for (const { username } of people) {
      const { mayWrite } = await status(username)
      const acted = await ask('POST', '/nodes/orders/command', username, { command: 'flush' })
      should([username, acted.status]).eql([username, mayWrite ? 200 : 401])
    }
    should((await status('admin')).mayWrite).equal(true)
    should((await status('guest')).mayWrite).equal(false)
    for (const path of ['/orphans/x/purge', '/orphans/x/adopt']) {
      should((await ask('POST', path, 'guest', { confirm: true })).status).equal(401)
    }
  })

  it('name the person who ordered something, in the event and in the breaker', async () => {
    await ask('POST', '/nodes/plc/command', 'keeper', { command: 'isolate' })
    const { items } = (await json('/events?kind=person&node=plc')) as { items: object[] }
    should(items[0]).match({
      user: 'keeper',
      command: 'isolate',
      text: 'keeper ordered isolate: 1.',
    })
    const badge = ({ nodes }: Status) => nodes.find(({ id }) => id === 'plc')?.status?.text
    await until((now) => now.breakers.isolated === 1 && badge(now) === 'isolated · keeper')
  })

  it('tell open editors that something has changed, and no more', async () => {
    const before = news.all.length
    await ask('POST', '/nodes/orders/command', 'admin', { command: 'pause' })
    const { topic, data } = await news.nth(before)
    should([topic, Object.keys(data)]).eql(['resilience/changed', ['at']])
  })

  it('say which node cannot open, and obey none of its commands', async () => {
    const { operational, nodes } = await status('guest')
    should(operational).equal(false)
    should(nodes.filter(({ open }) => !open).map(({ id }) => id)).eql(['shut'])
    const shut = nodes.find(({ id }) => id === 'shut')
    should([shut?.status?.fill, shut?.commands, shut?.tally]).eql(['red', [], {}])
    const refused = await ask('POST', '/nodes/shut/command', 'admin', { command: 'pause' })
    should(refused.status).equal(503)
    should(((await refused.json()) as { error: { code: string } }).error.code).equal(
      'SETTINGS_INVALID',
    )
  })

  it('know what a deploy has left without an owner, and tell what happens meanwhile', async () => {
    await nodeRed.fetch('/order', { method: 'POST' })
    await nodeRed.fetch('/inside', { method: 'POST' })
    await until(({ queues }) => queues.waiting === 2)
    should((await status('guest')).orphans).equal(0)
    await deploy(flows.filter(({ id }) => id !== 'shut'))
    // Before the flows started again, the queue found its message.
    while (!told.all.some(({ node }) => node.id === 'orders')) await told.nth(told.all.length)
    should(told.all.filter(({ node }) => node.id === 'orders').length).equal(1)
    await until(({ operational, orphans }) => operational && orphans === 0)
    await deploy(flows.filter(({ id }) => id !== 'shut' && id !== 'orders' && id !== 'in'))
    await until(({ orphans }) => orphans === 1)
    const { items } = (await json('/orphans')) as { items: object[] }
    should(items).match([{ id: 'orders', kind: 'persistent-queue', messages: 1 }])
    const purged = await ask('POST', '/orphans/orders/purge', 'admin', { confirm: true })
    should(await purged.json()).eql({ messages: 1 })
    should((await status('guest')).orphans).equal(0)
  })

  it('are two hundred, and told in one answer', async () => {
    const many = Array.from({ length: 200 }, (_, n) => ({ ...queue, id: `q${n}`, name: `Q ${n}` }))
    await deploy([tab, ...many])
    await until(({ operational, nodes }) => operational && nodes.length === 200)
    const { total, next, items } = (await json('/nodes?limit=150')) as Record<string, unknown>
    should([total, next, (items as object[]).length]).eql([
      200,
      (items as { id: string }[]).at(-1)?.id,
      150,
    ])
  })

  const status = async (user: string): Promise<Status> =>
    (await (await ask('GET', '/status', user)).json()) as Status

  /** As an editor that is open does, for a person who may read only. */
  async function listen(): Promise<void> {
    const opened = new WebSocket(`ws://127.0.0.1:${port}/comms`)
    socket = opened
    opened.on('message', (text) => {
      for (const each of [JSON.parse(String(text))].flat()) {
        if (String(each.topic).startsWith('resilience/')) news.add(each)
      }
    })
    await new Promise((resolve) => opened.once('open', resolve))
    opened.send(JSON.stringify({ auth: tokens.get('guest') }))
    await new Promise((resolve) => opened.once('message', resolve))
    opened.send(JSON.stringify({ subscribe: 'resilience/#' }))
  }

  /** Looks again when editors are told that something has changed, as the sidebar does. */
  async function until(isSo: (status: Status) => boolean): Promise<void> {
    for (;;) {
      const before = news.all.length
      if (isSo(await status('guest'))) return
      await news.nth(before)
    }
  }

  const json = async (path: string): Promise<unknown> => (await ask('GET', path, 'guest')).json()

  const bearer = (user: string): Record<string, string> => ({
    Authorization: `Bearer ${tokens.get(user)}`,
  })

  function ask(method: string, path: string, user?: string, body?: object): Promise<Response> {
    const headers = {
      ...(user === undefined ? {} : bearer(user)),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    }
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    return nodeRed.fetch(`/resilience${path}`, { method, headers, ...content })
  }

  async function deploy(nodes: readonly object[]): Promise<void> {
    const headers = { ...bearer('admin'), 'Content-Type': 'application/json' }
    const told = await nodeRed.fetch('/flows', {
      method: 'POST',
      headers,
      body: JSON.stringify(nodes),
    })
    should(told.ok).equal(true)
  }

  async function login(username: string): Promise<string> {
    const body = new URLSearchParams({
      ...{ client_id: 'node-red-admin', grant_type: 'password', scope: '' },
      ...{ username, password: 'p' },
    })
    const answer = await nodeRed.fetch('/auth/token', { method: 'POST', body })
    return ((await answer.json()) as { access_token: string }).access_token
  }
})
