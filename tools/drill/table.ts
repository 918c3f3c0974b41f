/**
 * The figures of a drill as text for people. It shows every figure as it was counted and judges
 * none of them.
 */

import type { Count, Pair } from './counting.js'

const columns = ['sent', 'arrived', 'lost', 'duplicates', 'reordered'] as const

export type Row = readonly [scenario: string, pair: Pair]

export function table(rows: readonly Row[]): string {
  const lines = [header(), ...rows.flatMap(([scenario, pair]) => rowLines(scenario, pair))]
  return lines.join('\n')
}

/** 1204 -> 1,204 */
export const grouped = (value: number): string => value.toLocaleString('en-US')

function header(): string {
  return line('', '', [...columns])
}

function rowLines(scenario: string, pair: Pair): string[] {
  return [
    line(scenario, 'core mqtt out', figures(pair.core)),
    line('', 'resilient mqtt', figures(pair.resilient)),
  ]
}

function figures(of: Count): string[] {
  return columns.map((column) => grouped(of[column]))
}

function line(scenario: string, side: string, cells: readonly string[]): string {
  return scenario.padEnd(10) + side.padEnd(16) + cells.map((cell) => cell.padStart(12)).join('')
}
