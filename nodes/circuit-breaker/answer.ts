/**
 * The answer to `status`: each breaker's state, the calls that it counts, why it opened last, and
 * what other thresholds would have done. Moments are epoch ms.
 */

import type { Clock } from '../../src/base/ports.js'
import type { Instant } from '../../src/base/units.js'
import { type Breaker, type Story, whatIf } from '../../src/policy/circuit-breaker-state.js'
import type { TripRules } from '../../src/policy/trip.js'
import { totalsAt } from '../../src/policy/window.js'
import type { Breakers } from './breakers.js'

export function answerOf(breakers: Breakers, clock: Clock): object {
  const { now, settings } = breakers
  const wall = (at: Instant | undefined) =>
    at === undefined ? undefined : Math.round(clock.wall() + at - now)
  return breakers.cells.map(({ key, state, out }) => {
    const { story } = state.memory
    return {
      ...{ key, inFlight: out, ...stateOf(state, now, wall) },
      ...(story === undefined ? {} : { lastOpened: told(story, settings.trip, wall) }),
    }
  })
}

type Wall = (at: Instant | undefined) => number | undefined

function stateOf(state: Breaker, now: Instant, wall: Wall): object {
  switch (state.is) {
    case 'closed':
      return { state: state.is, sinceAt: wall(state.since), ...totalsAt(state.wire.window, now) }
    case 'open': {
      const { is, since, until, cause } = state
      return { state: is, sinceAt: wall(since), retryAt: wall(until), cause }
    }
    case 'half-open': {
      const { is, since, good, bad, cause } = state
      return { state: is, sinceAt: wall(since), good, bad, cause }
    }
    case 'shadow':
      return { state: state.is, by: state.by, would: stateOf(state.would, now, wall) }
    default:
      return { state: state.is, by: state.by }
  }
}

function told(story: Story, rules: TripRules, wall: Wall): object {
  const { at, cause, totals, inARow, calls } = story
  return {
    ...{ at: wall(at), cause, ...totals, inARow },
    lastCalls: calls.map((call) => ({ ...call, at: wall(call.at) })),
    whatIf: whatIf(story, rules).map(({ rules: other, at: when }) => {
      const { consecutive, failureRate, slowRate, slowAfter } = other
      return { consecutive, failureRate, slowRate, slowAfterMs: slowAfter, openedAt: wall(when) }
    }),
  }
}
