/**
 * What a redriver stands on and whom it tells: the letters that it sends round, and the flow that
 * it hands them to, as far as it knows of one. Words only.
 */

import type { RedriveAttempts } from '../policy/letter-fate.js'
import type { Selection } from '../policy/letter-selection.js'
import type { Ending } from '../policy/outcome.js'
import type { Rate } from '../policy/rate.js'
import type { RedriveProgress } from '../policy/redrive.js'
import type { Letter, Reported } from './letter.js'
import type { RedriveSchedule } from './redrive-schedule.js'

export type { RedriveProgress }

export interface RedriveSettings {
  /** Of letters that wait. */
  readonly schedule: RedriveSchedule
  /** Back into the node where each letter failed, instead of to the first output. */
  readonly toSource: boolean
  readonly attempts: RedriveAttempts
  readonly rate: Rate
  readonly canary: boolean
  /** From 0 to 1. */
  readonly stopAbove: number | 'off'
}

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
  /** How the end of a redrive reads as a failure; `attempt` is filled in here. */
  reported(ending: Ending): Omit<Reported, 'attempt'>
  /** Whether what is sent now arrives: not before the flows run, nor while a deploy stops them. */
  isRunning(): boolean
  /** Whether a node can be handed letters: it exists and is not disabled. */
  isPresent(nodeId: string): boolean
  /** What could not be written and costs no letter: the progress of a job. */
  complain(error: unknown): void
  /** Something that a status shows may have changed. */
  changed(): void
}
