/**
 * The command line of the drill. Reads it completely before anything is started and answers a
 * mistake with one line; it never guesses what was meant.
 */

import { parseArgs } from 'node:util'

export const scenarioNames = ['outage', 'kill', 'term', 'hang', 'deploy'] as const
export type ScenarioName = (typeof scenarioNames)[number]

export interface Options {
  /** The scenarios to run, in this order. */
  readonly scenarios: readonly ScenarioName[]
  /** Whether `--scenario` named one. */
  readonly single: boolean
  readonly messages: number
  readonly messagesPerSecond: number
}

export type Parsed =
  | { readonly is: 'options'; readonly options: Options }
  | { readonly is: 'help' }
  | { readonly is: 'wrong'; readonly why: string }

export const usage = `npm run drill [-- --scenario ${scenarioNames.join('|')}] [--messages N] [--rate N]`

/** Above this our node's default limit of 100,000 waiting messages would drop, as it promises. */
const messagesMax = 100_000

export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string' },
        messages: { type: 'string', default: '10000' },
        rate: { type: 'string', default: '2000' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return { is: 'help' }
    const options: Options = {
      scenarios: scenarios(values.scenario),
      single: values.scenario !== undefined,
      messages: whole('messages', values.messages, 100, messagesMax),
      messagesPerSecond: whole('rate', values.rate, 10, 20_000),
    }
    return { is: 'options', options }
  } catch (error) {
    return { is: 'wrong', why: firstLine(error) }
  }
}

function scenarios(name: string | undefined): readonly ScenarioName[] {
  if (name === undefined) return scenarioNames
  const known = scenarioNames.find((each) => each === name)
  if (known === undefined)
    throw new Error(`--scenario ${name} is not known; use ${scenarioNames.join(', ')}`)
  return [known]
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw new Error(`--${option} ${text} is not a whole number from ${min} to ${max}`)
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0] ?? text
}
