/**
 * The example "02 Protect a slow PLC" in a real Node-RED, pressed as its comment says: the breaker
 * opens while the PLC is down, everything that was sent comes to an end when it is well again, and
 * the PLC is not called more often than the retry may. Waits are shortened; nothing else differs.
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
  readonly order?: number
  readonly calls?: number
  readonly reason?: string
}

describe('the example "02 Protect a slow PLC"', function () {
  this.timeout(60_000)

  let directory: string
  let nodeRed: NodeRedProcess
  const shown = new Arrivals<Shown>()
  const opened = new Arrivals<string>()

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-example-'))
    const port = await freePort()
    const path = join(checkout, 'examples', '02 Protect a slow PLC.json')
    const flow: FlowNode[] = JSON.parse(readFileSync(path, 'utf8'))
    const flows = flow.map((node) => shortened(node, `http://127.0.0.1:${port}/plc`))
    prepareUserDir(directory, { packages: [checkout], flows })
    nodeRed = await NodeRedProcess.start({
      ...{ userDir: directory, port },
      onReport: (line) => shown.add(JSON.parse(line)),
      onLog: (line) => {
        if (line.includes('circuit-breaker:PLC') && line.includes('[error]')) opened.add(line)
      },
    })
  })

  after(async () => {
    await nodeRed?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  it('opens while the PLC is down, and writes the rest when it is well again', async () => {
    await nodeRed.inject('plc-down')
    await nodeRed.inject('plc-send')
    await opened.first(1)
    await nodeRed.inject('plc-well')
    await ends(20)
    shown.all.some(({ at }) => at === 'answers of the PLC').should.be.true()
  })

  it('mends every second write by another attempt', async () => {
    await nodeRed.inject('plc-flaky')
    await nodeRed.inject('plc-send')
    await ends(40)
  })

  it('calls the PLC no more often than there are attempts, and reports no error', () => {
    const calls = Math.max(...shown.all.map((each) => each.calls ?? 0))
    calls.should.be.within(1, 40 * 3)
    shown.all.filter(({ at }) => at === 'errors').should.eql([])
  })

  /** Each order ends, as written or as given up. */
  const ends = async (count: number): Promise<void> => {
    const orders = () => [...new Set(shown.all.map(({ order = 0 }) => order))]
    while (orders().length < count) await shown.nth(shown.all.length)
    const sorted = orders().sort((a, b) => a - b)
    sorted.should.eql(Array.from({ length: count }, (_, i) => i + 1))
    const reasons = shown.all
      .filter(({ at }) => at !== 'answers of the PLC')
      .map(({ reason }) => reason)
    reasons.filter((reason) => reason !== 'max-attempts').should.eql([])
  }
})

const waits: Readonly<Record<string, object>> = {
  'circuit-breaker': { backoffInitial: '200ms', backoffMax: '400ms' },
  'resilience-retry': { backoffInitial: '20ms' },
  delay: { timeout: '10' },
}

/** Debug nodes report what they would show. A failed write is no end: the retry has the message. */
function shortened(node: FlowNode, url: string): FlowNode {
  if (node.type === 'tab') return { ...node, env: [{ name: 'PLC_URL', value: url, type: 'str' }] }
  if (node.type !== 'debug') return { ...node, ...waits[node.type] }
  const func = `const { order, statusCode, payload, resilience = {} } = msg
if (statusCode === 503) return null
const shown = { at: node.name, order, calls: payload.calls, reason: resilience.reason }
global.get('report')(JSON.stringify(shown))`
  return { ...node, type: 'function', func, outputs: 0, libs: [] }
}
