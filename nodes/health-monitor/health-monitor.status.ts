/**
 * The status under a health monitor: which of its words fits, trouble first (dialogs.md section 6).
 * It looks and decides nothing else.
 */

import type { Result } from '../../src/policy/health-record.js'
import type { Status } from '../common/badge.js'
import type { Context } from '../common/room.js'
import type { Settings } from './health-monitor.settings.js'
import type { Monitor } from './monitor.js'

export function statusOf({ work }: Context<Settings>, monitor: Monitor): Status {
  const { state, worst } = monitor
  const { status, isPaused, checks } = state
  if (isPaused) return { fill: 'grey', shape: 'ring', key: 'status.paused' }
  const why = worst?.why
  const brief = why === undefined ? undefined : work.briefOf(why)
  if (status === 'unhealthy') {
    const ring = { fill: 'red', shape: 'ring' } as const
    if (brief === undefined) return { ...ring, key: 'status.unhealthy' }
    return { ...ring, key: 'status.unhealthy-why', values: { why: brief } }
  }
  const flapping = checks.filter(({ flap }) => flap.isFlapping)
  if (flapping.length > 0) {
    const count = Math.max(...flapping.map(({ flap }) => flap.changes))
    return { fill: 'yellow', shape: 'ring', key: 'status.flapping', values: { count: `${count}` } }
  }
  if (status === 'unknown') {
    return monitor.isChecking
      ? { fill: 'blue', shape: 'dot', key: 'status.checking' }
      : { fill: 'grey', shape: 'ring', key: 'status.unknown' }
  }
  const slowest = slowestOf(monitor)
  if (status === 'degraded') {
    const ring = { fill: 'yellow', shape: 'ring' } as const
    const time = brief ?? (slowest === undefined ? undefined : latencyText(slowest))
    if (time === undefined) return { ...ring, key: 'status.degraded' }
    return { ...ring, key: 'status.degraded-time', values: { time } }
  }
  const dot = { fill: 'green', shape: 'dot' } as const
  if (slowest === undefined) return { ...dot, key: 'status.healthy' }
  return { ...dot, key: 'status.healthy-time', values: { time: latencyText(slowest) } }
}

/** Of the last answers of all checks. */
function slowestOf({ state: { checks } }: Monitor): number | undefined {
  const lasts = checks.map(({ record }) => record.results.at(record.oldest - 1))
  const spans = lasts.flatMap((last: Result | undefined) => last?.latencyMs ?? [])
  return spans.length === 0 ? undefined : Math.max(...spans)
}

/** `12 ms`, `1.4 s`, `12 s`. */
function latencyText(span: number): string {
  if (span < 1000) return `${Math.round(span)} ms`
  return span < 10_000 ? `${(span / 1000).toFixed(1)} s` : `${Math.round(span / 1000)} s`
}
