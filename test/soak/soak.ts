/**
 * `npm run soak -- --seed N --states M`: the crash simulator for as many states as wanted, on all
 * cores. Prints the seed first, then where it stands; exits with 1 after the life that brought the
 * first complaint, and says how to see that life again. Without a seed it draws one.
 */

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { complaintsOf, crashOnAllCores, type Life } from '../world/crash-crew.js'

const usage = 'npm run soak [-- --seed N] [--states M]'
const everyMs = 5000
/** A fault that shows in every state would fill the screen. */
const complaintsShown = 20

class Complained extends Error {}

async function soak(seed: number, states: number): Promise<void> {
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

function readOptions(args: readonly string[]): { seed: number; states: number } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      states: { type: 'string', default: '1000000' },
    },
  })
  return { seed: whole('seed', values.seed), states: whole('states', values.states) }
}

async function main(): Promise<void> {
  let options: { seed: number; states: number }
  try {
    options = readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
    process.exitCode = 2
    return
  }
  try {
    await soak(options.seed, options.states)
  } catch (error) {
    console.error(error instanceof Complained ? error.message : error)
    process.exitCode = 1
  }
}

main()
