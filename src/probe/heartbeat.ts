/**
 * Asks whether something still beats: a message must come at least every so often or, with a
 * threshold for φ, as regularly as it did so far. It never asks anybody.
 */

import type { Clock } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import { beat, freshHeart, phi, silence } from '../policy/phi-accrual.js'
import { because, failedFor, type Trial, trialAtOnce } from './probe.js'

export interface HeartbeatCheck {
  readonly within: Ms
  /** Once so many are known, how regular it is decides, and `within` no longer. */
  readonly phi: number | 'off'
}

export interface Heartbeat {
  /** A message came. */
  beat(): void
  readonly probe: () => Trial
}

export function heartbeatProbe(clock: Clock, { within, phi: most }: HeartbeatCheck): Heartbeat {
  const heart = freshHeart()
  const openedAt = clock.monotonic()
  return {
    beat: () => beat(heart, clock.monotonic()),
    probe: () =>
      trialAtOnce(() => {
        const now = clock.monotonic()
        const surprise = most === 'off' ? undefined : phi(heart, now)
        if (surprise !== undefined && most !== 'off') {
          return surprise < most ? { is: 'ok' } : failedFor(because('irregular'))
        }
        const silent = silence(heart, now)
        if (silent !== undefined && silent <= within) return { is: 'ok' }
        // Before the first beat nobody knows, for as long as one may take to come.
        if (silent === undefined && now - openedAt <= within) return { is: 'ignored' }
        return failedFor(because('no-beat'))
      }),
  }
}
