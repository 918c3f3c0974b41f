/**
 * What a bulkhead knows of those at work and those that wait, what it is told, and what it answers.
 * Words and a beginning: nothing here decides anything. It is kept in memory only, bounded by its
 * limits and by the number of keys.
 */

import type { Instant, Ms } from '../base/units.js'
import { type AdaptiveLimit, freshLimit } from './bulkhead-limit.js'
import type { Ended } from './ended.js'
import { Keyed } from './keyed.js'
import { Line } from './line.js'

export interface BulkheadSettings {
  /** For each key, 1 or more. */
  readonly maxInFlight: number
  /** Of all keys together; 0: nobody waits. */
  readonly maxWaiting: number
  readonly maxWait: Ms
  /** Finds the best number between 1 and `maxInFlight` itself. */
  readonly isAdaptive: boolean
}

export interface Waiter {
  readonly message: number
  readonly from: Instant
}

/** One key. */
export interface Lane {
  readonly key: string
  active: number
  readonly line: Line<Waiter>
  readonly limit: AdaptiveLimit
  /** Messages that came. */
  total: number
  refused: number
  /** Of these, those that had waited too long. */
  timedOut: number
}

export interface Bulkhead {
  readonly lanes: Keyed<Lane>
  /** Those at work. */
  readonly out: Map<number, { readonly lane: Lane; readonly from: Instant }>
  messages: number
  waiting: number
  /** Nobody has waited too long before; may be earlier than need be. */
  nextAt: Instant | undefined
}

export type BulkheadEvent =
  | { readonly is: 'accept'; readonly key: string }
  | { readonly is: 'ended'; readonly message: number; readonly ended: Ended }
  /** The moment asked for may have come. */
  | { readonly is: 'time' }
  /** A person sets aside what waits under this key, and its figures. */
  | { readonly is: 'drop'; readonly key: string }
  /** Nothing goes on. */
  | { readonly is: 'close' }

/** `inFlight` and `waiting` are those of the key. */
export interface Figures {
  readonly message: number
  readonly key: string
  readonly inFlight: number
  readonly waiting: number
  readonly waitedMs: Ms
}

export type BulkheadVerdict =
  | ({ readonly is: 'admit' } & Figures)
  | ({ readonly is: 'wait' } & Figures)
  | ({
      readonly is: 'refuse'
      readonly reason: 'overflow' | 'expired' | 'operator'
    } & Figures)
  | ({ readonly is: 'interrupted' } & Figures)
  /** The limit found by itself is another. */
  | { readonly is: 'resized'; readonly key: string; readonly limit: number }
  | { readonly is: 'freed' }
  /** The end of a message that is not at work here. */
  | { readonly is: 'late' }

export interface BulkheadDecision {
  readonly state: Bulkhead
  readonly verdicts: readonly BulkheadVerdict[]
  /** When `time` should be told. */
  readonly wakeAt: Instant | undefined
}

export function freshBulkhead(keysMax?: number): Bulkhead {
  const lanes = new Keyed<Lane>(({ active, line }) => active + line.size === 0, keysMax)
  return { lanes, out: new Map(), messages: 0, waiting: 0, nextAt: undefined }
}

export function freshLane(key: string, { maxInFlight }: BulkheadSettings): Lane {
  const limit = freshLimit(maxInFlight)
  return { key, active: 0, line: new Line(), limit, total: 0, refused: 0, timedOut: 0 }
}

/** The places of a key at this moment. */
export function limitOf({ limit }: Lane, { isAdaptive, maxInFlight }: BulkheadSettings): number {
  return isAdaptive ? Math.floor(limit.value) : maxInFlight
}
