/**
 * The last calls, counted: either so many of them, or those of so long a time in ten buckets. Its
 * memory is bounded by the settings alone and each call costs the same. It judges nothing, and a
 * window that was made for one span is never read as another.
 *
 * Windows are changed in place: a breaker stands in the way of every message.
 */

import { type Instant, instant, type Ms } from '../base/units.js'

/** What the rates are taken over. */
export type WindowSpan =
  | { readonly is: 'calls'; readonly count: number }
  | { readonly is: 'time'; readonly span: Ms }

export interface Totals {
  calls: number
  failed: number
  /** Slow ones, failed or not. */
  slow: number
}

/** One call: 1 if it failed, plus 2 if it was slow. */
export type Mark = 0 | 1 | 2 | 3

export const markOf = (isFailed: boolean, isSlow: boolean): Mark =>
  isFailed ? (isSlow ? 3 : 1) : isSlow ? 2 : 0

export interface CallsWindow {
  readonly is: 'calls'
  readonly count: number
  /** The latest call is before `next`; grows to `count`, then the oldest is written over. */
  readonly marks: Mark[]
  next: number
  readonly totals: Totals
}

export interface TimeWindow {
  readonly is: 'time'
  readonly bucketMs: number
  /** When the bucket at `at` began. */
  start: Instant
  at: number
  readonly buckets: readonly Totals[]
  readonly totals: Totals
}

export type Window = CallsWindow | TimeWindow

/** A time is looked back upon in so many steps: it is up to a tenth shorter than it says. */
export const bucketCount = 10

export function emptyWindow(span: WindowSpan, now: Instant): Window {
  if (span.is === 'calls') {
    return { is: 'calls', count: span.count, marks: [], next: 0, totals: noCalls() }
  }
  const buckets = Array.from({ length: bucketCount }, noCalls)
  const bucketMs = span.span / bucketCount
  return { is: 'time', bucketMs, start: now, at: 0, buckets, totals: noCalls() }
}

export function isFor(window: Window, span: WindowSpan): boolean {
  if (window.is === 'calls') return span.is === 'calls' && span.count === window.count
  return span.is === 'time' && span.span / bucketCount === window.bucketMs
}

/** Counts one call that ended now. */
export function record(window: Window, mark: Mark, now: Instant): void {
  if (window.is === 'calls') {
    const oldest = window.marks[window.next]
    if (oldest !== undefined) add(window.totals, oldest, -1)
    window.marks[window.next] = mark
    window.next = window.next + 1 === window.count ? 0 : window.next + 1
  } else {
    roll(window, now)
    const bucket = window.buckets[window.at]
    if (bucket !== undefined) add(bucket, mark, 1)
  }
  add(window.totals, mark, 1)
}

/** What is counted at this moment. Read it at once: the next call changes it. */
export function totalsAt(window: Window, now: Instant): Readonly<Totals> {
  if (window.is === 'time') roll(window, now)
  return window.totals
}

const noCalls = (): Totals => ({ calls: 0, failed: 0, slow: 0 })

function add(totals: Totals, mark: Mark, by: 1 | -1): void {
  totals.calls += by
  if ((mark & 1) !== 0) totals.failed += by
  if ((mark & 2) !== 0) totals.slow += by
}

/** Empties the buckets whose time has passed. */
function roll(window: TimeWindow, now: Instant): void {
  const steps = Math.floor((now - window.start) / window.bucketMs)
  if (steps <= 0) return
  for (let step = 0; step < Math.min(steps, bucketCount); step++) {
    window.at = window.at + 1 === bucketCount ? 0 : window.at + 1
    const bucket = window.buckets[window.at]
    if (bucket === undefined) continue
    window.totals.calls -= bucket.calls
    window.totals.failed -= bucket.failed
    window.totals.slow -= bucket.slow
    bucket.calls = bucket.failed = bucket.slow = 0
  }
  window.start = instant(window.start + steps * window.bucketMs)
}
