/**
 * A redrive job as it is written down, and back in the next process. What is read was perhaps
 * written by another version or damaged: a job that cannot be used is none, never a wrong one.
 * Letters that were out when the process ended are not: whether they ended well nobody knows, so
 * those that are still there go again.
 */

import { epochMs } from '../base/units.js'
import { selectionFrom } from './letter-selection.js'
import { countOf, fieldOf, numberOf, textOf } from './plain-data.js'
import type { Rate } from './rate.js'
import { isOver, type RedriveJob } from './redrive.js'

const format = 1

/** Plain data for JSON; undefined for a job that is over, or was stopped. */
export function savedJob(job: RedriveJob): object | undefined {
  if (isOver(job) || (job.end !== undefined && job.end !== 'finished')) return undefined
  const { out: _out, end: _end, ...rest } = job
  return { format, ...rest }
}

export function jobFrom(from: unknown): RedriveJob | undefined {
  const [id, recent] = [textOf(from, 'id'), textOf(from, 'recent')]
  const selection = selectionFrom(fieldOf(from, 'selection'))
  const counts = countsIn(from)
  const startedAt = countOf(from, 'startedAt')
  if (countOf(from, 'format') !== format || counts === undefined) return undefined
  if (id === undefined || recent === undefined || selection === undefined) return undefined
  if (startedAt === undefined) return undefined
  const share = numberOf(from, 'stopAbove')
  return {
    ...{ id, selection, ...counts, startedAt: epochMs(startedAt), out: 0, end: undefined },
    recent: recent.replace(/[^ox]/g, ''),
    by: fieldOf(from, 'by') === 'schedule' ? 'schedule' : 'person',
    rate: rateFrom(fieldOf(from, 'rate')),
    canary: fieldOf(from, 'canary') === true,
    stopAbove: share === undefined ? 'off' : share,
  }
}

const countNames = ['before', 'total', 'ok', 'failed', 'back', 'stage', 'judged', 'bad'] as const

type Counts = Record<(typeof countNames)[number], number>

function countsIn(from: unknown): Counts | undefined {
  const entries = countNames.map((name) => [name, countOf(from, name)] as const)
  if (entries.some(([, count]) => count === undefined)) return undefined
  return Object.fromEntries(entries) as Counts
}

function rateFrom(from: unknown): Rate {
  const [messagesPerSecond, bytesPerSecond] = ['messagesPerSecond', 'bytesPerSecond'].map((name) =>
    numberOf(from, name),
  )
  return {
    ...(messagesPerSecond !== undefined && messagesPerSecond > 0 ? { messagesPerSecond } : {}),
    ...(bytesPerSecond !== undefined && bytesPerSecond > 0 ? { bytesPerSecond } : {}),
  }
}
