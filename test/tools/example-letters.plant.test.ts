/**
 * The examples with dead letters in a real Node-RED, pressed as their comments say: letters come by
 * a Catch node and without a wire, go round again, and leave when they are mended.
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
    readonly payload: { readonly order: number; readonly qty?: number }
    readonly resilience: { readonly deadLetter: { readonly editedFrom: string | null } }
  }
}

describe('the example with dead letters', function () {
  this.timeout(60_000)

  let directory: string
  let nodeRed: NodeRedProcess
  const shown = new Arrivals<Shown>()
  const logged = new Arrivals<string>()

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-letters-'))
    const names = ['node/dlq', '03 Retry, dead-letter, redrive']
    prepareUserDir(directory, { packages: [checkout], flows: names.flatMap(reporting) })
    nodeRed = await NodeRedProcess.start({
      ...{ userDir: directory, port: await freePort() },
      onReport: (line) => shown.add(JSON.parse(line)),
      onLog: (line) => logged.add(line),
    })
  })

  after(async () => {
    await nodeRed?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it('node/dlq keeps three letters of a sick machine', async () => {
    await nodeRed.inject('dlq-sick')
    await nodeRed.inject('dlq-send')
    await until('dlq-letters', { waiting: 3, fresh: 3, causes: 1 })
  })

  it('node/dlq stops a redrive at the first letter while the machine is sick', async () => {
    await nodeRed.inject('dlq-redrive')
    await told(/Redrive .* stopped: too many failed again/)
    await until('dlq-letters', { waiting: 3, balance: balance({ accepted: 3, waiting: 3 }) })
  })

  it('node/dlq resolves them when the machine is well', async () => {
    await nodeRed.inject('dlq-well')
    await nodeRed.inject('dlq-redrive')
    await until('dlq-letters', { waiting: 0, balance: balance({ accepted: 3, delivered: 3 }) })
    const done = shown.all.filter(({ at }) => at === 'done')
    // The one that has gone round already goes last.
    done.map(({ msg }) => msg.payload.order).should.eql([2, 3, 1])
  })

  it('03 keeps one letter of five attempts, and the same one when it fails again', async () => {
    await nodeRed.inject('redrive-poison')
    await until('redrive-letters', { waiting: 1 })
    const [letter] = await peek()
    should(letter).match({ reason: 'max-attempts', redrives: 0 })
    should(letter?.failure).match({ text: 'Order 4711 has no quantity.', attempt: 5 })
    await nodeRed.inject('redrive-all')
    await told(/Redrive .* stopped: too many failed again/, 2)
    const [again, other] = await peek()
    should(other).be.undefined()
    should(again).match({ id: letter?.id, redrives: 1 })
  })

  it('03 sends a mended copy through, with a link to the first letter', async () => {
    const [letter] = await peek()
    const msg = { payload: { order: 4711, qty: 3 } }
    const answer = await nodeRed.fetch(
      `/resilience/dlq/redrive-letters/letters/${letter?.id}/edit`,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ msg, redrive: true }),
      },
    )
    should(answer.status).equal(200)
    await until('redrive-letters', { waiting: 0, resolved: 1 })
    const done = shown.all.find(({ msg: each }) => each.payload.order === 4711)
    should(done?.msg.payload.qty).equal(3)
    should(done?.msg.resilience.deadLetter.editedFrom).equal(letter?.id)
  })

  /** Looks again after each line of the log. */
  async function until(id: string, figures: object): Promise<void> {
    for (;;) {
      const seen = logged.all.length
      const answer = await nodeRed.fetch(`/resilience/dlq/${id}`)
      const told = (await answer.json()) as object
      if (isLike(told, figures)) return
      await logged.nth(seen)
    }
  }

  async function peek(): Promise<readonly { id: string; failure: object }[]> {
    const answer = await nodeRed.fetch('/resilience/dlq/redrive-letters/peek')
    return ((await answer.json()) as { items: [] }).items
  }

  async function told(what: RegExp, nth = 1): Promise<void> {
    const lines = () => logged.all.filter((line) => what.test(line))
    while (lines().length < nth) await logged.nth(logged.all.length)
  }
})

const balance = (figures: object) => ({
  ...{ accepted: 0, delivered: 0, waiting: 0, deadLettered: 0, dropped: {} },
  ...figures,
})

function isLike(told: object, figures: object): boolean {
  return Object.entries(figures).every(
    ([name, value]) => JSON.stringify(Reflect.get(told, name)) === JSON.stringify(value),
  )
}

/** Reports in place of debug nodes; waits are shortened. */
function reporting(name: string): FlowNode[] {
  const text = readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8')
  const flow: FlowNode[] = JSON.parse(text)
  return flow.map((node) => {
    if (node.type === 'resilience-retry') return { ...node, backoffInitial: '10ms' }
    if (node.type !== 'debug') return node
    const at = JSON.stringify(node['name'])
    const func = `global.get('report')(JSON.stringify({ at: ${at}, msg }))`
    return { ...node, type: 'function', func, outputs: 0, libs: [], initialize: '', finalize: '' }
  })
}
