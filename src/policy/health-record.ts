/**
 * The last results of one check and what they add up to: how many went well, how long they took.
 * Keeps 100 of them, older ones are forgotten; counts from the start are kept beside. It judges
 * nothing.
 */

import type { Failure } from '../base/fault.js'
import { type Instant, type Ms, ms } from '../base/units.js'

export interface Result {
  readonly at: Instant
  readonly is: 'ok' | 'slow' | 'failed'
  readonly latencyMs?: Ms
  readonly why?: Failure
}

/** Changed in place. */
export interface CheckRecord {
  /** The oldest at `oldest` once it is full. */
  readonly results: Result[]
  oldest: number
  successes: number
  failures: number
  /** Was due while the one before was still under way. */
  skipped: number
}

export interface CheckFigures {
  /** Since it began, or was reset. */
  readonly checks: number
  readonly successes: number
  readonly failures: number
  readonly skipped: number
  /** Of the last 100, as a share from 0 to 1; undefined when there are none. */
  readonly successRate: number | undefined
  /** Of those of the last 100 that were answered; undefined when none was. */
  readonly averageMs: Ms | undefined
  readonly p95Ms: Ms | undefined
}

export const resultsMax = 100

export const freshRecord = (): CheckRecord => {
  return { results: [], oldest: 0, successes: 0, failures: 0, skipped: 0 }
}

export function note(record: CheckRecord, result: Result): void {
  if (result.is === 'failed') record.failures += 1
  else record.successes += 1
  if (record.results.length < resultsMax) record.results.push(result)
  else {
    record.results[record.oldest] = result
    record.oldest = (record.oldest + 1) % resultsMax
  }
}

/** Oldest first. */
export function resultsOf({ results, oldest }: CheckRecord): readonly Result[] {
  return [...results.slice(oldest), ...results.slice(0, oldest)]
}

export function lastOf({ results, oldest }: CheckRecord): Result | undefined {
  return results.at(oldest - 1)
}

export function figuresOf({ results, successes, failures, skipped }: CheckRecord): CheckFigures {
  const good = results.filter(({ is }) => is !== 'failed').length
  const spans = results.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]))
  spans.sort((a, b) => a - b)
  const sum = spans.reduce((total, span) => total + span, 0)
  // The smallest that at least 95 of 100 do not exceed.
  const p95 = spans[Math.ceil(spans.length * 0.95) - 1]
  return {
    ...{ checks: successes + failures, successes, failures, skipped },
    successRate: results.length === 0 ? undefined : good / results.length,
    averageMs: spans.length === 0 ? undefined : ms(sum / spans.length),
    p95Ms: p95,
  }
}
