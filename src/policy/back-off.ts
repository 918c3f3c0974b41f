/**
 * Back-off: how long to wait before the next attempt. A pure function of the attempt's number and
 * one random fraction; it neither counts attempts nor holds a timer.
 */

import { type Ms, ms } from '../base/units.js'

export interface BackOff {
  /** Wait before the second attempt. */
  readonly initial: Ms
  /** Each further wait is this many times longer, 1 to 10. */
  readonly factor: number
  /** No wait is longer. */
  readonly max: Ms
  /** Share of the wait that is random, 0 to 1: spreads a fleet that failed together. */
  readonly jitter: number
}

/**
 * The wait after `failures` attempts in a row have failed (1 or more):
 * min(max, initial × factor^(failures-1)) × (1 − jitter × fraction), with `fraction` in [0, 1).
 */
export function waitAfter(failures: number, backOff: BackOff, fraction: number): Ms {
  const grown = backOff.initial * backOff.factor ** Math.max(0, failures - 1)
  return ms(Math.round(Math.min(backOff.max, grown) * (1 - backOff.jitter * fraction)))
}
