/**
 * The circuit breaker: may this call be made, what does its result say, is it time to try again;
 * and what a person ordered. It makes no call, holds no timer and throws nothing: a refusal is a
 * value.
 *
 * `decide` is deterministic, and changes the state that it is given in place: only the state of
 * its answer is valid afterwards. Per message it costs a few small objects, while open one.
 */

import type { Instant } from '../base/units.js'
import type {
  BreakerDecision,
  BreakerEvent,
  BreakerNews,
  BreakerVerdict,
} from './circuit-breaker-event.js'
import { told, tripped } from './circuit-breaker-moves.js'
import {
  type Automatic,
  type Breaker,
  type BreakerSettings,
  closed,
  governed,
  type Memory,
  type Shadow,
  wakeAt,
} from './circuit-breaker-state.js'

/** Throws nothing; an event that means nothing in this state changes nothing. */
export function decide(
  state: Breaker,
  event: BreakerEvent,
  now: Instant,
  settings: BreakerSettings,
): BreakerDecision {
  if (event.is === 'command') return ordered(state, event, now, settings)
  switch (state.is) {
    case 'isolated':
      return stay(state, event.is === 'ask' ? state.refusal : idle(event))
    case 'disabled':
      return stay(state, event.is === 'ask' ? uncounted(now) : idle(event))
    case 'shadow':
      return inShadow(state, event, now, settings)
    default:
      return told(state, event, now, settings)
  }
}

const none = { is: 'none' } as const

const stay = (state: Breaker, verdict: BreakerVerdict): BreakerDecision => {
  return { state, verdict, wakeAt: wakeAt(state) }
}

/** Nothing is learnt while a person holds it. */
function idle(event: BreakerNews): BreakerVerdict {
  if (event.is !== 'report') return none
  return { is: event.permit.generation === 0 ? 'returned' : 'late' }
}

/** May pass, and its result says nothing. */
function uncounted(at: Instant): BreakerVerdict {
  return { is: 'permit', permit: { generation: 0, id: 0, at, isProbe: false } }
}

function inShadow(
  shadow: Shadow,
  event: BreakerNews,
  now: Instant,
  settings: BreakerSettings,
): BreakerDecision {
  const { state: would, verdict, change, wakeAt } = told(shadow.would, event, now, settings)
  const state = would === shadow.would ? shadow : { ...shadow, would }
  const answer = verdict.is === 'refuse' ? uncounted(now) : verdict
  const step = { state, verdict: answer, wakeAt }
  return change === undefined ? step : { ...step, change: { ...change, isShadow: true } }
}

type Order = Extract<BreakerEvent, { is: 'command' }>

function ordered(
  state: Breaker,
  { command, by, fraction }: Order,
  now: Instant,
  settings: BreakerSettings,
): BreakerDecision {
  const { memory } = state
  switch (command) {
    case 'open':
      return openedByHand(state, now, settings, fraction)
    case 'isolate': {
      const refusal = {
        is: 'refuse',
        state: 'isolated',
        retryAt: undefined,
        cause: 'person',
      } as const
      return byHand(state, { is: 'isolated', memory, by, refusal })
    }
    case 'disable':
      return byHand(state, { is: 'disabled', memory, by })
    case 'shadow':
      return byHand(state, { is: 'shadow', memory, by, would: automaticOf(state, now, settings) })
    case 'reset':
      return byHand(state, governed(closed(forgotten(memory), settings, now), settings))
    default:
      return command satisfies never
  }
}

/** Trips, and comes back by itself; in shadow nothing is refused by it. */
function openedByHand(
  state: Breaker,
  now: Instant,
  settings: BreakerSettings,
  fraction: number,
): BreakerDecision {
  const from = automaticOf(state, now, settings)
  if (from.is === 'open') return stay(state, none)
  const { state: opened, change } = tripped(from, 'person', now, settings, fraction)
  const next = state.is === 'shadow' ? { ...state, would: opened } : governed(opened, settings)
  const isShadow = next.is === 'shadow'
  const told = change === undefined ? {} : { change: { ...change, from: state.is, isShadow } }
  return { ...stay(next, none), ...told }
}

function byHand(from: Breaker, state: Breaker): BreakerDecision {
  // Results of before stay valid where the counting goes on, as in shadow.
  if (state.is !== 'shadow' || state.by === undefined) state.memory.generation += 1
  const blank = { cause: undefined, until: undefined, story: undefined }
  const change = { from: from.is, to: state.is, isShadow: false, ...blank }
  return from.is === state.is ? stay(state, none) : { ...stay(state, none), change }
}

/** The state that it moves in by itself, or would. */
function automaticOf(state: Breaker, now: Instant, settings: BreakerSettings): Automatic {
  if (state.is === 'shadow') return state.would
  if (state.is !== 'isolated' && state.is !== 'disabled') return state
  return closed(state.memory, settings, now)
}

/** The counts are cleared; why it opened last stays known. */
function forgotten(memory: Memory): Memory {
  memory.trips = 0
  memory.recent.length = 0
  memory.oldest = 0
  return memory
}
