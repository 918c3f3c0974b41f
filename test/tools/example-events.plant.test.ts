/**
 * The examples with events in a real Node-RED, pressed as their comments say: a queue that
 * overflows, the whole status on request, and a webhook that hears of an outage once and of its end
 * once.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { WebSocket } from 'ws'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type FlowNode, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

interface Event {
  readonly kind: string
  readonly reason?: string
  readonly count?: number
  readonly resolves?: string
  readonly node: { readonly name: string }
}

interface Shown {
  readonly at: string
  readonly msg: {
    readonly payload: Readonly<Record<string, unknown>>
    readonly resilience?: { readonly event?: Event }
    readonly statusCode?: number
  }
}

describe('the example with events', function () {
  this.timeout(60_000)

  let directory: string
  let port: number
  let nodeRed: NodeRedProcess
  const shown = new Arrivals<Shown>()

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-events-'))
    port = await freePort()
    const names = ['node/resilience-events', '09 Alerts to a webhook or mail']
    const flows = names.flatMap((name) => reporting(name, port))
    prepareUserDir(directory, { packages: [checkout], flows })
    nodeRed = await NodeRedProcess.start({
      ...{ userDir: directory, port },
      onReport: (line) => shown.add(JSON.parse(line)),
    })
  })

  after(async () => {
    await nodeRed?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it('node/resilience-events tells how many messages an overflow cost', async () => {
    await nodeRed.inject('events-overflow')
    const events = () => at('events, status').map(({ resilience }) => resilience?.event)
    const dropped = () => events().reduce((sum, event) => sum + (event?.count ?? 0), 0)
    while (dropped() < 15) await more()
    should(dropped()).equal(15)
    for (const event of events()) {
      should(event).containDeep({ kind: 'messages.dropped', reason: 'overflow' })
      should(event?.node.name).equal('five at most')
    }
  })

  it('node/resilience-events gives the whole status on request', async () => {
    await nodeRed.inject('events-status')
    const document = () =>
      at('events, status')
        .map(({ payload }) => payload)
        .find((payload) => 'operational' in Object(payload))
    while (document() === undefined) await more()
    should(document()).containDeep({ operational: true, connected: true })
    const nodes = document()?.['nodes'] as readonly { readonly id: string }[]
    should(nodes.map(({ id }) => id)).containDeep(['events-queue', 'alert-breaker'])
  })

  it('09 posts once when a breaker opens, and once when it has closed', async () => {
    const heard = new Arrivals<Event>()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/resilience-alerts`)
    socket.on('message', (data) => heard.add(JSON.parse(String(data)).resilience.event))
    await new Promise((resolve) => socket.once('open', resolve))
    await nodeRed.inject('alert-sick')
    await nodeRed.inject('alert-three')
    should(await posted(0)).containDeep({ state: 'alert', kind: 'breaker.opened', node: 'machine' })
    await nodeRed.inject('alert-well')
    while (at('done').length === 0) {
      const tried = at('done').length + at('refused, answers').length
      await nodeRed.inject('alert-one')
      while (at('done').length + at('refused, answers').length === tried) await more()
    }
    should(await posted(1)).containDeep({ state: 'over', kind: 'breaker.opened', node: 'machine' })
    should(posts().length).equal(2)
    const events = await heard.first(2)
    should(events.map(({ kind, resolves }) => [kind, resolves])).eql([
      ['breaker.opened', undefined],
      ['breaker.closed', 'breaker.opened'],
    ])
    socket.terminate()
  })

  const at = (name: string) => shown.all.filter((each) => each.at === name).map(({ msg }) => msg)

  const more = () => shown.nth(shown.all.length)

  /** Of the breaker: the queue of the other example is full too. */
  const posts = () =>
    at('what the webhook got').filter(({ payload }) => payload['node'] === 'machine')

  async function posted(index: number): Promise<unknown> {
    while (posts().length <= index) await more()
    return posts()[index]?.payload
  }
})

/** Debug nodes report what they would show; a breaker is quicker. */
function reporting(name: string, port: number): FlowNode[] {
  const text = readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8')
  const flow: FlowNode[] = JSON.parse(text.replaceAll('127.0.0.1:1880', `127.0.0.1:${port}`))
  const func = `const { payload, resilience, statusCode } = msg
global.get('report')(JSON.stringify({ at: node.name, msg: { payload, resilience, statusCode } }))`
  return flow.map((node) => {
    if (node.type === 'circuit-breaker') return { ...node, backoffInitial: '300ms' }
    return node.type === 'debug'
      ? { ...node, type: 'function', func, outputs: 0, libs: [], initialize: '', finalize: '' }
      : node
  })
}
