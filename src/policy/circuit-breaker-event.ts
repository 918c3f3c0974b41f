/**
 * What a circuit breaker is told and what it answers. Words only: nothing here decides anything.
 */

import type { Instant } from '../base/units.js'
import type { Breaker, Permit, Refusal, Story, TripCause } from './circuit-breaker-state.js'
import type { Ended } from './ended.js'

export type BreakerCommand = 'open' | 'isolate' | 'disable' | 'shadow' | 'reset'

/** `fraction` in [0, 1) spreads the cool-down that may follow. */
export type BreakerEvent =
  | { readonly is: 'ask' }
  | {
      readonly is: 'report'
      readonly permit: Permit
      readonly ended: Ended
      readonly fraction: number
    }
  /** The moment asked for may have come. */
  | { readonly is: 'time'; readonly fraction: number }
  /** What the monitor that it follows has found, each time. */
  | { readonly is: 'health'; readonly isHealthy: boolean; readonly fraction: number }
  | {
      readonly is: 'command'
      readonly command: BreakerCommand
      readonly by: string
      readonly fraction: number
    }

/**
 * - `counted`: the result was taken into account.
 * - `returned`: it says nothing; the place is free again.
 * - `late`: it belongs to a state that is over.
 */
export type BreakerVerdict =
  | { readonly is: 'permit'; readonly permit: Permit }
  | Refusal
  | { readonly is: 'counted' | 'returned' | 'late' | 'none' }

/** A change of state, worth telling. */
export interface Change {
  /** In shadow, the states that it would be in. */
  readonly from: Breaker['is']
  readonly to: Breaker['is']
  readonly isShadow: boolean
  readonly cause: TripCause | undefined
  /** When it will try again; of `open` only. */
  readonly until: Instant | undefined
  /** The calls that led there; of `open` only. */
  readonly story: Story | undefined
}

export interface BreakerDecision {
  readonly state: Breaker
  readonly verdict: BreakerVerdict
  /** When `time` should be told; undefined when only the outside can move it. */
  readonly wakeAt: Instant | undefined
  readonly change?: Change
}

export const ask: BreakerEvent = { is: 'ask' }

/** All that is not a person's order. */
export type BreakerNews = Exclude<BreakerEvent, { is: 'command' }>
