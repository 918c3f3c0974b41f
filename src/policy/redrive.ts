/**
 * One redrive of dead letters as a state machine: first one letter, then ten, then the rest, and a
 * stop when too large a share fails again. It says whether another letter may go and learns how
 * each ended; which letters, when, and where to is the shell's. Plain data, of bounded size.
 */

import type { RedriveStop } from '../base/event.js'
import type { EpochMs, Sequence } from '../base/units.js'
import type { RedriveBy, Selection } from './letter-selection.js'
import type { Rate } from './rate.js'

/** What a redrive is begun with. */
export interface RedriveOrder {
  readonly id: string
  readonly by: RedriveBy
  readonly selection: Selection
  readonly rate: Rate
  /** Carefully: one, then ten, then the rest. */
  readonly canary: boolean
  /** Stops when a larger share than this fails again, from 0 to 1. */
  readonly stopAbove: number | 'off'
  /** Letters stored from this number on do not belong: they are new, or failed in this very job. */
  readonly before: Sequence
  readonly total: number
  readonly startedAt: EpochMs
}

export interface RedriveJob extends RedriveOrder {
  readonly ok: number
  /** Failed again. */
  readonly failed: number
  /** Went and came back without a verdict. */
  readonly back: number
  /** Gone and not ended. */
  readonly out: number
  readonly stage: number
  /** Of this stage. */
  readonly judged: number
  readonly bad: number
  /** How the last letters ended, the newest last: `o` well, `x` not. */
  readonly recent: string
  /** No further letter goes. */
  readonly end: RedriveStop | 'finished' | undefined
}

/** How one letter ended: `refused` puts it back and counts against the job all the same. */
export type RedriveEnd = 'ok' | 'failed' | 'undecided' | 'refused' | 'unreceived'

/** Out at once: what waits for a time-out must not keep everything else waiting. */
const outMax = 100
const canaryStages = [1, 10, Number.POSITIVE_INFINITY]
const onlyStage = [Number.POSITIVE_INFINITY]
/** The last so many decide, from so many on: a system that dies late stops the job as soon. */
const recentMax = 100
const recentMin = 10

export function begin(order: RedriveOrder): RedriveJob {
  const counts = { ok: 0, failed: 0, back: 0, out: 0 }
  return { ...order, ...counts, stage: 0, judged: 0, bad: 0, recent: '', end: undefined }
}

/** Whether another letter may go now, as far as this job is concerned. */
export function mayRelease(job: RedriveJob): boolean {
  return job.end === undefined && job.out < outMax && job.judged + job.out < sizeOf(job)
}

export function released(job: RedriveJob): RedriveJob {
  return { ...job, out: job.out + 1 }
}

/** One of the letters that are out has ended. */
export function ended(job: RedriveJob, as: RedriveEnd): RedriveJob {
  const counted = { ...job, out: job.out - 1, [countOf(as)]: job[countOf(as)] + 1 }
  if (as === 'unreceived') return stop(counted, 'unreceived')
  if (as === 'undecided') return counted
  const bad = as === 'ok' ? 0 : 1
  const recent = `${job.recent}${bad === 0 ? 'o' : 'x'}`.slice(-recentMax)
  const judged = { ...counted, judged: job.judged + 1, bad: job.bad + bad, recent }
  if (isFailing(judged)) return stop(judged, 'failing')
  return judged.judged < sizeOf(judged) ? judged : nextStage(judged)
}

/** One that was to go is not there any more. */
export function vanished(job: RedriveJob): RedriveJob {
  return { ...job, out: job.out - 1 }
}

/** There is no further letter: it is finished when the last one has ended. */
export function ranOut(job: RedriveJob): RedriveJob {
  return stop(job, 'finished')
}

/** The first reason to end counts. */
export function stop(job: RedriveJob, end: NonNullable<RedriveJob['end']>): RedriveJob {
  return job.end === undefined ? { ...job, end } : job
}

/** Nothing more will happen to it. */
export function isOver({ end, out }: RedriveJob): boolean {
  return end !== undefined && out === 0
}

/** Letters that have ended. */
export function doneOf({ ok, failed, back }: RedriveJob): number {
  return ok + failed + back
}

/** A redrive as it is shown. */
export interface RedriveProgress {
  readonly job: string
  readonly by: RedriveBy
  readonly startedAt: EpochMs
  readonly total: number
  readonly ok: number
  /** Failed again. */
  readonly failed: number
  /** Went and came back without a verdict. */
  readonly back: number
  /** Gone and not ended. */
  readonly out: number
  /** Resolved, removed or aged out before their turn. */
  readonly gone: number
  /** The share of failures at which it stops, from 0 to 1. */
  readonly stopAbove: number | 'off'
  readonly state: 'running' | 'finished' | RedriveStop
}

/** `left`: letters that have not gone. */
export function progressOf(job: RedriveJob, left: number): RedriveProgress {
  const { id, by, startedAt, total, ok, failed, back, out, stopAbove } = job
  const gone = Math.max(0, total - doneOf(job) - out - left)
  const state = isOver(job) ? (job.end ?? 'finished') : 'running'
  return { job: id, by, startedAt, total, ok, failed, back, out, gone, stopAbove, state }
}

function countOf(as: RedriveEnd): 'ok' | 'failed' | 'back' {
  return as === 'ok' || as === 'failed' ? as : 'back'
}

function stagesOf({ canary }: RedriveJob): readonly number[] {
  return canary ? canaryStages : onlyStage
}

/** Letters that are judged before the next stage. */
function sizeOf(job: RedriveJob): number {
  return stagesOf(job)[job.stage] ?? Number.POSITIVE_INFINITY
}

function nextStage(job: RedriveJob): RedriveJob {
  return { ...job, stage: job.stage + 1, judged: 0, bad: 0 }
}

/** In a canary stage as soon as its end is certain, later by the last letters. */
function isFailing(job: RedriveJob): boolean {
  const { stopAbove, bad, recent } = job
  if (stopAbove === 'off') return false
  const size = sizeOf(job)
  if (size !== Number.POSITIVE_INFINITY) return bad > stopAbove * size
  if (recent.length < recentMin) return false
  return recent.split('x').length - 1 > stopAbove * recent.length
}
