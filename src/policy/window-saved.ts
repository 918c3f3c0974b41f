/**
 * A window as it is written down, and back. One that was counted over another span, or that cannot
 * be read, begins anew: a rate over the wrong calls would be worse than none.
 */

import { after, type Instant, instant, ms } from '../base/units.js'
import { countOf, fieldOf, spanOf, textOf } from './plain-data.js'
import {
  bucketCount,
  emptyWindow,
  isFor,
  type Mark,
  record,
  type Totals,
  type Window,
  type WindowSpan,
} from './window.js'

/** Plain data for JSON: the oldest first. */
export function savedWindow(window: Window, now: Instant): Readonly<Record<string, unknown>> {
  if (window.is === 'calls') {
    const { is, count, marks, next } = window
    const order = marks.length < count ? marks : [...marks.slice(next), ...marks.slice(0, next)]
    return { is, count, marks: order.join('') }
  }
  const { is, bucketMs, buckets, at, start } = window
  const order = [...buckets.slice(at + 1), ...buckets.slice(0, at + 1)]
  return {
    ...{ is, bucketMs, sinceMs: now - start },
    buckets: order.map(({ calls, failed, slow }) => [calls, failed, slow]),
  }
}

/** `base` is the moment of writing on the clock of now. */
export function windowFrom(from: unknown, span: WindowSpan, base: Instant): Window {
  const window = emptyWindow(span, base)
  const isRead = window.is === 'calls' ? readCalls(from, window) : readBuckets(from, window, base)
  return isRead && isFor(window, span) ? window : emptyWindow(span, base)
}

function readCalls(from: unknown, window: Extract<Window, { is: 'calls' }>): boolean {
  const marks = textOf(from, 'marks') ?? ''
  if (countOf(from, 'count') !== window.count || marks.length > window.count) return false
  if (!/^[0-3]*$/.test(marks)) return false
  // A window of calls does not ask when they were.
  const whenever = instant(0)
  for (const mark of marks) record(window, Number(mark) as Mark, whenever)
  return true
}

function readBuckets(
  from: unknown,
  window: Extract<Window, { is: 'time' }>,
  base: Instant,
): boolean {
  const list = fieldOf(from, 'buckets')
  const sinceMs = spanOf(from, 'sinceMs')
  if (spanOf(from, 'bucketMs') !== window.bucketMs || sinceMs === undefined) return false
  if (!Array.isArray(list) || list.length !== bucketCount) return false
  window.start = after(base, ms(-sinceMs))
  window.at = bucketCount - 1
  return window.buckets.every((bucket, i) => readBucket(list[i], bucket, window.totals))
}

function readBucket(from: unknown, bucket: Totals, totals: Totals): boolean {
  const [calls, failed, slow] = ['0', '1', '2'].map((name) => countOf(from, name))
  if (calls === undefined || failed === undefined || slow === undefined) return false
  if (failed > calls || slow > calls) return false
  Object.assign(bucket, { calls, failed, slow })
  totals.calls += calls
  totals.failed += failed
  totals.slow += slow
  return true
}
