/** The words of a played runtime: what nodes there are, what is true and what was told. */

import { ms } from '../../src/base/units.js'
import type { Ending, TraceSpec } from '../../src/policy/outcome.js'

export type Manner =
  | 'sync'
  | 'async'
  | 'drop'
  | 'legacy'
  | 'throw'
  | 'fail-done'
  | 'error-then-done'
  | 'double-done'
  | 'done-then-fail'
  | 'legacy-error'
  /** As a rate limit: leaves in the context of whoever made the timer. */
  | 'leak'
  | 'early'
  | 'legacy-async'
  | 'never'

/** What a node makes of the message before it hands it on. */
export type Made = 'same' | 'clone' | 'new-same-id' | 'new-id'

export interface PlayedNode {
  readonly manner: Manner
  readonly made: Made
  /** Numbers of nodes, all greater than its own: flows here have no loops. */
  readonly next: readonly number[]
}

export interface Plan {
  readonly nodes: readonly PlayedNode[]
  readonly hasCatch: boolean
  /** Which of the waiting tasks runs next; read round and round. */
  readonly choices: readonly number[]
}

/** What really became of one message and all that came of it. */
export interface Truth {
  failed: boolean
  /** Nodes that never completed. */
  readonly never: Set<string>
  /** Completions and sends that are still to come. */
  pending: number
  /** Messages that were lost by a deploy. */
  lost: number
  deliveries: number
}

export interface Told {
  readonly ending: Ending
  /** What was still to come when the end was told. */
  readonly pending: number
}

export function specOf(id: string): TraceSpec {
  return {
    source: { id, type: id },
    mode: 'downstream',
    timeoutMs: ms(1_000_000),
    watched: new Set(),
    rules: { failStatus: [] },
    settled: () => {},
  }
}
