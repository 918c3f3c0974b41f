/**
 * The status under a circuit breaker, trouble first (dialogs.md section 6): of the one breaker, or
 * of all that are kept by key. A table, no rule.
 */

import type { Instant } from '../../src/base/units.js'
import { since } from '../../src/base/units.js'
import type { Breaker } from '../../src/policy/circuit-breaker-state.js'
import { totalsAt } from '../../src/policy/window.js'
import type { Status } from '../common/badge.js'
import { spanText } from '../common/words.js'
import type { Breakers } from './breakers.js'

export function statusOf(breakers: Breakers): Status {
  const { cells, now, settings } = breakers
  const [first] = cells
  if (first !== undefined && cells.length === 1) return statusOfOne(first.state, now, settings)
  const open = cells.filter(({ state }) => state.is === 'open' || state.is === 'isolated')
  if (open.length === 0) return closed
  const ends = open.flatMap(({ state }) => (state.is === 'open' ? [state.until] : []))
  const next = ends.length === 0 ? undefined : (Math.min(...ends) as Instant)
  const values = { count: open.length, all: cells.length }
  return next === undefined
    ? { fill: 'yellow', shape: 'ring', key: 'status.some-held', values }
    : {
        ...{ fill: 'yellow', shape: 'ring', key: 'status.some-open' },
        values: { ...values, time: left(next, now) },
      }
}

const closed: Status = { fill: 'green', shape: 'dot', key: 'status.closed' }

function statusOfOne(state: Breaker, now: Instant, settings: Breakers['settings']): Status {
  switch (state.is) {
    case 'closed': {
      const { calls, failed } = totalsAt(state.wire.window, now)
      if (failed === 0) return closed
      const values = { failed, count: calls }
      return { ...closed, key: 'status.closed-some', values }
    }
    case 'half-open': {
      const { good, bad } = state
      const values = { probe: `${good + bad + 1}`, probes: `${settings.probes}` }
      return { fill: 'blue', shape: 'dot', key: 'status.half-open', values }
    }
    case 'open': {
      const values = { time: left(state.until, now) }
      return { fill: 'red', shape: 'ring', key: 'status.open', values }
    }
    case 'isolated': {
      const key = state.by === '' ? 'status.isolated' : 'status.isolated-by'
      return { fill: 'grey', shape: 'ring', key, values: { by: state.by.slice(0, 16) } }
    }
    case 'disabled':
      return { fill: 'grey', shape: 'ring', key: 'status.disabled' }
    case 'shadow':
      return state.would.is === 'closed'
        ? { fill: 'grey', shape: 'ring', key: 'status.shadow' }
        : { fill: 'yellow', shape: 'ring', key: 'status.would-refuse' }
    default:
      return state satisfies never
  }
}

const left = (until: Instant, now: Instant): string => spanText(Math.max(0, since(now, until)))
