/**
 * Dead letters in a real Node-RED with logins: who may look and who may change, and a redrive that
 * is cut off by `kill -9`: no letter is lost, and none that was known to be done goes again.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

const { hashSync }: { hashSync(text: string, rounds: number): string } = require('bcryptjs')

const count = 300
const place = { z: 'tab', x: 100, y: 100 }
const empty = { outputs: 1, libs: [], initialize: '', finalize: '' }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Orders' },
  { ...place, id: 'go', type: 'http in', url: '/go', method: 'post', wires: [['make', 'ok']] },
  { ...place, id: 'ok', type: 'http response', wires: [] },
  {
    ...{ ...place, ...empty, id: 'make', type: 'function' },
    func: `for (let n = 0; n < ${count}; n++) node.send({ payload: { n } })\nreturn null`,
    wires: [['fails']],
  },
  {
    ...{ ...place, ...empty, id: 'fails', type: 'function', name: 'fails' },
    func: "throw new Error('order ' + msg.payload.n + ' is unknown')",
    wires: [[]],
  },
  { ...place, id: 'catch', type: 'catch', scope: ['fails'], wires: [['letters']] },
  {
    ...{ ...place, id: 'letters', type: 'dlq', name: 'Letters', redriveSchedule: 'off' },
    ...{ rateLimit: '400/s', wires: [['works'], []] },
  },
  {
    ...{ ...place, ...empty, id: 'works', type: 'function', name: 'works' },
    func: "global.get('report')(JSON.stringify({ n: msg.payload.n }))\nreturn msg",
    wires: [[]],
  },
  {
    ...{ ...place, id: 'shake', type: 'http in', url: '/shake/:well', method: 'post' },
    wires: [['shake-make', 'ok']],
  },
  {
    ...{ ...place, ...empty, id: 'shake-make', type: 'function' },
    func: `flow.set('well', msg.req.params.well)
      if (flow.get('well') === 'no') for (let n = 0; n < 3; n++) node.send({ payload: { n } })
      return null`,
    wires: [['shaky']],
  },
  {
    ...{ ...place, ...empty, id: 'shaky', type: 'function', name: 'shaky' },
    func: `await new Promise((go) => setTimeout(go, 5))
      if (flow.get('well') === 'no') throw new Error('not yet')
      return msg`,
    wires: [[]],
  },
  { ...place, id: 'shake-catch', type: 'catch', scope: ['shaky'], wires: [['sources']] },
  {
    ...{ ...place, id: 'sources', type: 'dlq', name: 'Sources', redriveSchedule: 'off' },
    ...{ redriveTo: 'source', stopAbove: 'off', wires: [[], []] },
  },
]

const settings = {
  adminAuth: {
    type: 'credentials',
    users: [
      { username: 'admin', password: hashSync('a', 4), permissions: '*' },
      { username: 'guest', password: hashSync('g', 4), permissions: 'read' },
      { username: 'other', password: hashSync('o', 4), permissions: 'flows.read' },
    ],
  },
}

describe('dead letters in a real Node-RED', function () {
  this.timeout(90_000)

  let directory: string
  let nodeRed: NodeRedProcess
  const done = new Arrivals<number>()
  const logged = new Arrivals<string>()
  const tokens: Record<string, string> = {}

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-dlq-'))
    prepareUserDir(directory, { packages: [checkout], flows, settings })
    await start()
    for (const [username, password] of ['a', 'g', 'o'].entries()) {
      const name = ['admin', 'guest', 'other'][username] ?? ''
      tokens[name] = await login(name, password)
    }
    // Node-RED says that flows are started before the letters are open.
    while ((await ask('GET', '/letters', 'admin')).status !== 200);
  })

  after(async () => {
    await nodeRed?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it('show nothing without a token, nor to one that may not read', async () => {
    for (const path of ['', '/letters', '/letters/letters', '/letters/peek', '/letters/export']) {
      should((await ask('GET', path)).status).equal(401)
      should((await ask('GET', path, 'other')).status).equal(401)
      should((await ask('GET', path, 'guest')).status).equal(200)
    }
  })

  it('are changed only with a token that may write', async () => {
    const writes = ['/retry', '/letters/delete', '/clear', '/seen', '/import', '/letters/x/edit']
    for (const path of writes.map((each) => `/letters${each}`)) {
      for (const user of [undefined, 'guest', 'other']) {
        should((await ask('POST', path, user, {})).status).equal(401)
      }
    }
    should((await ask('DELETE', '/letters/jobs/x', 'guest')).status).equal(401)
    should((await ask('POST', '/letters/seen', 'admin', {})).status).equal(200)
  })

  it('refuse a body that is no JSON without a page and without a stack', async () => {
    const headers = { 'Content-Type': 'application/json', ...bearer('admin') }
    const url = '/resilience/dlq/letters/seen'
    const told = await nodeRed.fetch(url, { method: 'POST', headers, body: '{"a":' })
    should(told.status).equal(400)
    should(((await told.json()) as { error: { code: string } }).error.code).equal('COMMAND_INVALID')
  })

  it('stay the same letters when they fail again in the node where they failed', async () => {
    await nodeRed.fetch('/shake/no', { method: 'POST' })
    await until(({ waiting }) => waiting === 3, 'sources')
    await json('POST', '/sources/retry', { all: true, canary: false })
    await until(({ redrive }) => redrive?.state === 'finished' && redrive.failed === 3, 'sources')
    const { items } = (await json('GET', '/sources/letters')) as { items: object[] }
    items.map((each) => Reflect.get(each, 'redrives')).should.eql([1, 1, 1])
    await nodeRed.fetch('/shake/yes', { method: 'POST' })
    await json('POST', '/sources/retry', { all: true, canary: false })
    await until(({ waiting }) => waiting === 0, 'sources')
    const { balance } = (await json('GET', '/sources')) as { balance: object }
    should(balance).containEql({ accepted: 3, delivered: 3, waiting: 0 })
  })

  it('go on after a kill in mid redrive: none is lost, none that was done goes again', async () => {
    await nodeRed.fetch('/go', { method: 'POST' })
    await until(({ waiting }) => waiting === count)
    const { job } = (await json('POST', '/letters/retry', { all: true, canary: false })) as {
      job: string
    }
    await done.first(100)
    const { ok } = (await json('GET', `/letters/jobs/${job}`)) as { ok: number }
    await done.first(150)
    await nodeRed.kill()
    const before = done.all.length
    await start()
    await until(({ waiting }) => waiting === 0)
    new Set(done.all).size.should.equal(count)
    const again = done.all.length - count
    // What was done and told, but perhaps not known yet when the process died.
    again.should.be.belowOrEqual(before - ok)
    const { balance } = (await json('GET', '/letters')) as { balance: object }
    should(balance).containEql({ accepted: count, delivered: count, waiting: 0 })
  })

  it('tell in the log who did what, and nothing of an open editor', () => {
    logged.all.some((line) => line.includes('adminAuth')).should.be.false()
    logged.all.some((line) => line.includes(`admin ordered redrive: ${count}.`)).should.be.true()
  })

  async function start(): Promise<void> {
    nodeRed = await NodeRedProcess.start({
      ...{ userDir: directory, port: await freePort() },
      onReport: (line) => done.add(JSON.parse(line).n),
      onLog: (line) => logged.add(line),
    })
  }

  async function login(username: string, password: string): Promise<string> {
    const scope = username === 'admin' ? '*' : ''
    const body = { client_id: 'node-red-admin', grant_type: 'password', scope, username, password }
    const told = await nodeRed.fetch('/auth/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return ((await told.json()) as { access_token: string }).access_token
  }

  const bearer = (user: string | undefined): Record<string, string> =>
    user === undefined ? {} : { Authorization: `Bearer ${tokens[user]}` }

  function ask(method: string, path: string, user?: string, body?: object): Promise<Response> {
    const headers = { 'Content-Type': 'application/json', ...bearer(user) }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return nodeRed.fetch(`/resilience/dlq${path}`, { method, headers, ...sent })
  }

  async function json(method: string, path: string, body?: object): Promise<unknown> {
    return (await ask(method, path, 'admin', body)).json()
  }

  /** Looks again after each line of the log, and after each letter that is done. */
  async function until(isSo: (figures: Figures) => boolean, id = 'letters'): Promise<void> {
    for (;;) {
      const [lines, letters] = [logged.all.length, done.all.length]
      if (isSo((await json('GET', `/${id}`)) as Figures)) return
      await Promise.race([logged.nth(lines), done.nth(letters)])
    }
  }
})

interface Figures {
  readonly waiting: number
  readonly redrive: { readonly state: string; readonly failed: number } | null
}
