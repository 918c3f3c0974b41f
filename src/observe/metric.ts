/**
 * What a metric is before anybody writes it as text: a name, a type, its labels, and how its
 * samples are read from what a node has counted. Labels take their values from closed lists and
 * from names in dialogs only, never from a key, a topic or a payload.
 */

import type { By } from '../base/counts.js'
import type { SpanTally, Tally } from '../base/tally.js'
import type { Ms } from '../base/units.js'

/** One node and what it has counted. */
export interface Counted {
  readonly id: string
  readonly type: string
  /** What it is called; '' for a node without a name. */
  readonly name: string
  readonly flow: string
  readonly tally: Tally
  /** How long its oldest message has waited; undefined where none waits, or nobody knows. */
  readonly oldestAge: Ms | undefined
  /** Events by kind. */
  readonly events: By
}

export type Labels = Readonly<Record<string, string>>

/** One series. A span is written as a histogram, in seconds. */
export interface Sample {
  readonly labels: Labels
  readonly value: number | SpanTally
}

export interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** Beside `node` and `name`. */
  readonly labels: readonly string[]
  /** For the line `# HELP`: names and units are English wherever Prometheus is. */
  readonly help: string
  /** Of one node, without `node` and `name`; none where it does not count that. */
  of(counted: Counted): readonly Sample[]
  /** For what belongs to another node than the one that tells of it; told once. */
  owner?(counted: Counted): Pick<Counted, 'id' | 'name'> | undefined
}

/** The one value of a node that has what is asked for. */
export function single<Part>(part: Part | undefined, read: (part: Part) => Sample['value']) {
  return part === undefined ? [] : [{ labels: {}, value: read(part) }]
}

/** One sample for each word that there is, and for each that may come: counters begin at 0. */
export function byWord(label: string, counts: By | undefined, words: readonly string[]): Sample[] {
  if (counts === undefined) return []
  const all = new Set([...words, ...Object.keys(counts)])
  return [...all].map((word) => ({ labels: { [label]: word }, value: counts[word] ?? 0 }))
}

/** One gauge for each state: 1 for the one that it is in. */
export function oneOf(label: string, state: string | undefined, words: readonly string[]) {
  if (state === undefined) return []
  return words.map((word) => ({ labels: { [label]: word }, value: word === state ? 1 : 0 }))
}

/** In seconds; NaN for what is not known. */
export function seconds(span: Ms | undefined): number {
  return span === undefined ? Number.NaN : span / 1000
}
