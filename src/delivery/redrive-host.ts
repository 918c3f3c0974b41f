/**
 * What a redriver stands on and whom it tells: the letters that it sends round, and the flow that it
 * hands them to, as far as it knows of one. Words only.
 */

import type { RedriveStop } from '../base/event.js'
import type { EpochMs } from '../base/units.js'
import type { RedriveAttempts } from '../policy/letter-fate.js'
import type { RedriveBy, Selection } from '../policy/letter-selection.js'
import type { Ending } from '../policy/outcome.js'
import type { Rate } from '../policy/rate.js'
import type { Letter } from './letter.js'

export interface RedriveSettings {
  /** As the dialog has it: `5m` as ms, a cron line, or `off`. */
  readonly schedule: RedriveSchedule
  /** Back into the node where each letter failed, instead of to the first output. */
  readonly toSource: boolean
  readonly attempts: RedriveAttempts
  readonly rate: Rate
  readonly canary: boolean
  /** From 0 to 1. */
  readonly stopAbove: number | 'off'
}

export type RedriveSchedule =
  | { readonly is: 'every'; readonly everyMs: number }
  /** Local time; as `cronFault` approves of it. */
  | { readonly is: 'cron'; readonly line: string }
  | { readonly is: 'off' }

/** A redrive that a person starts; what is absent is as in the settings. */
export interface RedriveRequest {
  readonly selection: Selection
  readonly rate?: Rate
  readonly canary?: boolean
}

export interface RedriveHost {
  /**
   * Hands a letter to the flow, or into its source; `settled` is called once, later. Answers the
   * token that names it. `redrive`: which one this is, from 1.
   */
  release(letter: Letter, redrive: number, settled: (ending: Ending) => void): string
  /** The end of this one is of no interest any more. */
  abandon(token: string): void
  /**
   * Sends a letter that is given up for good to the last output. Throws while nothing that is sent
   * would arrive: then it is given up when it fails the next time.
   */
  giveUp(letter: Letter): void
  /** Whether what is sent now arrives: not before the flows run, nor while a deploy stops them. */
  isRunning(): boolean
  /** Whether a node can be handed letters: it exists and is not disabled. */
  isPresent(nodeId: string): boolean
  /** What could not be written and costs no letter: the progress of a job. */
  complain(error: unknown): void
  /** Something that a status shows may have changed. */
  changed(): void
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
  readonly state: 'running' | 'finished' | RedriveStop
}

export interface Redriver {
  /** The job that runs, else the last one since this process began; undefined for none. */
  readonly progress: RedriveProgress | undefined
  /** When the schedule is due next; undefined while it is off or paused. */
  readonly nextAt: EpochMs | undefined
  /**
   * Starts a redrive; resolves with its id when it will survive a restart. Rejects with JOB_RUNNING,
   * SOURCE_GONE {node}, LETTER_GONE when no letter is meant, or INTERRUPTED.
   */
  start(request: RedriveRequest): Promise<string>
  /** Sends no further letter; what is out ends as it ends. False when that job does not run. */
  cancel(job: string): Promise<boolean>
  /** The flows run now, or `pause` was changed. */
  pump(): void
  /** Hands out nothing new; what is out goes again in the next process. */
  close(): Promise<void>
}
