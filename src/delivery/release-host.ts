/**
 * What a releaser stands on and whom it tells: the queue it empties, and the flow that it hands
 * messages to, as far as it knows of one. Words only.
 */

import type { DropReason } from '../base/event.js'
import type { World } from '../base/ports.js'
import type { Gate } from '../policy/circuit-breaker-state.js'
import type { Blame, Ending } from '../policy/outcome.js'
import type { Rate } from '../policy/rate.js'
import type { ReleaseSettings } from '../policy/release-state.js'
import type { Queue } from '../store/queue.js'
import type { StoredRecord } from '../store/tail.js'
import type { Attempts } from './attempts.js'

export interface ReleaserSettings extends ReleaseSettings {
  readonly rate: Rate
  /** What a person calls a message: its key, or its id. */
  readonly keyOf: (record: StoredRecord) => string
}

/** One message on its way out. */
export interface Handed {
  readonly record: StoredRecord
  /** From 1; counts every release, over restarts too. */
  readonly attempt: number
  /** It has waited for a second or longer. */
  readonly isHistorical: boolean
}

/** A message that leaves the queue without having been done. */
export interface GivenUp {
  readonly record: StoredRecord
  readonly attempt: number
  readonly reason: DropReason
  readonly blame: Blame | undefined
  /** Ids of the nodes that its last attempt reached. */
  readonly path: readonly string[]
}

export interface ReleaserHost {
  /**
   * Hands it to the flow. `settled` is called later: once, or a second time with the `ok` that came
   * after its time-out, unless it was abandoned. Answers the token that names it.
   */
  release(handed: Handed, settled: (ending: Ending) => void): string
  /** The end of this one is of no interest any more. */
  abandon(token: string): void
  /** Whether somebody takes what is given up. */
  canGiveUp(): boolean
  /**
   * Takes a message over that is given up; it is settled when this returns, or as dead-lettered
   * when the promise that this returns resolves. That never rejects.
   */
  giveUp(given: GivenUp): unknown
  /** Something that a status shows may have changed. */
  changed(): void
}

export interface ReleaserParts {
  readonly world: Pick<World, 'clock' | 'random'>
  readonly queue: Queue
  readonly attempts: Attempts
  /** What a circuit breaker lets through just now. */
  readonly gate: () => Gate
}
