/**
 * A dead letter in words: what is handed in with a failed message, what is kept of it, and how it
 * is shown. The message itself is kept byte for byte as it came and looked into by nobody here.
 * Plain data; nothing is decided.
 */

import type { DropReason } from '../base/event.js'
import type { EpochMs } from '../base/units.js'
import type { NodeRef } from '../policy/outcome.js'

/** At most so many are kept of a letter: the first, and the last ones. */
export const failuresMax = 10
export const textLengthMax = 1024
/** Node ids of the path that are kept: the last ones. */
export const pathLengthMax = 50

/** A message as `encode` of the store made it, with the properties that could be kept. */
export interface Original {
  readonly codec: number
  readonly bytes: Uint8Array
}

/** How a message failed, as whoever hands it in tells it. */
export interface Reported {
  readonly at: EpochMs
  /** Error class or code; with the status where there is one: `HTTP_STATUS 503`. */
  readonly code: string
  readonly kind: 'transient' | 'permanent'
  /** What a person reads; cut to 1,024 characters. */
  readonly text: string
  readonly attempt: number
  readonly node?: Pick<NodeRef, 'id' | 'type' | 'name'>
  /** As an Error has it; only its fingerprint is kept. */
  readonly stack?: string
}

/** One failure as it is kept. */
export interface LetterFailure extends Omit<Reported, 'stack'> {
  /** Fingerprint of the stack. */
  readonly stack?: string
}

/** A message on its way into a dead letter node. */
export interface Arrival {
  /**
   * The id under which whoever hands it in knows it: handed in again under the same id it makes no
   * second letter. It becomes the id of the letter. Absent: an id is minted.
   */
  readonly id?: string
  /** What `msg.resilience.deadLetter` says of a message that was redriven before. */
  readonly before?: { readonly id: string; readonly redrives: number; readonly hops: number }
  readonly original: Original
  readonly reason: DropReason
  /** The oldest first; none when the message came without an error. */
  readonly failures: readonly Reported[]
  /**
   * Id of the node whose input this message fits: it can go back there. Absent: that is the node of
   * the last failure.
   */
  readonly source?: string
  /** Ids of the nodes that it went through, as far as they are known. */
  readonly path: readonly string[]
  /** Name of the flow in which it failed; '' when it is not known. */
  readonly flow: string
  /** Its topic, for lists; '' for none. */
  readonly topic: string
}

/**
 * What became of an arrival: `known`: it had been handed in before; `returned`: a letter that was
 * redriven came back, and is the same letter.
 */
export interface Arrived {
  readonly letter: string
  readonly is: 'new' | 'known' | 'returned'
  /**
   * The letter itself, when it is new and given up at once: it went round as often as it may
   * before, or in a circle. It is to leave on the last output.
   */
  readonly givenUp?: Letter
}

/**
 * - `waiting`: it goes round again by the schedule.
 * - `given-up`: it went round as often as it may; a person may still redrive it.
 * - `deleted`: kept for a while so that it can be restored.
 * - `resolved`: an edited copy has taken its place; kept for the same while.
 */
export type LetterState = 'waiting' | 'given-up' | 'deleted' | 'resolved'

/** What happened to a message until it became this letter, and since. */
export interface Story {
  readonly reason: DropReason
  /** Fingerprint of the last failure. */
  readonly cause: string
  /** Of the first and the last failure; of the arrival when it came without one. */
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  /** The first failure, then the last ones. */
  readonly failures: readonly LetterFailure[]
  /** Id of the node that it can go back to; '' when none is known. */
  readonly source: string
  readonly path: readonly string[]
  readonly flow: string
  readonly topic: string
  /** Dead letter nodes that the message has been in, this one included. */
  readonly hops: number
  /** Redrives that failed. */
  readonly redrives: number
  /** Redrives in a row that failed for good, of the same cause. */
  readonly permanents: number
  readonly isGivenUp: boolean
  /** The letter of which this one is an edited copy. */
  readonly editedFrom: string | undefined
  /** Letters of this node are numbered as they come. */
  readonly number: number
  /** The redrive in which it failed last. */
  readonly job: string | undefined
}

export interface Letter extends Story {
  readonly id: string
  /** When this node accepted it. */
  readonly storedAt: EpochMs
  readonly state: LetterState
  readonly isPoison: boolean
  readonly original: Original
}

/** A letter in a list, without the message. */
export type Listed = Omit<Letter, 'original'>

/** Letters that failed of the same cause; deleted and resolved ones do not count. */
export interface LetterGroup {
  readonly cause: string
  readonly count: number
  /** Of these, given up. */
  readonly givenUp: number
  /** Of these, left out of redrives by hand. */
  readonly poison: number
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  /** What a person wrote; '' for nothing. */
  readonly note: string
  /** The newest letter of the group, and how it failed last. */
  readonly example: { readonly id: string; readonly failure: LetterFailure | undefined }
}

export interface LetterStats {
  /** Waiting for the schedule. */
  readonly waiting: number
  readonly givenUp: number
  readonly poison: number
  readonly deleted: number
  readonly resolved: number
  /** Different ones, of letters that wait or were given up. */
  readonly causes: number
  /** Waiting and come since a person looked at the causes. */
  readonly fresh: number
  readonly bytes: number
  readonly oldestAt: EpochMs | undefined
  /** Whether a limit is at 80 % or more. */
  readonly isNearlyFull: boolean
}
