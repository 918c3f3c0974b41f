/**
 * What a circuit breaker is at any moment: closed, open or half-open by itself; isolated, disabled
 * or shadow because a person said so. Each state owns only what it needs, is bounded and can be
 * written down. Nothing here moves from one state to another.
 */

import type { BreakerCause } from '../base/event.js'
import { after, type Instant, type Ms, ms } from '../base/units.js'
import type { BackOff } from './back-off.js'
import {
  alternatives,
  type Call,
  freshTripwire,
  type TripRules,
  type Tripwire,
  wouldHaveTripped,
} from './trip.js'
import type { Totals } from './window.js'

export interface BreakerSettings {
  readonly trip: TripRules
  /** How long it stays open, by trips in a row. */
  readonly backOff: BackOff
  /** Calls that may find out whether it is well again, one at a time: 1 to 20. */
  readonly probes: number
  /** So many of them must end well: 1 to `probes`. */
  readonly probeSuccesses: number
  /** A probe that was not reported by then counts as failed; longer than any honest answer. */
  readonly probeTimeout: Ms
  /** Decides and tells, but never refuses. */
  readonly reportOnly: boolean
}

export type TripCause = BreakerCause

/**
 * The right to make one call, valid in the generation that gave it: a result that comes after the
 * state has changed is late and moves nothing. Each is reported once, by whoever holds it; only a
 * probe has a deadline here, all others have that of the outcome.
 */
export interface Permit {
  /** 0: of a call that is not counted. */
  readonly generation: number
  readonly id: number
  readonly at: Instant
  readonly isProbe: boolean
}

/** The last calls and what was learnt; goes along from state to state. Changed in place. */
export interface Memory {
  /** Grows with every change of state. */
  generation: number
  /** Given so far. */
  permits: number
  /** Trips since it last stayed closed for `calmMs`. */
  trips: number
  /** The last `recentMax` calls, the oldest at `oldest` once it is full. */
  readonly recent: Call[]
  oldest: number
  story: Story | undefined
}

/** Why it opened last, and the calls that led there. */
export interface Story {
  readonly at: Instant
  readonly cause: TripCause
  readonly totals: Totals
  readonly inARow: number
  /** The last of them, oldest first: `recentMax` at most. */
  readonly calls: readonly Call[]
}

export interface Closed {
  readonly is: 'closed'
  readonly memory: Memory
  readonly since: Instant
  readonly wire: Tripwire
  /** The other side asked to be left alone until then; counts once it trips. */
  notBefore: Instant | undefined
}
export interface Open {
  readonly is: 'open'
  readonly memory: Memory
  readonly since: Instant
  readonly until: Instant
  readonly cause: TripCause
  /** The answer to every question while it is open: one object, for there may be many. */
  readonly refusal: Refusal
}
export interface HalfOpen {
  readonly is: 'half-open'
  readonly memory: Memory
  readonly since: Instant
  /** Why it opened. */
  readonly cause: TripCause
  good: number
  bad: number
  /** The one that is out. */
  probe: { readonly id: number; readonly at: Instant; readonly deadline: Instant } | undefined
  /** A message came since the monitor last spoke. */
  isAsked: boolean
  notBefore: Instant | undefined
}

/** Moves by itself. */
export type Automatic = Closed | Open | HalfOpen

export type Breaker =
  | Automatic
  | { readonly is: 'isolated'; readonly memory: Memory; readonly by: string; refusal: Refusal }
  | { readonly is: 'disabled'; readonly memory: Memory; readonly by: string }
  | Shadow

export interface Shadow {
  readonly is: 'shadow'
  readonly memory: Memory
  /** Nobody: the settings say so, and it ends with them. */
  readonly by: string | undefined
  /** The state it would be in. */
  readonly would: Automatic
}

export interface Refusal {
  readonly is: 'refuse'
  readonly state: 'open' | 'half-open' | 'isolated'
  /** It is no use to ask before; nothing is known while it is isolated. */
  readonly retryAt: Instant | undefined
  readonly cause: TripCause
}

/** Kept for people. */
export const recentMax = 50
/** Closed so long, it was well: the next trip is the first again. */
export const calmMs = ms(300_000)
/** Nobody who asks to be left alone is left alone for longer. */
export const retryAfterMax = ms(900_000)

/** As it is when nothing is known. */
export function fresh(settings: BreakerSettings, now: Instant): Breaker {
  const memory: Memory = {
    ...{ generation: 1, permits: 0, trips: 0, recent: [], oldest: 0 },
    story: undefined,
  }
  return governed(closed(memory, settings, now), settings)
}

export function closed(memory: Memory, { trip }: BreakerSettings, now: Instant): Closed {
  const wire = freshTripwire(trip, now)
  return { is: 'closed', memory, since: now, wire, notBefore: undefined }
}

/** The state under these settings: in shadow if they say so, and no longer if they do not. */
export function governed(state: Breaker, { reportOnly }: BreakerSettings): Breaker {
  if (state.is === 'shadow') {
    return state.by === undefined && !reportOnly ? state.would : state
  }
  if (!reportOnly || state.is === 'isolated' || state.is === 'disabled') return state
  return { is: 'shadow', memory: state.memory, by: undefined, would: state }
}

/** When `time` should be told; undefined when only the outside can move it. */
export function wakeAt(state: Breaker): Instant | undefined {
  if (state.is === 'open') return state.until
  if (state.is === 'half-open') return state.probe?.deadline
  return state.is === 'shadow' ? wakeAt(state.would) : undefined
}

/** What a gate reads: how many may come now, and when to look again. It takes no permit. */
export interface Gate {
  readonly free: number
  readonly retryAt: Instant | undefined
}

export function gateOf(state: Breaker, now: Instant): Gate {
  switch (state.is) {
    case 'closed':
    case 'disabled':
    case 'shadow':
      return { free: Number.POSITIVE_INFINITY, retryAt: undefined }
    case 'open':
      return now >= state.until ? oneFree : { free: 0, retryAt: state.until }
    case 'half-open':
      if (state.probe === undefined || now >= state.probe.deadline) return oneFree
      return { free: 0, retryAt: retryAtOf(state.probe, now) }
    case 'isolated':
      return { free: 0, retryAt: undefined }
    default:
      return state satisfies never
  }
}

const oneFree: Gate = { free: 1, retryAt: undefined }
/** A probe may be back at any moment. */
const lookAgainMs = ms(1000)

/** While a probe is out nobody knows; soon, and not after its deadline. */
export function retryAtOf({ deadline }: { readonly deadline: Instant }, now: Instant): Instant {
  const soon = after(now, lookAgainMs)
  return soon < deadline ? soon : deadline
}

/** The last calls, oldest first. */
export function recentCalls({ recent, oldest }: Memory): readonly Call[] {
  return [...recent.slice(oldest), ...recent.slice(0, oldest)]
}

export interface WhatIf {
  readonly rules: TripRules
  /** When these would have tripped, over the calls of the story; undefined: not at all. */
  readonly at: Instant | undefined
}

/** What other thresholds would have done with the calls of the last trip. */
export function whatIf({ calls }: Story, rules: TripRules): readonly WhatIf[] {
  return alternatives(rules).map((other) => {
    return { rules: other, at: wouldHaveTripped(calls, other)?.at }
  })
}

/** Nothing would be lost with it but its counts: a fresh one would do the same. */
export function isAtRest(state: Breaker): boolean {
  return (
    state.is === 'closed' ||
    (state.is === 'shadow' && state.by === undefined && isAtRest(state.would))
  )
}
