/**
 * The status under a persistent queue: which of its words fits, trouble first (dialogs.md section
 * 6). It looks and decides nothing else.
 */

import { since } from '../../src/base/units.js'
import type { Pace } from '../../src/delivery/pace.js'
import type { Releaser } from '../../src/delivery/releaser.js'
import type { Limits } from '../../src/store/limits.js'
import type { Queue } from '../../src/store/queue.js'
import type { Status } from '../common/badge.js'
import { shared, spanText } from '../common/words.js'

export interface Shown {
  readonly queue: Queue
  readonly releaser: Releaser
  readonly pace: Pace
  readonly limits: Limits
  /** A health monitor holds it back. */
  readonly isDown: boolean
  /** Given up lately. */
  readonly gaveUp: number
  readonly now: Parameters<typeof since>[0]
}

export function statusOf(shown: Shown): Status {
  const { queue, releaser, gaveUp } = shown
  const count = queue.waiting
  if (queue.isFull) {
    const values = { count: queue.drops.total }
    return { fill: 'red', shape: 'ring', key: 'status.full', values }
  }
  if (gaveUp > 0) {
    const values = { failed: gaveUp, waiting: count }
    return { fill: 'red', shape: 'ring', key: 'status.gave-up', values }
  }
  if (queue.damaged > 0) {
    const values = { count: queue.damaged }
    return { fill: 'red', shape: 'dot', key: shared('status.damaged'), values }
  }
  if (releaser.isPaused) {
    return { fill: 'grey', shape: 'ring', key: 'status.paused', values: { count } }
  }
  if (queue.waiting === 0) return { fill: 'green', shape: 'dot', key: 'status.empty' }
  return heldStatus(shown, count) ?? flowStatus(shown, count)
}

/** Undefined while messages go out. */
function heldStatus({ releaser, now, isDown }: Shown, count: number): Status | undefined {
  const held = { fill: 'yellow', shape: 'ring' } as const
  const { state, wait } = releaser
  if (state.hold?.for === 'silence') {
    const [node] = releaser.holdEnding?.stillOpen ?? []
    const who = (node?.name || node?.type || '\u2026').slice(0, 16)
    return { ...held, key: 'status.waiting-for', values: { why: who } }
  }
  if (releaser.isGated) {
    const key = isDown ? 'status.held-by-monitor' : 'status.held'
    return { ...held, key, values: { count } }
  }
  if (state.out > 0 || wait === undefined) return undefined
  if (wait.for === 'no-receiver') return { ...held, key: 'status.no-receiver', values: { count } }
  const time = spanText(Math.max(0, since(now, wait.until)))
  return { ...held, key: 'status.retry', values: { time, count } }
}

/** The longest forecast that is worth telling. */
const forecastMaxMs = 7 * 86_400_000

function flowStatus({ queue, pace, limits }: Shown, count: number): Status {
  const fullIn = pace.fullIn(queue, limits)
  if (fullIn !== undefined && fullIn < forecastMaxMs) {
    const values = { count, left: forecastText(fullIn) }
    return { fill: 'yellow', shape: 'ring', key: 'status.filling', values }
  }
  const rate = Math.round(pace.deliveredPerSecond)
  return { fill: 'blue', shape: 'dot', key: 'status.waiting', values: { count, rate } }
}

/** Short enough for any number of messages: in hours from ten minutes on. */
function forecastText(span: number): string {
  const isLong = span >= 600_000 && span < 36_000_000
  return isLong ? `${Math.round(span / 360_000) / 10} h` : spanText(span)
}
