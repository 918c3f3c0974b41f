/**
 * What a health monitor knows at any moment: of each check the verdict, what speaks for a change of
 * it, and its last results; of all together one verdict. Bounded and plain data; nothing here moves
 * from one verdict to another.
 */

import type { Failure } from '../base/fault.js'
import { type Instant, type Ms, ms } from '../base/units.js'
import { type CheckRecord, freshRecord } from './health-record.js'

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/**
 * What one check has found. `poor`: it answers, but a person should look, as at a certificate that
 * ends soon. `ignored`: it says nothing.
 */
export interface Found {
  readonly is: 'ok' | 'poor' | 'failed' | 'ignored'
  /** How long the other side took; absent where nothing was asked of it. */
  readonly latencyMs?: Ms
  /** Of `poor` and `failed`. */
  readonly why?: Failure
}

export interface HealthSettings {
  /** Between two checks of a kind, ±10 %: 1 s to 1 day. */
  readonly interval: Ms
  /** An answer that takes this long or longer is slow. */
  readonly slowAfter: Ms
  /** Failed checks in a row until it counts as down; the same for slow ones and degraded. */
  readonly downAfter: number
  /** Good checks in a row until it counts as up. */
  readonly upAfter: number
  /** At least one. Not critical: it can only degrade the verdict of all. */
  readonly checks: readonly { readonly isCritical: boolean }[]
}

/** How often a verdict has changed lately. */
export interface Flap {
  /** Grows by 1 with each change and halves every 5 minutes. */
  score: number
  /** When the score was worked out last. */
  at: Instant
  /** Since it was calm. */
  changes: number
  isFlapping: boolean
}

/** One check. Changed in place. */
export interface Check {
  status: HealthStatus
  since: Instant
  /** In a row, up to now: failed, slow or failed, not failed, quick and well. */
  failed: number
  dull: number
  good: number
  well: number
  readonly flap: Flap
  /** The one that is under way. */
  run: { readonly id: number; readonly at: Instant } | undefined
  /** When the next begins. */
  due: Instant
  readonly record: CheckRecord
}

export interface Health {
  readonly checks: readonly Check[]
  status: HealthStatus
  since: Instant
  /** A person works on it: nothing is checked, and nothing is known. */
  isPaused: boolean
  /** Checks begun so far. */
  runs: number
}

/** As long as a change is near; never longer than the interval. */
export const edgeMs = ms(3000)

/** As it is when nothing is known. The first checks are spread over `edgeMs`. */
export function freshHealth(
  { checks, interval }: Pick<HealthSettings, 'checks' | 'interval'>,
  now: Instant,
  fraction: number,
): Health {
  const due = (now + Math.min(edgeMs, interval) * fraction) as Instant
  return {
    checks: checks.map(() => freshCheck(now, due)),
    ...{ status: 'unknown', since: now, isPaused: false, runs: 0 },
  }
}

export function freshCheck(now: Instant, due: Instant): Check {
  return {
    ...{ status: 'unknown', since: now, failed: 0, dull: 0, good: 0, well: 0 },
    flap: { score: 0, at: now, changes: 0, isFlapping: false },
    ...{ run: undefined, due, record: freshRecord() },
  }
}

/**
 * The verdict of all: the worst of those that matter. One that is not critical degrades at most,
 * and as long as nothing is known of it, it is left out.
 */
export function statusOf({ checks, isPaused }: Health, settings: HealthSettings): HealthStatus {
  if (isPaused || checks.every(({ status }) => status === 'unknown')) return 'unknown'
  const counted = checks.map(({ status }, at) => {
    if (settings.checks[at]?.isCritical !== false) return status
    return status === 'unhealthy' ? 'degraded' : status === 'unknown' ? 'healthy' : status
  })
  return worstFirst.find((status) => counted.includes(status)) ?? 'unknown'
}

export const worstFirst = ['unhealthy', 'unknown', 'degraded', 'healthy'] as const

/** Whether one more result may change the verdict: then the next comes sooner. */
export function isNearChange({ status, dull, failed, good, well }: Check): boolean {
  switch (status) {
    case 'unknown':
      return true
    case 'healthy':
      return dull > 0
    case 'degraded':
      return failed > 0 || well > 0
    case 'unhealthy':
      return good > 0
    default:
      return status satisfies never
  }
}

/** When `time` should be told; undefined while it is paused. */
export function wakeAt({ checks, isPaused }: Health): Instant | undefined {
  if (isPaused) return undefined
  return Math.min(...checks.map(({ due }) => due)) as Instant
}
