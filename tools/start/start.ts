/**
 * `npm start`: an embedded broker, a real Node-RED with the nodes of this checkout, and a flow
 * that shows what a broker outage does to core `mqtt out` and to ours. Everything it keeps is
 * under .holdfast/ in the checkout, flows of earlier starts included; it listens on the loopback
 * interface only and leaves no process behind.
 */

import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { EmbeddedBroker } from '../common/embedded-broker.js'
import { NodeRedProcess } from '../common/node-red-process.js'
import { isFree, portFrom } from '../common/ports.js'
import { onStop } from '../common/stopping.js'
import { checkout, prepareUserDir, writeFlows } from '../common/user-dir.js'
import { Control } from './control.js'
import { environment, tourFlow } from './tour.js'

const userDir = join(checkout, '.holdfast', 'tour')

/** Of Node-RED's log, what a person should see beside the addresses. */
const worthTelling = /\[(?:warn|error)\] (?!Projects disabled|Encrypted credentials not found).*/
const told = new Set<string>()
const toldMax = 100

/** What runs, in the order of opening; closed the other way round. */
const open: { close(): Promise<unknown> }[] = []
let stopping = false

async function start(): Promise<void> {
  const editorPort = await wantedPort('RESILIENCE_EDITOR_PORT', 1880)
  const brokerPort = await wantedPort('RESILIENCE_BROKER_PORT', 1883)
  const broker = opened(await EmbeddedBroker.open(brokerPort))
  const control = opened(await Control.open(broker))
  prepareUserDir(userDir, { packages: [checkout] })
  if (!existsSync(join(userDir, 'flows.json'))) writeFlows(userDir, tourFlow())
  console.log('Starting Node-RED …')
  const nodeRed = await NodeRedProcess.start({
    userDir,
    port: editorPort,
    environment: environment(brokerPort, control.url),
    onLog: tellOnce,
  })
  opened({ close: () => nodeRed.stop() })
  nodeRed.exited.then(() => stop(1, 'Node-RED has ended.'), fail)
  greet(nodeRed.url, brokerPort)
}

function greet(editorUrl: string, brokerPort: number): void {
  console.log(`
  Editor   ${editorUrl}/
  Figures  ${editorUrl}/tour
  Broker   mqtt://127.0.0.1:${brokerPort}
  Data     ${relative(process.cwd(), userDir) || '.'}

In the flow or on the page, press "Cut the broker", wait ten seconds, press "Bring it back".
Ctrl-C stops everything.`)
}

/** At 100 messages a second the same words would come 100 times a second. */
function tellOnce(line: string): void {
  const text = worthTelling.exec(line)?.[0]
  if (text === undefined || told.has(text) || told.size >= toldMax) return
  told.add(text)
  console.log(text)
}

async function wantedPort(variable: string, otherwise: number): Promise<number> {
  const port = portFrom(process.env, variable, otherwise)
  if (await isFree(port)) return port
  throw new Error(`Port ${port} on 127.0.0.1 is taken; set ${variable} to another one.`)
}

function opened<Opened extends { close(): Promise<unknown> }>(something: Opened): Opened {
  open.push(something)
  return something
}

async function stop(code: number, why?: string): Promise<void> {
  if (stopping) return
  stopping = true
  if (why !== undefined) console.error(why)
  for (const each of open.reverse()) await each.close()
  process.exit(code)
}

function fail(error: unknown): void {
  void stop(1, error instanceof Error ? error.message : String(error))
}

onStop(() => stop(0))
start().catch(fail)
