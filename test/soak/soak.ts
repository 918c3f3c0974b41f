/**
 * `npm run soak -- --seed N --states M`: the crash simulator for as many states as wanted, on all
 * cores. `npm run soak -- mqtt --seed N --seconds M`: the MQTT chaos for as long as wanted. Prints
 * the seed first, then where it stands; exits with 1 when there is a complaint, and says how to see
 * the same again. Without a seed it draws one.
 */

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { complaintsOf, crashOnAllCores, type Life } from '../world/crash-crew.js'
import { mqttChaos } from './mqtt-chaos.js'

const usage =
  'npm run soak [-- --seed N] [--states M], or npm run soak -- mqtt [--seed N] [--seconds M]'
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

type Options = { readonly seed: number; readonly amount: number; readonly isMqtt: boolean }

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      states: { type: 'string' },
      seconds: { type: 'string' },
    },
  })
  const isMqtt = positionals[0] === 'mqtt'
  const foreign = isMqtt ? values.states : values.seconds
  if (positionals.length > (isMqtt ? 1 : 0) || foreign !== undefined) {
    throw new Error(`what is meant by: ${args.join(' ')}`)
  }
  const amount = isMqtt
    ? whole('seconds', values.seconds ?? '60')
    : whole('states', values.states ?? '1000000')
  return { seed: whole('seed', values.seed), amount, isMqtt }
}

async function main(): Promise<void> {
  let options: Options
  try {
    options = readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
    process.exitCode = 2
    return
  }
  const { seed, amount, isMqtt } = options
  try {
    await (isMqtt ? soakMqtt(seed, amount) : soakCrashes(seed, amount))
  } catch (error) {
    console.error(error instanceof Complained ? error.message : error)
    process.exitCode = 1
  }
}

main()
