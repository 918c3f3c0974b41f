/**
 * Retry: after a failed attempt, is there another, and when. Messages are numbers here, attempts
 * have numbers of their own, and only the attempt that is out can settle its message. It keeps no
 * message, sends nothing, holds no timer, and never tries more often than it was told.
 *
 * `decide` is deterministic and changes the state that it is given in place.
 */

import type { DropReason } from '../base/event.js'
import { after, type Instant, ms } from '../base/units.js'
import { waitAfter } from './back-off.js'
import type { Gate } from './circuit-breaker-state.js'
import { takePlace } from './retry-budget.js'
import type {
  Retries,
  RetryDecision,
  RetryEvent,
  RetrySettings,
  RetryVerdict,
  Trial,
} from './retry-state.js'
import { worthOf } from './retry-worth.js'

export function decide(
  state: Retries,
  event: RetryEvent,
  now: Instant,
  settings: RetrySettings,
): RetryDecision {
  const verdicts = verdictsOf(state, event, now, settings)
  return { state, verdicts, wakeAt: state.nextAt }
}

function verdictsOf(
  state: Retries,
  event: RetryEvent,
  now: Instant,
  settings: RetrySettings,
): readonly RetryVerdict[] {
  switch (event.is) {
    case 'accept':
      return [accepted(state, event.gate, now, settings)]
    case 'ended':
      return [ended(state, event, now, settings)]
    case 'time':
      return due(state, event.gate, now, settings)
    case 'gate':
      return gateMoved(state, event.gate, now, settings)
    case 'flush':
      return waitingOf(state).map((trial) => attempt(state, trial))
    case 'drop':
      return waitingOf(state)
        .slice(0, event.count)
        .map((trial) => giveUp(state, trial, 'operator'))
    case 'close':
      return [...state.trials.values()].map((trial) => settle(state, trial, 'interrupted'))
    default:
      return event satisfies never
  }
}

/** Those that wait, in the order of acceptance. */
function waitingOf({ trials }: Retries): Trial[] {
  return [...trials.values()].filter(({ at }) => at.is === 'waiting')
}

/** Before its first attempt. */
const notYet = { is: 'out', attempt: 0 } as const

function accepted(state: Retries, gate: Gate, now: Instant, settings: RetrySettings): RetryVerdict {
  state.messages += 1
  const message = state.messages
  const deadline = settings.deadline === 'unlimited' ? undefined : after(now, settings.deadline)
  const trial: Trial = {
    message,
    deadline,
    attempts: 0,
    refusals: 0,
    isRetrying: false,
    why: undefined,
    at: notYet,
  }
  state.trials.set(message, trial)
  state.budget.underWay += 1
  return gate.free > 0 ? attempt(state, trial) : park(state, trial, gate.retryAt, now, settings)
}

function ended(
  state: Retries,
  { message, attempt, ended, fraction }: Extract<RetryEvent, { is: 'ended' }>,
  now: Instant,
  settings: RetrySettings,
): RetryVerdict {
  const trial = state.trials.get(message)
  if (trial?.at.is !== 'out' || trial.at.attempt !== attempt) return { is: 'late' }
  trial.why = ended.why
  const worth = worthOf(ended, settings)
  const asked = after(now, ms(Math.min(ended.retryAfter ?? 0, waitMax)))
  switch (worth) {
    case 'settled':
    case 'interrupted':
      return settle(state, trial, worth)
    case 'permanent':
    case 'timeout':
      return giveUp(state, trial, worth)
    case 'unused': {
      trial.attempts -= 1
      trial.refusals += 1
      const own = after(now, waitAfter(trial.refusals, settings.backOff, fraction))
      return park(state, trial, later(own, asked), now, settings)
    }
    case 'again':
      return again(state, trial, asked, fraction, now, settings)
    default:
      return worth satisfies never
  }
}

/** Whoever asks to be left alone for longer is asked again after a day. */
const waitMax = ms(86_400_000)

function again(
  state: Retries,
  trial: Trial,
  asked: Instant,
  fraction: number,
  now: Instant,
  settings: RetrySettings,
): RetryVerdict {
  const { attempts, backOff, budget } = settings
  trial.refusals = 0
  if (attempts !== 'unlimited' && trial.attempts >= attempts) {
    return giveUp(state, trial, 'max-attempts')
  }
  const until = later(after(now, waitAfter(trial.attempts, backOff, fraction)), asked)
  // No attempt could start in time: waiting would only keep the message.
  if (trial.deadline !== undefined && until >= trial.deadline) {
    return giveUp(state, trial, 'deadline')
  }
  if (state.waiting >= settings.maxWaiting) return giveUp(state, trial, 'overflow')
  trial.isRetrying ||= takePlace(state.budget, budget)
  return trial.isRetrying ? wait(state, trial, until, 'back-off') : giveUp(state, trial, 'budget')
}

/** Waits for the gate, at the longest until the deadline; no attempt is used. */
function park(
  state: Retries,
  trial: Trial,
  retryAt: Instant | undefined,
  now: Instant,
  settings: RetrySettings,
): RetryVerdict {
  const { deadline } = trial
  if (deadline !== undefined && now >= deadline) return giveUp(state, trial, 'deadline')
  if (trial.at.is !== 'waiting' && state.waiting >= settings.maxWaiting) {
    return giveUp(state, trial, 'overflow')
  }
  const soonest = after(now, ms(1))
  const wanted = retryAt === undefined ? after(now, settings.backOff.max) : later(retryAt, soonest)
  return wait(state, trial, deadline !== undefined && deadline < wanted ? deadline : wanted, 'gate')
}

function wait(
  state: Retries,
  trial: Trial,
  until: Instant,
  what: 'back-off' | 'gate',
): RetryVerdict {
  if (trial.at.is !== 'waiting') state.waiting += 1
  trial.at = { is: 'waiting', until, for: what }
  if (state.nextAt === undefined || until < state.nextAt) state.nextAt = until
  return { is: 'wait', message: trial.message, until }
}

function attempt(state: Retries, trial: Trial): RetryVerdict {
  if (trial.at.is === 'waiting') state.waiting -= 1
  state.attempts += 1
  trial.attempts += 1
  trial.at = { is: 'out', attempt: state.attempts }
  const { message, attempts: number } = trial
  return { is: 'attempt', message, attempt: state.attempts, number }
}

/** Of those that are due, as many as the gate lets through, the oldest message first. */
function due(
  state: Retries,
  gate: Gate,
  now: Instant,
  settings: RetrySettings,
): readonly RetryVerdict[] {
  if (state.nextAt === undefined || now < state.nextAt) return []
  const verdicts: RetryVerdict[] = []
  let { free } = gate
  state.nextAt = undefined
  for (const trial of state.trials.values()) {
    const { at, deadline } = trial
    if (at.is !== 'waiting') continue
    if (at.until > now) wait(state, trial, at.until, at.for)
    else if (deadline !== undefined && now >= deadline) {
      verdicts.push(giveUp(state, trial, 'deadline'))
    } else if (free > 0) {
      free -= 1
      verdicts.push(attempt(state, trial))
    } else verdicts.push(park(state, trial, gate.retryAt, now, settings))
  }
  return verdicts
}

/**
 * The breaker has changed: those that wait for it need not wait for the moment that was told. When
 * it is closed they come back evenly over the first wait, not all at once.
 */
function gateMoved(
  state: Retries,
  gate: Gate,
  now: Instant,
  settings: RetrySettings,
): readonly RetryVerdict[] {
  if (gate.free <= 0) return []
  const parked = waitingOf(state).filter(({ at }) => at.is === 'waiting' && at.for === 'gate')
  const step = settings.backOff.initial / Math.max(1, parked.length)
  parked.slice(0, gate.free).forEach((trial, i) => {
    const spread = Number.isFinite(gate.free) ? 0 : Math.floor(i * step)
    wait(state, trial, after(now, ms(spread)), 'gate')
  })
  return due(state, gate, now, settings)
}

function giveUp(state: Retries, trial: Trial, reason: DropReason): RetryVerdict {
  const { message, attempts, why } = leave(state, trial)
  return { is: 'give-up', message, attempts, reason, why }
}

function settle(state: Retries, trial: Trial, is: 'settled' | 'interrupted'): RetryVerdict {
  const { message, attempts } = leave(state, trial)
  return { is, message, attempts }
}

/** It is forgotten here, and its places are free. */
function leave(state: Retries, trial: Trial): Trial {
  if (trial.at.is === 'waiting') state.waiting -= 1
  state.budget.underWay -= 1
  if (trial.isRetrying) state.budget.retrying -= 1
  state.trials.delete(trial.message)
  if (state.waiting === 0) state.nextAt = undefined
  return trial
}

const later = (one: Instant, other: Instant): Instant => (one > other ? one : other)
