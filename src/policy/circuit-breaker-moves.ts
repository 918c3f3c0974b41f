/**
 * The states that a circuit breaker moves through by itself. From open to closed there is no way
 * but through probes that ended well, and no permit that does not come back can hold it anywhere.
 * Orders of people are not known here.
 */

import { after, type Instant, type Ms, ms, since } from '../base/units.js'
import { waitAfter } from './back-off.js'
import type {
  BreakerDecision,
  BreakerEvent,
  BreakerNews,
  BreakerVerdict,
} from './circuit-breaker-event.js'
import {
  type Automatic,
  type BreakerSettings,
  type Closed,
  calmMs,
  closed,
  type HalfOpen,
  type Memory,
  type Open,
  type Permit,
  type Refusal,
  recentCalls,
  recentMax,
  retryAfterMax,
  retryAtOf,
  type Story,
  type TripCause,
  wakeAt,
} from './circuit-breaker-state.js'
import type { Ended } from './ended.js'
import { type Call, count, totalsOf } from './trip.js'

/** A step that ends in a state which moves by itself. */
export interface Move extends BreakerDecision {
  readonly state: Automatic
}

type Report = Extract<BreakerEvent, { is: 'report' }>

function permit(memory: Memory, at: Instant, isProbe: boolean): Permit {
  memory.permits += 1
  return { generation: memory.generation, id: memory.permits, at, isProbe }
}

/** What the news make of a state that moves by itself. */
export function told(
  state: Automatic,
  event: BreakerNews,
  now: Instant,
  settings: BreakerSettings,
): Move {
  switch (event.is) {
    case 'ask':
      return asked(state, now, settings)
    case 'report':
      if (event.permit.generation === 0) return stay(state, returned)
      if (event.permit.generation !== state.memory.generation) return stay(state, late)
      return reported(state, event, now, settings)
    case 'time':
      if (state.is === 'open' && now >= state.until) return changed(state, halfOpen(state, now))
      if (state.is !== 'half-open') return stay(state, none)
      return withProbeInTime(state, now, settings, event.fraction) ?? stay(state, none)
    case 'health':
      return event.isHealthy
        ? healthy(state, now, settings)
        : unhealthy(state, now, settings, event.fraction)
    default:
      return event satisfies never
  }
}

function asked(state: Automatic, now: Instant, settings: BreakerSettings): Move {
  if (state.is === 'closed') {
    const verdict = { is: 'permit', permit: permit(state.memory, now, false) } as const
    return { state, verdict, wakeAt: undefined }
  }
  if (state.is === 'open') {
    if (now < state.until) return { state, verdict: state.refusal, wakeAt: state.until }
    const next = changed(state, halfOpen(state, now))
    return next.state.is === 'half-open' ? { ...next, ...probed(next.state, now, settings) } : next
  }
  const overdue = withProbeInTime(state, now, settings, 0)
  if (overdue?.state.is !== 'open') return probed(state, now, settings)
  return { ...overdue, verdict: overdue.state.refusal }
}

function probed(state: HalfOpen, now: Instant, settings: BreakerSettings): Move {
  state.isAsked = true
  if (state.probe !== undefined) {
    const retryAt = retryAtOf(state.probe, now)
    return stay(state, { is: 'refuse', state: 'half-open', retryAt, cause: state.cause })
  }
  const probe = permit(state.memory, now, true)
  state.probe = { id: probe.id, at: now, deadline: after(now, settings.probeTimeout) }
  return stay(state, { is: 'permit', permit: probe })
}

/** What it says about the other side; a refusal on the way, a deploy or a doubt say nothing. */
function tellingOf({ is, why }: Ended): Call['is'] | undefined {
  if (is === 'failed') return why?.kind === 'refusal' ? undefined : is
  return is === 'ok' || is === 'timeout' ? is : undefined
}

function whyOf({ why }: Ended): Pick<Call, 'code' | 'status'> {
  const status = why?.values?.['status']
  return { code: why?.code ?? '', ...(typeof status === 'number' ? { status } : {}) }
}

function reported(
  state: Automatic,
  { permit, ended, fraction }: Report,
  now: Instant,
  settings: BreakerSettings,
): Move {
  if (state.is === 'open') return stay(state, late)
  if (state.is === 'half-open') {
    if (state.probe?.id !== permit.id) return stay(state, late)
    state.probe = undefined
  }
  const is = tellingOf(ended)
  if (is === undefined) return stay(state, returned)
  const tookMs = since(permit.at, now)
  const isFailed = is !== 'ok'
  remember(state, { at: now, is, tookMs, ...whyOf(ended) }, ended.retryAfter)
  const { slowRate, slowAfter } = settings.trip
  if (state.is === 'half-open') {
    const isBad = isFailed || (slowRate !== 'off' && tookMs >= slowAfter)
    return { ...judged(state, isBad, now, settings, fraction), verdict: counted }
  }
  const rule = count(state.wire, isFailed, tookMs, now, settings.trip)
  if (rule === undefined) return { state, verdict: counted, wakeAt: undefined }
  return { ...tripped(state, rule, now, settings, fraction), verdict: counted }
}

/** Keeps the call for people, and how long the other side wants to be left alone. */
function remember(state: Closed | HalfOpen, call: Call, retryAfter: Ms | undefined): void {
  const { memory } = state
  if (memory.recent.length < recentMax) memory.recent.push(call)
  else {
    memory.recent[memory.oldest] = call
    memory.oldest = memory.oldest + 1 === recentMax ? 0 : memory.oldest + 1
  }
  if (call.is === 'ok') state.notBefore = undefined
  if (call.is === 'ok' || retryAfter === undefined) return
  const wanted = after(call.at, ms(Math.min(retryAfter, retryAfterMax)))
  if (state.notBefore === undefined || wanted > state.notBefore) state.notBefore = wanted
}

/** A probe that never came back has failed. Undefined: none is overdue. */
function withProbeInTime(
  state: HalfOpen,
  now: Instant,
  settings: BreakerSettings,
  fraction: number,
): Move | undefined {
  const { probe } = state
  if (probe === undefined || now < probe.deadline) return undefined
  state.probe = undefined
  remember(state, { at: now, is: 'timeout', tookMs: since(probe.at, now), code: '' }, undefined)
  return judged(state, true, now, settings, fraction)
}

/** Closes or opens as soon as the probes that are left cannot change it any more. */
function judged(
  state: HalfOpen,
  isBad: boolean,
  now: Instant,
  settings: BreakerSettings,
  fraction: number,
): Move {
  if (isBad) state.bad += 1
  else state.good += 1
  if (state.bad > settings.probes - settings.probeSuccesses) {
    return tripped(state, state.cause, now, settings, fraction)
  }
  if (state.good < settings.probeSuccesses) return stay(state, none)
  state.memory.generation += 1
  return changed(state, closed(state.memory, settings, now))
}

function halfOpen({ memory, cause }: Open, now: Instant): HalfOpen {
  memory.generation += 1
  return {
    ...{ is: 'half-open', memory, since: now, cause, good: 0, bad: 0, probe: undefined },
    ...{ isAsked: false, notBefore: undefined },
  }
}

/** Opens it. The cool-down grows with the trips, and is never shorter than was asked for. */
export function tripped(
  state: Closed | HalfOpen,
  cause: TripCause,
  now: Instant,
  { backOff }: BreakerSettings,
  fraction: number,
): Move {
  const { memory, notBefore } = state
  const wasCalm = state.is === 'closed' && since(state.since, now) >= calmMs
  memory.trips = wasCalm ? 1 : memory.trips + 1
  memory.generation += 1
  memory.story = storyOf(state, cause, now)
  const cooled = after(now, waitAfter(memory.trips, backOff, fraction))
  const until = notBefore !== undefined && notBefore > cooled ? notBefore : cooled
  return changed(state, openFor(memory, cause, now, until))
}

export function openFor(memory: Memory, cause: TripCause, from: Instant, until: Instant): Open {
  const refusal: Refusal = { is: 'refuse', state: 'open', retryAt: until, cause }
  return { is: 'open', memory, since: from, until, cause, refusal }
}

function storyOf(state: Closed | HalfOpen, cause: TripCause, now: Instant): Story {
  const calls = recentCalls(state.memory)
  if (state.is === 'closed') {
    const { inARow } = state.wire
    return { at: now, cause, totals: totalsOf(state.wire, now), inARow, calls }
  }
  const { good, bad } = state
  return { at: now, cause, totals: { calls: good + bad, failed: bad, slow: 0 }, inARow: bad, calls }
}

/** It need not wait for the end of the cool-down, unless a person opened it. */
function healthy(state: Automatic, now: Instant, settings: BreakerSettings): Move {
  if (state.is === 'open' && state.cause !== 'person') return changed(state, halfOpen(state, now))
  if (state.is !== 'half-open') return stay(state, none)
  // With traffic the probes tell more; without, nothing else would ever close it.
  const isCounted = state.probe === undefined && !state.isAsked
  state.isAsked = false
  return isCounted ? judged(state, false, now, settings, 0) : stay(state, none)
}

/** Keeps it open for one more cool-down each time: should the monitor fall silent, it probes. */
function unhealthy(
  state: Automatic,
  now: Instant,
  settings: BreakerSettings,
  fraction: number,
): Move {
  if (state.is !== 'open') return tripped(state, 'monitor', now, settings, fraction)
  const until = after(now, waitAfter(state.memory.trips, settings.backOff, fraction))
  if (until <= state.until) return stay(state, none)
  return stay(openFor(state.memory, state.cause, state.since, until), none)
}

const none = { is: 'none' } as const
const counted = { is: 'counted' } as const
const returned = { is: 'returned' } as const
const late = { is: 'late' } as const

const stay = (state: Automatic, verdict: BreakerVerdict): Move => {
  return { state, verdict, wakeAt: wakeAt(state) }
}

function changed(from: Automatic, state: Automatic): Move {
  const isOpen = state.is === 'open'
  const change = {
    ...{ from: from.is, to: state.is, isShadow: false },
    cause: isOpen ? state.cause : undefined,
    until: isOpen ? state.until : undefined,
    story: isOpen ? state.memory.story : undefined,
  }
  return { state, verdict: none, wakeAt: wakeAt(state), change }
}
