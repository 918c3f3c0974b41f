/**
 * A circuit breaker as it is written down, and back. What is read was perhaps written by another
 * version or damaged: it is checked field by field, and what cannot be used makes a fresh breaker,
 * never a wrong one. The recent calls, which are for people only, are not kept.
 *
 * Moments are written as spans before or after the writing, for the monotonic clock starts anew
 * with every process.
 */

import { after, type Instant, type Ms, ms } from '../base/units.js'
import { openFor } from './circuit-breaker-moves.js'
import {
  type Automatic,
  type Breaker,
  type BreakerSettings,
  type Closed,
  closed,
  fresh,
  governed,
  type HalfOpen,
  type Memory,
  type Open,
  retryAfterMax,
  type TripCause,
} from './circuit-breaker-state.js'
import { countOf, fieldOf, numberOf, spanOf, textOf } from './plain-data.js'
import { savedWindow, windowFrom } from './window-saved.js'

/** Plain data for JSON. */
export type Saved = Readonly<Record<string, unknown>>

/**
 * The breaker at this moment. A call that is out will be lost with the process: its place is free
 * again when it is read back, as if it had been `ignored`.
 */
export function saved(state: Breaker, now: Instant): Saved {
  const { is, memory } = state
  const { trips } = memory
  switch (state.is) {
    case 'isolated':
    case 'disabled':
      return { is, trips, by: state.by }
    case 'shadow':
      return { is, trips, by: state.by ?? null, would: savedAutomatic(state.would, now) }
    default:
      return savedAutomatic(state, now)
  }
}

function savedAutomatic(state: Automatic, now: Instant): Saved {
  const { is, memory } = state
  const common = { is, trips: memory.trips, sinceMs: now - state.since }
  if (state.is === 'open') return { ...common, leftMs: state.until - now, cause: state.cause }
  const notBeforeMs = state.notBefore === undefined ? null : state.notBefore - now
  if (state.is === 'half-open') {
    const { cause, good, bad, isAsked } = state
    return { ...common, notBeforeMs, cause, good, bad, isAsked }
  }
  const { inARow, window } = state.wire
  return { ...common, notBeforeMs, inARow, window: savedWindow(window, now) }
}

/**
 * The breaker `age` ms after it was saved; undefined when that is longer than `stateMaxAge`, or
 * when it cannot be used. What a person ordered has no age. `now` is the moment of reading.
 */
export function restored(
  from: unknown,
  age: number,
  now: Instant,
  settings: BreakerSettings & { readonly stateMaxAge: Ms | 'off' },
): Breaker | undefined {
  const by = textOf(from, 'by')
  const trips = countOf(from, 'trips')
  if (trips === undefined) return undefined
  const { memory } = fresh(settings, now)
  memory.trips = trips
  const is = textOf(from, 'is')
  if (is === 'isolated' && by !== undefined) {
    const refusal = { is: 'refuse', state: is, retryAt: undefined, cause: 'person' } as const
    return { is, memory, by, refusal }
  }
  if (is === 'disabled' && by !== undefined) return { is, memory, by }
  const base = after(now, ms(-Math.max(0, age)))
  const isYoung = settings.stateMaxAge !== 'off' && age <= settings.stateMaxAge
  if (is !== 'shadow') {
    const state = isYoung ? automaticFrom(from, memory, base, settings) : undefined
    return state === undefined ? undefined : governed(state, settings)
  }
  const would = isYoung ? automaticFrom(fieldOf(from, 'would'), memory, base, settings) : undefined
  if (would === undefined && by === undefined) return undefined
  const shadow = { is, memory, by, would: would ?? closed(memory, settings, now) } as const
  return governed(shadow, settings)
}

/** `base` is the moment of writing on the clock of now. */
function automaticFrom(
  from: unknown,
  memory: Memory,
  base: Instant,
  settings: BreakerSettings,
): Automatic | undefined {
  const sinceMs = spanOf(from, 'sinceMs')
  if (sinceMs === undefined) return undefined
  const since = after(base, ms(-sinceMs))
  switch (textOf(from, 'is')) {
    case 'closed':
      return closedFrom(from, closed(memory, settings, since), base, settings)
    case 'open':
      return openFrom(from, memory, since, base, settings)
    case 'half-open':
      return halfOpenFrom(from, memory, since, base)
    default:
      return undefined
  }
}

/** With another window than before, the counting begins anew. */
function closedFrom(
  from: unknown,
  blank: Closed,
  base: Instant,
  { trip }: BreakerSettings,
): Closed | undefined {
  const inARow = countOf(from, 'inARow')
  if (inARow === undefined) return undefined
  const window = windowFrom(fieldOf(from, 'window'), trip.window, base)
  return { ...blank, wire: { inARow, window }, notBefore: notBeforeOf(from, base) }
}

/** Not open for longer than these settings would ever keep it open. */
function openFrom(
  from: unknown,
  memory: Memory,
  since: Instant,
  base: Instant,
  { backOff }: BreakerSettings,
): Open | undefined {
  const leftMs = numberOf(from, 'leftMs')
  const cause = causeOf(from)
  if (leftMs === undefined || cause === undefined) return undefined
  const longest = Math.max(backOff.max, retryAfterMax)
  return openFor(memory, cause, since, after(base, ms(Math.min(leftMs, longest))))
}

function halfOpenFrom(
  from: unknown,
  memory: Memory,
  since: Instant,
  base: Instant,
): HalfOpen | undefined {
  const [good, bad, cause] = [countOf(from, 'good'), countOf(from, 'bad'), causeOf(from)]
  if (good === undefined || bad === undefined || cause === undefined) return undefined
  return {
    ...{ is: 'half-open', memory, since, cause, good, bad, probe: undefined },
    ...{ isAsked: fieldOf(from, 'isAsked') === true, notBefore: notBeforeOf(from, base) },
  }
}

function notBeforeOf(from: unknown, base: Instant): Instant | undefined {
  const span = numberOf(from, 'notBeforeMs')
  return span === undefined ? undefined : after(base, ms(Math.min(span, retryAfterMax)))
}

const causes: readonly TripCause[] = [
  'consecutive',
  'failure-rate',
  'slow-rate',
  'monitor',
  'person',
]

const causeOf = (from: unknown): TripCause | undefined =>
  causes.find((cause) => cause === fieldOf(from, 'cause'))
