/**
 * What becomes of a dead letter after it went round: resolved, put back, failed again, poison or
 * given up for good (dialogs.md 3.1 and 4.7). Counts only; it sends nothing and keeps nothing.
 */

import type { DropReason } from '../base/event.js'
import type { ReleaseWorth } from './release-worth.js'

/** What a letter has been through. */
export interface LetterCounts {
  readonly reason: DropReason
  /** Redrives that failed; the first failure is none. */
  readonly redrives: number
  /** Redrives in a row that failed of `cause`, and for good. */
  readonly permanents: number
  readonly cause: string
  readonly isGivenUp: boolean
}

/** How it failed this time. */
export interface FailedAgain {
  readonly cause: string
  readonly isPermanent: boolean
}

/**
 * - `resolved`: it is not kept any more; `dead-lettered`: another dead letter node has it.
 * - `back`: as if it had not gone. `refused`: a rule on the way said no; `unreceived`: nobody got
 *   it.
 * - `failed`: the same letter, with these counts; `isNewlyGivenUp`: it is to leave on output 2.
 */
export type LetterFate =
  | { readonly is: 'resolved'; readonly as: 'delivered' | 'dead-lettered' }
  | { readonly is: 'back'; readonly why: 'undecided' | 'refused' | 'unreceived' }
  | { readonly is: 'failed'; readonly counts: LetterCounts; readonly isNewlyGivenUp: boolean }

/** Redrives with the same permanent cause after which a letter is poison. */
const poisonAfter = 3
/** Dead letter nodes that a message may go through, one after another or the same one again. */
const hopsMax = 5

export type RedriveAttempts = number | 'unlimited'

/**
 * `hasReturned`: this very letter came back to the node it was sent from, before its end was known.
 */
export function letterFateOf(
  letter: LetterCounts,
  worth: ReleaseWorth,
  failed: FailedAgain & { readonly hasReturned: boolean },
  attempts: RedriveAttempts,
): LetterFate {
  switch (worth) {
    case 'done':
      return { is: 'resolved', as: 'delivered' }
    case 'handed-over':
      if (failed.hasReturned) return failedAgain(letter, failed, attempts)
      return { is: 'resolved', as: 'dead-lettered' }
    case 'ignored':
    case 'interrupted':
    case 'unsure':
      return { is: 'back', why: 'undecided' }
    case 'unreceived':
    case 'refused':
      return { is: 'back', why: worth }
    case 'login':
    case 'permanent':
    case 'failed':
      return failedAgain(letter, failed, attempts)
    default:
      return worth satisfies never
  }
}

/** A letter that is left out of redrives by hand, unless it is named. */
export function isPoison({ permanents }: Pick<LetterCounts, 'permanents'>): boolean {
  return permanents >= poisonAfter
}

/** The counts of a message that has just come in, perhaps not for the first time. */
export function countsOnArrival(
  arrival: Pick<LetterCounts, 'reason' | 'redrives' | 'cause'> & { readonly hops: number },
  attempts: RedriveAttempts,
): LetterCounts {
  const { reason, redrives, cause, hops } = arrival
  const isCycle = hops > hopsMax
  const isSpent = attempts !== 'unlimited' && redrives >= attempts
  const why = isCycle ? 'cycle' : isSpent ? 'max-attempts' : reason
  return { reason: why, redrives, permanents: 0, cause, isGivenUp: isCycle || isSpent }
}

function failedAgain(
  letter: LetterCounts,
  { cause, isPermanent }: FailedAgain,
  attempts: RedriveAttempts,
): LetterFate {
  const redrives = letter.redrives + 1
  const isSame = cause === letter.cause || letter.permanents === 0
  const permanents = !isPermanent ? 0 : isSame ? letter.permanents + 1 : 1
  const isGivenUp = letter.isGivenUp || (attempts !== 'unlimited' && redrives >= attempts)
  const isNewlyGivenUp = isGivenUp && !letter.isGivenUp
  const reason = isNewlyGivenUp
    ? 'max-attempts'
    : permanents >= poisonAfter
      ? 'poison'
      : letter.reason
  return {
    is: 'failed',
    counts: { reason, redrives, permanents, cause, isGivenUp },
    isNewlyGivenUp,
  }
}
