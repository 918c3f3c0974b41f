/**
 * When a circuit breaker trips: failures in a row, the share of failed calls, the share of slow
 * ones. The same rules answer what other thresholds would have done with the calls of the last
 * trip. It counts finished calls only; what a breaker refused is never among them.
 */

import { type Instant, type Ms, ms } from '../base/units.js'
import {
  emptyWindow,
  markOf,
  record,
  type Totals,
  totalsAt,
  type Window,
  type WindowSpan,
} from './window.js'

export interface TripRules {
  /** So many failures in a row, 1 to 1,000. */
  readonly consecutive: number | 'off'
  /** At least this share of the calls failed, 0 to 1. */
  readonly failureRate: number | 'off'
  /** At least this share of the calls was slow, 0 to 1. */
  readonly slowRate: number | 'off'
  /** A call that took this long or longer is slow. */
  readonly slowAfter: Ms
  /** A share of fewer calls says nothing. At most as many as the window holds. */
  readonly minimumCalls: number
  readonly window: WindowSpan
}

export type TripRule = 'consecutive' | 'failure-rate' | 'slow-rate'

export interface Tripwire {
  /** Failures since the last success. */
  inARow: number
  readonly window: Window
}

/** A finished call, as it is kept for people. */
export interface Call {
  readonly at: Instant
  readonly is: 'ok' | 'failed' | 'timeout'
  readonly tookMs: Ms
  /** Why it failed; '' for `ok`, and where nothing is known. */
  readonly code: string
  /** That an HTTP server answered; absent where none did. */
  readonly status?: number
}

export function freshTripwire(rules: TripRules, now: Instant): Tripwire {
  return { inARow: 0, window: emptyWindow(rules.window, now) }
}

/** Counts a call that ended now; the rule that it broke, if any. */
export function count(
  wire: Tripwire,
  isFailed: boolean,
  tookMs: number,
  now: Instant,
  rules: TripRules,
): TripRule | undefined {
  wire.inARow = isFailed ? wire.inARow + 1 : 0
  record(wire.window, markOf(isFailed, tookMs >= rules.slowAfter), now)
  if (rules.consecutive !== 'off' && wire.inARow >= rules.consecutive) return 'consecutive'
  const { calls, failed, slow } = totalsAt(wire.window, now)
  if (calls < floorOf(rules)) return undefined
  if (isReached(rules.failureRate, failed, calls)) return 'failure-rate'
  if (isReached(rules.slowRate, slow, calls)) return 'slow-rate'
  return undefined
}

/** As `count`, over calls that are past: when these rules would have tripped first. */
export function wouldHaveTripped(
  calls: readonly Call[],
  rules: TripRules,
): { readonly at: Instant; readonly rule: TripRule } | undefined {
  const [first] = calls
  if (first === undefined) return undefined
  const wire = freshTripwire(rules, first.at)
  for (const { at, is, tookMs } of calls) {
    const rule = count(wire, is !== 'ok', tookMs, at, rules)
    if (rule !== undefined) return { at, rule }
  }
  return undefined
}

/** Other thresholds than these, one at a time and the others off, that a person may want to see. */
export function alternatives(rules: TripRules): readonly TripRules[] {
  const off: TripRules = { ...rules, consecutive: 'off', failureRate: 'off', slowRate: 'off' }
  const row = rules.consecutive === 'off' ? 5 : rules.consecutive
  return [
    ...[Math.ceil(row / 2), Math.ceil(row * 1.6), row * 3].map((consecutive) => {
      return { ...off, consecutive }
    }),
    ...[0.25, 0.5, 0.75].map((failureRate) => ({ ...off, failureRate })),
    ...[1, 2, 5].map((factor) => {
      return { ...off, slowRate: 0.8, slowAfter: ms(rules.slowAfter * factor) }
    }),
  ]
}

/** The figures of the window, for people. */
export function totalsOf(wire: Tripwire, now: Instant): Totals {
  return { ...totalsAt(wire.window, now) }
}

function floorOf({ minimumCalls, window }: TripRules): number {
  return window.is === 'calls' ? Math.min(minimumCalls, window.count) : minimumCalls
}

/** A share of nothing is never reached, not even one of 0 %. */
function isReached(rate: number | 'off', some: number, all: number): boolean {
  return rate !== 'off' && some > 0 && some / all >= rate
}
