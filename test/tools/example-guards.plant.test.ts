/**
 * The examples of the persistent queue and of the nodes that guard other nodes, in a real Node-RED,
 * pressed as their comments say. Waits are shortened; nothing else of the flows is changed.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type FlowNode, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

interface Shown {
  readonly at: string
  readonly msg: {
    readonly payload: { readonly number: number }
    readonly resilience: {
      readonly id?: string
      readonly attempt?: number
      readonly reason?: string
      readonly failure?: object
      readonly breaker?: { readonly state: string; readonly retryAt: number }
      readonly answer?: { readonly command: string; readonly result: readonly object[] }
    }
  }
}

const names = ['circuit-breaker', 'persistent-queue', 'resilience-retry', 'resilience-bulkhead']

describe('the example of', function () {
  this.timeout(60_000)

  let userDir: string
  let nodeRed: NodeRedProcess
  let shown = new Arrivals<Shown>()
  const logged = new Arrivals<string>()

  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-guards-'))
    prepareUserDir(userDir, { packages: [checkout], flows: names.flatMap(reporting) })
    nodeRed = await started()
  })

  beforeEach(() => {
    shown = new Arrivals()
  })

  after(async () => {
    await nodeRed?.kill()
    rmSync(userDir, { recursive: true, force: true })
  })

  it('circuit-breaker opens after five failures, refuses, and closes after two good probes', async () => {
    await press('breaker-sick', 'breaker-send')
    await told(/Opened: failures in a row/)
    await press('breaker-send')
    const refused = await of('refused, and answers', 5)
    for (const { resilience } of refused) {
      should(resilience).match({ reason: 'refused', breaker: { state: 'open' } })
      should(resilience.breaker?.retryAt).be.a.Number()
    }
    await press('breaker-well')
    await until('breaker-guard', 'half-open')
    await press('breaker-send')
    await until('breaker-guard', 'half-open · probe 2')
    await press('breaker-send')
    await until('breaker-guard', 'closed')
    shown = new Arrivals()
    await press('breaker-send')
    should(numbers(await of('done', 5))).eql([1, 2, 3, 4, 5])
  })

  it('circuit-breaker is held open by hand, and tells why it opened', async () => {
    await press('breaker-isolate')
    await until('breaker-guard', 'isolated')
    await press('breaker-reset', 'breaker-status')
    const answers = await of('refused, and answers', 3)
    const status = answers.find(({ resilience }) => resilience.answer?.command === 'status')
    const [breaker] = status?.resilience.answer?.result ?? []
    should(breaker).have.propertyByPath('lastOpened', 'whatIf')
    should(breaker).match({ lastOpened: { cause: 'consecutive', calls: 5, failed: 5 } })
  })

  it('persistent-queue delivers all in order when the machine is well, the same id again', async () => {
    await press('queue-sick', 'queue-send')
    await until('queue-keep', 'retry in')
    await press('queue-well')
    const done = await of('done', 5)
    should(numbers(done)).eql([1, 2, 3, 4, 5])
    should(done[0]?.resilience.attempt).be.above(1)
    should(new Set(done.map(({ resilience }) => resilience.id)).size).equal(5)
  })

  it('persistent-queue keeps what waits over a restart, and releases it when resumed', async () => {
    await press('queue-pause', 'queue-send')
    await until('queue-keep', 'paused · 5 waiting')
    await nodeRed.stop()
    nodeRed = await started()
    await until('queue-keep', 'paused · 5 waiting')
    shown = new Arrivals()
    await press('queue-peek')
    const [peeked] = await of('set aside, and answers', 1)
    should(peeked?.resilience.answer).match({ command: 'peek', ok: true })
    should(peeked?.resilience.answer?.result).have.length(5)
    await press('queue-resume')
    should(numbers(await of('done', 5))).eql([1, 2, 3, 4, 5])
  })

  it('resilience-retry gives up after five attempts, and says why', async () => {
    await press('retry-sick', 'retry-send')
    const [gaveUp] = await of('gave up, and answers', 1)
    should(gaveUp?.resilience).match({ attempt: 5, reason: 'max-attempts' })
    should(gaveUp?.resilience.failure).match({ text: 'The machine is sick.' })
    await press('retry-send', 'retry-well', 'retry-flush')
    const [done] = await of('done', 1)
    should(done?.resilience.attempt).be.within(2, 5)
  })

  it('resilience-bulkhead lets ten work, keeps a hundred waiting and turns away the rest', async () => {
    await press('bulkhead-send')
    await until('bulkhead-guard', '10 of 10 · 10 waiting')
    should(numbers(await of('done', 20)).slice(0, 10)).eql([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    await until('bulkhead-guard', 'ready')
    for (let presses = 0; presses < 6; presses++) await press('bulkhead-send')
    const refused = await of('refused, and answers', 10)
    for (const { resilience } of refused) should(resilience.reason).equal('overflow')
  })

  async function started(): Promise<NodeRedProcess> {
    return NodeRedProcess.start({
      ...{ userDir, port: await freePort() },
      onReport: (line) => shown.add(JSON.parse(line)),
      onLog: (line) => logged.add(line),
    })
  }

  async function press(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await nodeRed.inject(id)
  }

  /** The first `count` messages in front of that debug node. */
  async function of(at: string, count: number): Promise<Shown['msg'][]> {
    const found = () => shown.all.filter((each) => each.at === at).map(({ msg }) => msg)
    while (found().length < count) await shown.nth(shown.all.length)
    return found().slice(0, count)
  }

  /** Asks again until its status begins so. */
  async function until(id: string, text: string): Promise<void> {
    for (;;) {
      const answer = await nodeRed.fetch(`/resilience/nodes/${id}`)
      const { status } = (await answer.json()) as { status?: { text: string } | null }
      if (status?.text.startsWith(text)) return
    }
  }

  async function told(what: RegExp): Promise<void> {
    while (!logged.all.some((line) => what.test(line))) await logged.nth(logged.all.length)
  }
})

const numbers = (all: readonly Shown['msg'][]) => all.map(({ payload }) => payload.number)

/** Reports in place of debug nodes. */
function reporting(name: string): FlowNode[] {
  const text = readFileSync(join(checkout, 'examples', 'node', `${name}.json`), 'utf8')
  const flow: FlowNode[] = JSON.parse(text)
  return flow.map((node) => {
    if (node.type === 'circuit-breaker') return { ...node, backoffInitial: '2s' }
    if (node.type === 'resilience-retry') return { ...node, backoffInitial: '50ms' }
    if (node.type !== 'debug') return node
    const at = JSON.stringify(node['name'])
    const func = `global.get('report')(JSON.stringify({ at: ${at}, msg }))`
    return { ...node, type: 'function', func, outputs: 0, libs: [], initialize: '', finalize: '' }
  })
}
