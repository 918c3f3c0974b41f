/**
 * How many may work at once when nobody knows the right number: a little more with every success
 * while the places are used, a tenth less after a failure. It answers with a limit between 1 and
 * the maximum and refuses nothing itself.
 *
 * Additive increase, multiplicative decrease: D.-M. Chiu and R. Jain, "Analysis of the Increase
 * and Decrease Algorithms for Congestion Avoidance in Computer Networks", 1989.
 */

import type { Instant } from '../base/units.js'
import type { Ended } from './ended.js'

export interface AdaptiveLimit {
  /** Not whole: the part grows with each success. */
  value: number
  /** Work that began before says nothing new: one overload is one step down. */
  reducedAt: Instant | undefined
}

/** What is left of the limit after a failure. */
const decrease = 0.9

export const freshLimit = (max: number): AdaptiveLimit => ({ value: max, reducedAt: undefined })

/** Learns from work that ended now; `active` counts those at work, this one included. */
export function adapt(
  limit: AdaptiveLimit,
  ended: Ended,
  startedAt: Instant,
  active: number,
  max: number,
  now: Instant,
): void {
  if (ended.is === 'ok') {
    // Success with free places says nothing about more of them.
    if (active * 2 >= limit.value) limit.value = Math.min(max, limit.value + 1 / limit.value)
    return
  }
  const isOverload =
    ended.is === 'timeout' || (ended.is === 'failed' && ended.why?.kind !== 'refusal')
  if (!isOverload) return
  if (limit.reducedAt !== undefined && startedAt <= limit.reducedAt) return
  limit.value = Math.max(1, limit.value * decrease)
  limit.reducedAt = now
}
