/**
 * `npm run soak -- --seed N --states M`: the crash simulator for as many states as wanted, on all
 * cores. `npm run soak -- mqtt --seed N --seconds M`: the MQTT chaos for as long as wanted. Prints
 * the seed first, then where it stands; exits with 1 when there is a complaint, and says how to see
 * the same again. Without a seed it draws one. `npm run soak -- mqtt-defaults` waits out the default
 * times of a link. `npm run soak -- nodes --seed N --lives M`: queues in real Node-REDs; the other
 * line of Node-RED is named by HOLDFAST_NODE_RED.
 */

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { complaintsOf, crashOnAllCores, type Life } from '../world/crash-crew.js'
import { mqttChaos } from './mqtt-chaos.js'
import { mqttDefaults } from './mqtt-defaults.js'
import { soakNodes } from './queue-nodes.js'

const usage = [
  'npm run soak [-- --seed N] [--states M]',
  'npm run soak -- mqtt [--seed N] [--seconds M]',
  'npm run soak -- mqtt-defaults',
  'npm run soak -- nodes [--seed N] [--lives M]',
].join('\n')
const everyMs = 5000
/** A fault that shows in every state would fill the screen. */
const complaintsShown = 20

class Complained extends Error {}

async function soakCrashes(seed: number, states: number): Promise<void> {
  const begun = performance.now()
  const sums = { lives: 0, states: 0, large: 0, acknowledged: 0 }
  let toldAt = begun
  const lived = (life: Life) => {
    sums.lives++
    sums.states += life.states
    sums.large += life.largeStates
    sums.acknowledged += life.acknowledged
    const wrong = complaintsOf([life])
    if (wrong.length > 0) throw new Complained(wrong.slice(0, complaintsShown).join('\n'))
    if (performance.now() - toldAt < everyMs) return
    toldAt = performance.now()
    console.error(`  ${standing(sums)} in ${seconds(begun)} s`)
  }
  console.log(`seed ${seed}, ${grouped(states)} states or more`)
  await crashOnAllCores({ seed, states, lived })
  console.log(`${standing(sums)} in ${seconds(begun)} s, no complaint`)
}

async function soakMqtt(seed: number, seconds: number): Promise<void> {
  console.log(`seed ${seed}, ${grouped(seconds)} s of MQTT chaos`)
  let toldAt = performance.now()
  const told = (what: string) => {
    if (performance.now() - toldAt < everyMs) return
    toldAt = performance.now()
    console.error(`  ${what}`)
  }
  const { faults, complaints, ...figures } = await mqttChaos({ seed, seconds, told })
  console.log(JSON.stringify({ ...figures, faults }))
  if (complaints.length > 0) {
    const again = `again: npm run soak -- mqtt --seed ${seed} --seconds ${seconds}`
    throw new Complained([...complaints.slice(0, complaintsShown), again].join('\n'))
  }
}

async function soakQueues(seed: number, lives: number): Promise<void> {
  console.log(`seed ${seed}, every work through every accident, then ${grouped(lives)} lives`)
  try {
    await soakNodes({ seed, lives, told: (what) => console.log(what) })
  } catch (error) {
    const again = `again: npm run soak -- nodes --seed ${seed} --lives ${lives}`
    throw new Complained(`${error instanceof Error ? error.message : error}\n${again}`)
  }
  console.log('no complaint')
}

async function waitOutDefaults(): Promise<void> {
  const late: string[] = []
  for (const { what, seconds, atMost } of await mqttDefaults()) {
    const text = `${what}: noticed after ${seconds.toFixed(1)} s, ${atMost} s at most`
    console.log(text)
    if (seconds > atMost) late.push(text)
  }
  if (late.length > 0) throw new Complained(`too late: ${late.join('; ')}`)
}

function standing(sums: { lives: number; states: number; large: number; acknowledged: number }) {
  const { lives, states, large, acknowledged } = sums
  return [
    `${grouped(states)} states of ${grouped(lives)} lives`,
    `${grouped(acknowledged)} messages acknowledged`,
    `${grouped(large)} states with a message over 64 KB`,
  ].join(', ')
}

const grouped = (count: number) => count.toLocaleString('en-US')
const seconds = (begun: number) => ((performance.now() - begun) / 1000).toFixed(1)

function whole(option: string, text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new Error(`--${option} ${text} is not a whole number`)
}

interface Soak {
  /** What its amount counts. */
  readonly amount: string
  readonly usual: string
  run(seed: number, amount: number): Promise<void>
}

const crashes: Soak = { amount: 'states', usual: '1000000', run: soakCrashes }
const soaks: ReadonlyMap<string, Soak> = new Map([
  ['mqtt', { amount: 'seconds', usual: '60', run: soakMqtt }],
  ['nodes', { amount: 'lives', usual: '10', run: soakQueues }],
])

/** What to run. Throws for a command line that means nothing. */
function readOptions(args: readonly string[]): () => Promise<void> {
  const [name = '', ...rest] = args
  if (name === 'mqtt-defaults' && rest.length === 0) return waitOutDefaults
  const named = soaks.get(name)
  const { amount, usual, run } = named ?? crashes
  const { values } = parseArgs({
    args: named === undefined ? [...args] : rest,
    options: {
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      [amount]: { type: 'string', default: usual },
    },
  })
  const seed = whole('seed', String(values['seed']))
  const count = whole(amount, String(values[amount]))
  return () => run(seed, count)
}

async function main(): Promise<void> {
  let soak: () => Promise<void>
  try {
    soak = readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
    process.exitCode = 2
    return
  }
  process.exitCode = 1 // should everything stand still, it ends without a verdict
  try {
    await soak()
    process.exitCode = 0
  } catch (error) {
    console.error(error instanceof Complained ? error.message : error)
  }
}

main()
