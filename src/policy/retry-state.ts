/**
 * What a retry knows of the messages on their way, what it is told, and what it answers. Words and
 * a beginning: nothing here decides anything. It is kept in memory only, and is bounded by the
 * messages under way, which the caller holds anyway.
 */

import type { DropReason } from '../base/event.js'
import type { Instant, Ms } from '../base/units.js'
import type { BackOff } from './back-off.js'
import type { Gate } from './circuit-breaker-state.js'
import type { Ended, EndedWhy } from './ended.js'
import { freshBudget, type RetryBudget } from './retry-budget.js'
import type { NeverRetry } from './retry-worth.js'

export interface RetrySettings {
  /** The first included, 1 or more. */
  readonly attempts: number | 'unlimited'
  readonly backOff: BackOff
  /** From the acceptance of a message to the start of its last attempt. */
  readonly deadline: Ms | 'unlimited'
  /** Messages in memory that wait; one more is given up. */
  readonly maxWaiting: number
  readonly retryTimeouts: boolean
  readonly neverRetry: NeverRetry
  /** Share of what is under way to the same target, 0 to 1. */
  readonly budget: number | 'off'
}

/** One message on its way. */
export interface Trial {
  readonly message: number
  readonly deadline: Instant | undefined
  /** Attempts used, the one that is out included. */
  attempts: number
  /** In a row, of those on the way that said no. */
  refusals: number
  /** Holds a place of the budget. */
  isRetrying: boolean
  why: EndedWhy | undefined
  /** An attempt that is out, or what it waits for. */
  at:
    | { readonly is: 'out'; readonly attempt: number }
    | { readonly is: 'waiting'; readonly until: Instant; readonly for: 'back-off' | 'gate' }
}

export interface Retries {
  /** In the order of acceptance. */
  readonly trials: Map<number, Trial>
  messages: number
  attempts: number
  waiting: number
  /** Nothing is due before; may be earlier than need be. */
  nextAt: Instant | undefined
  readonly budget: RetryBudget
}

/** `fraction` in [0, 1) spreads the wait; `gate` is what the watched breaker lets through. */
export type RetryEvent =
  | { readonly is: 'accept'; readonly gate: Gate }
  | {
      readonly is: 'ended'
      readonly message: number
      readonly attempt: number
      readonly ended: Ended
      readonly fraction: number
    }
  /** The moment asked for may have come. */
  | { readonly is: 'time'; readonly gate: Gate }
  /** The breaker has changed. */
  | { readonly is: 'gate'; readonly gate: Gate }
  /** All that wait are tried now, gate or not, once. */
  | { readonly is: 'flush' }
  /** The longest waiting are set aside: so many, or all. */
  | { readonly is: 'drop'; readonly count?: number }
  /** Nothing goes on. */
  | { readonly is: 'close' }

export type RetryVerdict =
  | {
      readonly is: 'attempt'
      readonly message: number
      readonly attempt: number
      /** From 1; an attempt that was refused on the way is not counted. */
      readonly number: number
    }
  | { readonly is: 'wait'; readonly message: number; readonly until: Instant }
  | { readonly is: 'settled' | 'interrupted'; readonly message: number; readonly attempts: number }
  | {
      readonly is: 'give-up'
      readonly message: number
      readonly attempts: number
      readonly reason: DropReason
      readonly why: EndedWhy | undefined
    }
  /** The end of an attempt that is out no more. */
  | { readonly is: 'late' }

export interface RetryDecision {
  readonly state: Retries
  readonly verdicts: readonly RetryVerdict[]
  /** When `time` should be told. */
  readonly wakeAt: Instant | undefined
}

/** Without a breaker to watch. */
export const openGate: Gate = { free: Number.POSITIVE_INFINITY, retryAt: undefined }

export function freshRetries(budget = freshBudget()): Retries {
  return { trials: new Map(), messages: 0, attempts: 0, waiting: 0, nextAt: undefined, budget }
}
