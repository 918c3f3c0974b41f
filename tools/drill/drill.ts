/**
 * `npm run drill`: runs accidents against a real Node-RED and counts at the broker what core
 * `mqtt out` and `resilient-mqtt-out` made of the same messages. Ends with one line of JSON, and
 * with exit code 1 when ours lost or reordered one. It leaves no process and no file behind.
 */

import { onStop, type Why } from '../common/stopping.js'
import { type Pair, sum } from './counting.js'
import { type Options, parseOptions, type ScenarioName, usage } from './options.js'
import { follow } from './progress.js'
import { scenarios } from './scenarios.js'
import { Scene } from './scene.js'
import { grouped, type Row, table } from './table.js'

interface Result {
  readonly name: ScenarioName
  readonly pair: Pair
  /** What went wrong with our node, in words; none when it kept its promise. */
  readonly complaints: readonly string[]
}

let current: Scene | undefined
let interrupted = false

async function run(name: ScenarioName, options: Options): Promise<Result> {
  const scenario = scenarios[name]
  console.log(`${name}: ${scenario.told}`)
  const scene = await Scene.open()
  current = scene
  const stopFollowing = follow(name, scene)
  try {
    await scene.startNodeRed()
    await scene.connected()
    await scenario.play(scene, options)
    await scene.settle()
    const pair = scene.counts
    const expected = scenario.survives ? options.messages : 1
    return { name, pair, complaints: complaintsAbout(pair, expected, scene.refusals) }
  } finally {
    stopFollowing()
    if (!interrupted) await scene.close()
    current = undefined
  }
}

function complaintsAbout(pair: Pair, expected: number, refusals: readonly string[]): string[] {
  const { sent, lost, reordered } = pair.resilient
  const complaints: string[] = []
  if (lost > 0) complaints.push(`lost ${grouped(lost)}`)
  if (reordered > 0) complaints.push(`reordered ${grouped(reordered)}`)
  if (sent < expected)
    complaints.push(`accepted ${grouped(sent)}, fewer than ${grouped(expected)} handed over`)
  const [refusal] = refusals
  if (refusal !== undefined) complaints.push(`${refusals.length} refused, the first: ${refusal}`)
  return complaints
}

function tell(results: readonly Result[], options: Options): void {
  const total = sum(results.map((result) => result.pair))
  const rows = results.map(({ name, pair }): Row => [name, pair])
  const each = `${grouped(options.messages)} messages of 200 B at ${grouped(options.messagesPerSecond)}/s`
  console.log(`\n${each}, QoS 1, both nodes in the same run, counted at the broker.`)
  console.log('Sent = handed over (core), accepted with done() (resilient).')
  console.log('mqttReconnectTime is 1 s here, which favours core; the default settings say 15 s.\n')
  console.log(table(options.single ? rows : [...rows, ['all', total]]))
  for (const { name, complaints } of results)
    if (complaints.length > 0) console.log(`\n${name}: resilient mqtt ${complaints.join('; ')}`)
  const byName = Object.fromEntries(results.map(({ name, pair }) => [name, pair]))
  console.log(`\n${JSON.stringify(options.single ? total : { ...total, scenarios: byName })}`)
}

async function drill(options: Options): Promise<number> {
  const results: Result[] = []
  for (const name of options.scenarios) results.push(await run(name, options))
  tell(results, options)
  return results.some((result) => result.complaints.length > 0) ? 1 : 0
}

async function stop(why: Why): Promise<void> {
  interrupted = true
  console.error(`\n${why}: clearing up`)
  await current?.close()
  process.exit(why === 'SIGINT' ? 130 : 143)
}

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2))
  if (parsed.is === 'wrong') {
    console.error(`drill: ${parsed.why}`)
    return 2
  }
  if (parsed.is === 'help') {
    console.log(usage)
    return 0
  }
  onStop(stop)
  return drill(parsed.options)
}

main().then(
  (code) => {
    if (!interrupted) process.exitCode = code
  },
  (error: unknown) => {
    if (interrupted) return
    console.error(`drill: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  },
)
