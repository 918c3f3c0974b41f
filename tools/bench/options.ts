/**
 * The command line of the bench. Reads it completely before anything is measured and answers a
 * mistake with one line that names the suites; it never guesses what was meant.
 */

import { parseArgs } from 'node:util'

export const suiteNames = [
  ...(['store', 'mqtt', 'policy', 'nodes', 'queue', 'dlq', 'sizing', 'observe'] as const),
] as const
export type SuiteName = (typeof suiteNames)[number]

export interface Effort {
  /** Interleaved rounds of each case; the figures shown are medians. */
  readonly rounds: number
  /** Shorter spans and smaller backlogs: for a look, not for a verdict. */
  readonly isQuick: boolean
}

export type Parsed =
  | { readonly is: 'run'; readonly suite: SuiteName; readonly effort: Effort }
  | { readonly is: 'wrong'; readonly why: string }

export const usage = `npm run bench -- ${suiteNames.join('|')} [--rounds N] [--quick]`

const roundsMax = 99

export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
    })
    const [name, ...more] = positionals
    const suite = suiteNames.find((each) => each === name)
    if (suite === undefined || more.length > 0) return { is: 'wrong', why: `usage: ${usage}` }
    const rounds = roundsFrom(values.rounds ?? (values.quick ? '3' : '5'))
    return { is: 'run', suite, effort: { rounds, isQuick: values.quick } }
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { is: 'wrong', why: `${line} (usage: ${usage})` }
  }
}

function roundsFrom(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= roundsMax) return value
  throw new Error(`--rounds ${text} is not a whole number from 1 to ${roundsMax}`)
}
