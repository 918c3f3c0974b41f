/**
 * The example "02 Protect a slow PLC" in a real Node-RED, pressed as its comment says: the breaker
 * opens while the PLC is down, every order is written once when it is well again, and the PLC is
 * not called more often than the retry may. Waits are shortened; nothing else differs.
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
  readonly statusCode?: number
  readonly calls?: number
  readonly reason?: string
  /** The state that it was refused in. */
  readonly breaker?: string
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

  it('opens while the PLC is down, and writes everything when it is well again', async () => {
    await nodeRed.inject('plc-down')
    await nodeRed.inject('plc-send')
    await opened.first(1)
    await nodeRed.inject('plc-well')
    await written(20)
  })

  it('mends every second write by another attempt', async () => {
    await nodeRed.inject('plc-flaky')
    await nodeRed.inject('plc-send')
    await written(40)
  })

  it('calls the PLC no more often than there are attempts', () => {
    const calls = at('answers of the PLC')
    Math.max(...calls.map((each) => each.calls ?? 0)).should.equal(calls.length)
    for (let order = 1; order <= 40; order++) {
      const of = (shown: Shown[]) => shown.filter((each) => each.order === order).length
      of(calls).should.be.within(1, 3 * (1 + of(gaveUp())), `order ${order}`)
    }
  })

  it('sets nothing aside, and reports no error', () => {
    at('set aside for good, answers').should.eql([])
    at('errors').should.eql([])
    // A message may be on its way when the breaker opens; none is sent to a place that is taken.
    at('refused, gave up: the queue goes on')
      .filter(({ reason }) => reason !== 'max-attempts')
      .map(({ reason, breaker }) => `${reason}, ${breaker}`)
      .filter((each) => each !== 'refused, open')
      .should.eql([])
  })

  const at = (name: string): Shown[] => shown.all.filter((each) => each.at === name)
  const gaveUp = (): Shown[] =>
    at('refused, gave up: the queue goes on').filter(({ reason }) => reason === 'max-attempts')

  /** Each order once. */
  const written = async (count: number): Promise<void> => {
    const orders = () =>
      at('answers of the PLC')
        .filter(({ statusCode }) => statusCode === 200)
        .map(({ order = 0 }) => order)
    while (orders().length < count) await shown.nth(shown.all.length)
    const sorted = orders().sort((a, b) => a - b)
    sorted.should.eql(Array.from({ length: count }, (_, i) => i + 1))
  }
})

const waits: Readonly<Record<string, object>> = {
  'circuit-breaker': { backoffInitial: '200ms', backoffMax: '400ms' },
  'resilience-retry': { backoffInitial: '20ms' },
  'persistent-queue': { backoffInitial: '20ms', backoffMax: '200ms' },
  delay: { timeout: '10' },
}

/** Debug nodes report what they would show. */
function shortened(node: FlowNode, url: string): FlowNode {
  if (node.type === 'tab') return { ...node, env: [{ name: 'PLC_URL', value: url, type: 'str' }] }
  if (node.type !== 'debug') return { ...node, ...waits[node.type] }
  const func = `const { order, statusCode, payload, resilience = {} } = msg
const { calls } = payload ?? {}
const { reason, breaker } = resilience
const shown = { at: node.name, order, statusCode, calls, reason, breaker: breaker?.state }
global.get('report')(JSON.stringify(shown))`
  return { ...node, type: 'function', func, outputs: 0, libs: [] }
}
