/**
 * The examples of the health monitor in a real Node-RED, pressed as their comments say: a page that
 * falls sick and recovers, and what `/health/ready` answers meanwhile. Checks come every second;
 * nothing else differs.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

interface Shown {
  readonly at: string
  readonly msg: { readonly payload: never; readonly statusCode?: number }
}

describe('an example of the health monitor', function () {
  this.timeout(60_000)

  let directory: string
  let port: number
  let nodeRed: NodeRedProcess
  let shown = new Arrivals<Shown>()

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-example-'))
    port = await freePort()
    prepareUserDir(directory, { packages: [checkout], flows: [] })
    nodeRed = await NodeRedProcess.start({
      ...{ userDir: directory, port },
      onReport: (line) => shown.add(JSON.parse(line)),
    })
  })

  after(async () => {
    await nodeRed?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('says unhealthy once when its page is sick, and healthy once when it is well', async () => {
    await deploy('node/health-monitor')
    should(await nth('verdict changed', 0)).equal('healthy')
    await nodeRed.inject('health-sick')
    should(await nth('verdict changed', 1)).equal('unhealthy')
    await nodeRed.inject('health-well')
    should(await nth('verdict changed', 2)).equal('healthy')
    await nodeRed.inject('health-status')
    while (!(await answers()).some((payload) => 'checks' in Object(payload))) await more()
  })

  it('answers ready with 200, with 503 while the ERP is sick, and stays alive', async () => {
    await deploy('08 Health for Docker and systemd')
    await nth('verdict about the ERP', 0)
    // This Node-RED itself may still be coming to a verdict.
    while ((await ready()) !== 200);
    await nodeRed.inject('docker-sick')
    should(await nth('verdict about the ERP', 1)).equal('unhealthy')
    should(await ready()).equal(503)
    should((await nodeRed.fetch('/health/live')).status).equal(200)
    await nodeRed.inject('docker-well')
    should(await nth('verdict about the ERP', 2)).equal('healthy')
    should(await ready()).equal(200)
  })

  async function deploy(name: string): Promise<void> {
    shown = new Arrivals()
    const text = readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8')
    const flow: Flow = JSON.parse(text.replaceAll('127.0.0.1:1880', `127.0.0.1:${port}`))
    await nodeRed.deploy(flow.map(prepared))
  }

  /** What the nth message at this debug node says. */
  async function nth(at: string, index: number): Promise<unknown> {
    const found = () => shown.all.filter((each) => each.at === at)
    while (found().length <= index) await more()
    return found()[index]?.msg.payload
  }

  const more = () => shown.nth(shown.all.length)

  const answers = async () =>
    shown.all
      .filter(({ at }) => at === 'every check, and answers')
      .map(({ msg }): unknown => msg.payload)

  /** As the button of the example asks. */
  async function ready(): Promise<number | undefined> {
    const before = shown.all.filter(({ at }) => at === 'status and document').length
    await nodeRed.inject('docker-ask')
    await nth('status and document', before)
    return shown.all.filter(({ at }) => at === 'status and document')[before]?.msg.statusCode
  }
})

/** Whether this machine has disk and memory left is no matter here. */
const unlimited = [{ kind: 'runtime', label: 'runtime', freeDisk: '0%', memory: '100%' }]

function prepared(node: Flow[number]): Flow[number] {
  if (node.id === 'docker-self') return { ...node, interval: '1s', probes: unlimited }
  if (node.type === 'health-monitor') return { ...node, interval: '1s' }
  if (node.type !== 'debug') return node
  const at = JSON.stringify(node['name'])
  const func = `const { payload, statusCode } = msg
global.get('report')(JSON.stringify({ at: ${at}, msg: { payload, statusCode } }))`
  return { ...node, type: 'function', func, outputs: 0, libs: [], initialize: '', finalize: '' }
}
