/**
 * A change of a circuit breaker as the event that tells of it, with moments of the wall clock. What
 * a person has ordered is no news to anybody, and what only would have closed is none either.
 */

import { calledMax, type Event } from '../../src/base/event.js'
import type { Clock } from '../../src/base/ports.js'
import { type EpochMs, epochMs, type Instant, ms, since } from '../../src/base/units.js'
import type { Change } from '../../src/policy/circuit-breaker-event.js'

/** Undefined for what a person ordered and what only would have closed. */
export function eventOf(
  change: Change,
  key: string,
  now: Instant,
  clock: Clock,
): Event | undefined {
  const { from, to, isShadow, cause, until, story } = change
  if (to === 'half-open' && !isShadow) return { kind: 'breaker.half-opened', key, from, to }
  if (to === 'closed' && !isShadow) {
    return { kind: 'breaker.closed', key, from, to, resolves: 'breaker.opened' }
  }
  if (cause === undefined || until === undefined || story === undefined) return undefined
  const kind = isShadow ? 'breaker.would-open' : 'breaker.opened'
  const { calls: count, failed, slow } = story.totals
  const wall = (at: Instant) => wallOf(at, now, clock)
  return {
    ...{ kind, key, from, to, cause, count, failed, slow },
    calls: story.calls.slice(-calledMax).map((call) => ({ ...call, at: wall(call.at) })),
    ...{ openMs: ms(until - now), retryAt: wall(until) },
  }
}

/** A moment as people know it. */
export function wallOf(at: Instant, now: Instant, clock: Clock): EpochMs {
  return epochMs(Math.round(clock.wall() + since(now, at)))
}
