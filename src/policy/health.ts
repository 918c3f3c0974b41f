/**
 * The verdict about a system that is checked again and again: healthy, degraded or unhealthy, and
 * only when several checks in a row say so. It names what flaps and believes it more slowly. It
 * checks nothing itself, holds no timer and throws nothing.
 *
 * `decide` is deterministic, and changes the state that it is given in place.
 */

import { after, type Instant, type Ms, ms, since } from '../base/units.js'
import { note, type Result } from './health-record.js'
import {
  type Check,
  edgeMs,
  type Found,
  freshCheck,
  type Health,
  type HealthSettings,
  type HealthStatus,
  isNearChange,
  statusOf,
  wakeAt,
} from './health-state.js'

/** `fraction` in [0, 1) spreads the waits. */
export type HealthEvent =
  /** The moment asked for may have come. */
  | { readonly is: 'time'; readonly fraction: number }
  | {
      readonly is: 'found'
      readonly check: number
      /** As `start` named it; of any other run it is too late. */
      readonly run: number
      readonly found: Found
      readonly fraction: number
    }
  /** Check all now; those under way are. `reset`: forget all, the history too. */
  | { readonly is: 'check' | 'pause' | 'resume' | 'reset'; readonly fraction: number }

export interface Turn {
  readonly from: HealthStatus
  readonly to: HealthStatus
}

export interface HealthDecision {
  /** To be begun now; each is answered by one `found`. */
  readonly start: readonly { readonly check: number; readonly run: number }[]
  readonly wakeAt: Instant | undefined
  /** Which check has just ended, and counts. */
  readonly ended?: number
  /** Of the verdict about all. */
  readonly turn?: Turn
  /** The check that ended has begun, or ceased, to flap. */
  readonly flapping?: 'begun' | 'over'
}

/** A change weighs half after so long. */
export const flapHalfLifeMs = ms(300_000)
/** More weight than this is flapping, until it is less than the other. */
const flapAbove = 3
const calmBelow = 1.5
/** Changes longer ago are no part of what a person is told. */
const forgottenBelow = 0.5
/** While it flaps, so many times as many good checks are asked for. */
const flapFactor = 5
/** Share of a wait that is random, to both sides. */
const jitter = 0.1

export function decide(
  state: Health,
  event: HealthEvent,
  now: Instant,
  settings: HealthSettings,
): HealthDecision {
  switch (event.is) {
    case 'time':
      return { start: started(state, now, settings, event.fraction), wakeAt: wakeAt(state) }
    case 'found':
      return found(state, event, now, settings)
    case 'check':
      for (const check of state.checks) if (check.run === undefined) check.due = now
      return { start: started(state, now, settings, event.fraction), wakeAt: wakeAt(state) }
    case 'pause':
    case 'resume':
      if (state.isPaused === (event.is === 'pause')) return { start: [], wakeAt: wakeAt(state) }
      state.isPaused = event.is === 'pause'
      return blank(state, now, settings, true)
    case 'reset':
      return blank(state, now, settings, false)
    default:
      return event satisfies never
  }
}

function started(
  state: Health,
  now: Instant,
  { interval }: HealthSettings,
  fraction: number,
): { check: number; run: number }[] {
  if (state.isPaused) return []
  return state.checks.flatMap((check, at) => {
    if (check.due > now) return []
    check.due = after(now, spread(interval, fraction))
    if (check.run !== undefined) {
      check.record.skipped += 1
      return []
    }
    state.runs += 1
    check.run = { id: state.runs, at: now }
    return [{ check: at, run: state.runs }]
  })
}

type FoundEvent = Extract<HealthEvent, { is: 'found' }>

function found(
  state: Health,
  { check: at, run, found: what, fraction }: FoundEvent,
  now: Instant,
  settings: HealthSettings,
): HealthDecision {
  const check = state.checks[at]
  if (check?.run?.id !== run) return { start: [], wakeAt: wakeAt(state) }
  const begun = check.run.at
  check.run = undefined
  if (what.is === 'ignored') return { start: [], wakeAt: wakeAt(state) }
  count(check, judged(what, now, settings))
  const flapping = turned(check, now, settings)
  if (isNearChange(check)) {
    const soon = after(begun, spread(ms(Math.min(edgeMs, settings.interval)), fraction))
    if (soon < check.due) check.due = soon > now ? soon : now
  }
  const turn = concluded(state, now, settings)
  return {
    ...{ start: [], wakeAt: wakeAt(state), ended: at },
    ...(turn === undefined ? {} : { turn }),
    ...(flapping === undefined ? {} : { flapping }),
  }
}

function judged({ is, latencyMs, why }: Found, at: Instant, settings: HealthSettings): Result {
  const isSlow = is === 'poor' || (latencyMs !== undefined && latencyMs >= settings.slowAfter)
  return {
    ...{ at, is: is === 'failed' ? 'failed' : isSlow ? 'slow' : 'ok' },
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(why === undefined ? {} : { why }),
  }
}

function count(check: Check, result: Result): void {
  note(check.record, result)
  check.failed = result.is === 'failed' ? check.failed + 1 : 0
  check.good = result.is === 'failed' ? 0 : check.good + 1
  check.dull = result.is === 'ok' ? 0 : check.dull + 1
  check.well = result.is === 'ok' ? check.well + 1 : 0
}

/** Moves the verdict about one check, if enough speaks for it. */
function turned(
  check: Check,
  now: Instant,
  settings: HealthSettings,
): HealthDecision['flapping'] | undefined {
  const { flap } = check
  flap.score *= 0.5 ** (since(flap.at, now) / flapHalfLifeMs)
  flap.at = now
  if (flap.score < forgottenBelow) flap.changes = 0
  const wasFlapping = flap.isFlapping
  if (flap.score < calmBelow) flap.isFlapping = false
  const status = statusOfOne(check, settings)
  if (status !== check.status) {
    if (check.status !== 'unknown') {
      flap.score += 1
      flap.changes += 1
    }
    check.status = status
    check.since = now
    if (flap.score > flapAbove) flap.isFlapping = true
  }
  if (flap.isFlapping === wasFlapping) return undefined
  return flap.isFlapping ? 'begun' : 'over'
}

function statusOfOne(check: Check, { downAfter, upAfter }: HealthSettings): HealthStatus {
  const { status, failed, dull, good, well, flap } = check
  const enough = flap.isFlapping ? upAfter * flapFactor : upAfter
  if (failed >= downAfter) return 'unhealthy'
  switch (status) {
    case 'unknown':
      // At first nothing speaks against a good answer.
      return well > 0 ? 'healthy' : good > 0 ? 'degraded' : 'unknown'
    case 'healthy':
      return dull >= downAfter ? 'degraded' : 'healthy'
    case 'degraded':
      return well >= enough ? 'healthy' : 'degraded'
    case 'unhealthy':
      if (good < enough) return 'unhealthy'
      return well >= enough ? 'healthy' : 'degraded'
    default:
      return status satisfies never
  }
}

/** The verdict about all. */
function concluded(state: Health, now: Instant, settings: HealthSettings): Turn | undefined {
  const [from, to] = [state.status, statusOf(state, settings)]
  if (from === to) return undefined
  state.status = to
  state.since = now
  return { from, to }
}

/** No verdict is known any more; the history may stay. */
function blank(
  state: Health,
  now: Instant,
  settings: HealthSettings,
  keepsHistory: boolean,
): HealthDecision {
  for (const check of state.checks) {
    Object.assign(check, freshCheck(now, now), keepsHistory ? { record: check.record } : {})
  }
  const turn = concluded(state, now, settings)
  return { start: [], wakeAt: wakeAt(state), ...(turn === undefined ? {} : { turn }) }
}

/** ±10 %, so that a thousand gateways do not ask in the same second. */
function spread(wait: Ms, fraction: number): Ms {
  return ms(Math.round(wait * (1 - jitter + 2 * jitter * fraction)))
}
