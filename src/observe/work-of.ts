/**
 * What one node gets done, whatever it is: how much waits in it, and a count that grows with each
 * piece of work. It reads a tally and keeps nothing.
 */

import type { Tally } from '../base/tally.js'

export interface WorkDone {
  /** Undefined where nothing can wait. */
  readonly waiting: number | undefined
  /** Since some moment in the past; undefined where nothing is done. */
  readonly done: number | undefined
  /** Averaged over the last seconds, where the node itself knows. */
  readonly perSecond: number | undefined
}

export function workOf({ queue, letters, breaker, retry, bulkhead }: Tally): WorkDone {
  if (queue !== undefined) {
    const { waiting, perSecond, balance } = queue
    return { waiting, done: balance.delivered, perSecond }
  }
  if (letters !== undefined) {
    const { waiting, balance } = letters
    return { waiting, done: balance.delivered, perSecond: undefined }
  }
  if (retry !== undefined) return counted(retry.waiting, retry.attempts)
  if (bulkhead !== undefined) {
    return { waiting: bulkhead.waiting, done: bulkhead.admitted, perSecond: undefined }
  }
  return breaker === undefined ? counted(undefined, undefined) : counted(undefined, breaker.calls)
}

function counted(
  waiting: number | undefined,
  counts: Readonly<Partial<Record<string, number>>> | undefined,
): WorkDone {
  const all = counts === undefined ? undefined : Object.values(counts)
  const done = all?.reduce<number>((total, count = 0) => total + count, 0)
  return { waiting, done, perSecond: undefined }
}
