/**
 * The example "04 Buffer to a database over HTTP" in a real Node-RED, pressed as its comment says:
 * batches wait on disk while the server is off, through a crash of Node-RED too, and then reach it
 * in order and complete. Waits are shortened, and 20 values are a batch; nothing else differs.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type FlowNode, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

interface Shown {
  readonly at: string
  readonly lines?: number
  readonly last?: number
  readonly missing?: number
  readonly statusCode?: number
}

describe('the example "04 Buffer to a database over HTTP"', function () {
  this.timeout(60_000)

  let userDir: string
  let port: number
  let nodeRed: NodeRedProcess
  const shown = new Arrivals<Shown>()

  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-example-'))
    port = await freePort()
    const path = join(checkout, 'examples', '04 Buffer to a database over HTTP.json')
    const flow: FlowNode[] = JSON.parse(readFileSync(path, 'utf8'))
    const flows = flow.map((node) => shortened(node, `http://127.0.0.1:${port}/write`))
    prepareUserDir(userDir, { packages: [checkout], flows })
    nodeRed = await started()
  })

  after(async () => {
    await nodeRed?.kill()
    rmSync(userDir, { recursive: true, force: true })
  })

  it('writes values in batches', async () => {
    await values(20)
    await written(1)
  })

  it('keeps batches while the server is off, and writes them in order when it is on', async () => {
    await nodeRed.inject('db-off')
    await values(40)
    await refused(1)
    await nodeRed.inject('db-on')
    await written(3)
  })

  it('has them still after a crash of Node-RED', async () => {
    await nodeRed.inject('db-off')
    const before = refusals().length
    await values(20)
    await refused(before + 1)
    await nodeRed.kill()
    nodeRed = await started()
    await written(4)
  })

  it('misses nothing, writes nothing twice, and sets nothing aside', () => {
    inDatabase()
      .map(({ lines, last, missing }) => [lines, last, missing])
      .should.eql([20, 40, 60, 80].map((last) => [20, last, 0]))
    shown.all.filter(({ at }) => at === 'set aside, answers').should.eql([])
  })

  const inDatabase = () => shown.all.filter(({ at }) => at === 'written')
  const refusals = () => shown.all.filter(({ statusCode }) => statusCode === 503)

  async function values(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await nodeRed.inject('db-value')
  }

  async function written(batches: number): Promise<void> {
    while (inDatabase().length < batches) await shown.nth(shown.all.length)
  }

  async function refused(times: number): Promise<void> {
    while (refusals().length < times) await shown.nth(shown.all.length)
  }

  async function started(): Promise<NodeRedProcess> {
    return NodeRedProcess.start({
      ...{ userDir, port },
      onReport: (line) => shown.add(JSON.parse(line)),
    })
  }
})

const shorter: Readonly<Record<string, object>> = {
  inject: { repeat: '' },
  join: { count: '20', timeout: '' },
  'persistent-queue': { backoffInitial: '20ms', backoffMax: '200ms' },
}

/** Debug nodes report what they would show. */
function shortened(node: FlowNode, url: string): FlowNode {
  if (node.type === 'tab') return { ...node, env: [{ name: 'DB_URL', value: url, type: 'str' }] }
  if (node.type !== 'debug') return { ...node, ...shorter[node.type] }
  const func = `const shown = { at: node.name, statusCode: msg.statusCode, ...msg.payload }
global.get('report')(JSON.stringify(shown))`
  return { ...node, type: 'function', func, outputs: 0, libs: [] }
}
