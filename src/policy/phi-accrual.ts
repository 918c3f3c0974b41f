/**
 * How surprising the silence of a heart is, from how it has beaten so far: the φ accrual failure
 * detector (Hayashibara, Défago, Yared, Katayama: "The φ accrual failure detector", 2004). It says
 * how surprising, never whether it is dead. Keeps the last 1,000 intervals.
 */

import { type Instant, type Ms, ms, since } from '../base/units.js'

/** Changed in place. */
export interface Heart {
  last: Instant | undefined
  /** The last intervals; the oldest at `oldest` once it is full. */
  readonly intervals: number[]
  oldest: number
  sum: number
  sumOfSquares: number
}

const intervalsMax = 1000
/** Fewer intervals say nothing about how regular a heart is. */
const intervalsMin = 10
/** No heart is taken for more regular than this: a schedule is never that exact. */
const deviationMin = ms(100)
/** A pause that is forgiven, as of a garbage collection or a short break of the line. */
export const acceptablePauseMs = ms(3000)

export const freshHeart = (): Heart => {
  return { last: undefined, intervals: [], oldest: 0, sum: 0, sumOfSquares: 0 }
}

export function beat(heart: Heart, now: Instant): void {
  const { last, intervals } = heart
  heart.last = now
  if (last === undefined) return
  const interval = since(last, now)
  const gone = intervals.length < intervalsMax ? 0 : (intervals[heart.oldest] ?? 0)
  if (intervals.length < intervalsMax) intervals.push(interval)
  else {
    intervals[heart.oldest] = interval
    heart.oldest = (heart.oldest + 1) % intervalsMax
  }
  heart.sum += interval - gone
  heart.sumOfSquares += interval ** 2 - gone ** 2
}

/** Since the last beat; undefined before the first. */
export function silence({ last }: Heart, now: Instant): Ms | undefined {
  return last === undefined ? undefined : since(last, now)
}

/**
 * −log10 of the chance that a beat still comes, 0 or more: at 8 one in 10⁸. The distribution is
 * normal, worked out by the logistic approximation of its integral (error below 0.00014).
 * Undefined as long as fewer than 10 intervals were seen.
 */
export function phi(heart: Heart, now: Instant): number | undefined {
  const { last, intervals } = heart
  if (last === undefined || intervals.length < intervalsMin) return undefined
  const mean = heart.sum / intervals.length
  const variance = Math.max(0, heart.sumOfSquares / intervals.length - mean ** 2)
  const deviation = Math.max(deviationMin, Math.sqrt(variance))
  const y = (since(last, now) - mean - acceptablePauseMs) / deviation
  // ln(1 + e^x) without overflow, of the logistic approximation's exponent.
  const x = y * (1.5976 + 0.070566 * y * y)
  const surprise = x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
  return surprise / Math.LN10
}
