/**
 * What a durable queue knows of the messages that it has taken out and not settled, and what it is
 * told and answers about them. Words and a beginning: nothing here decides anything. Bounded by the
 * leases of the queue.
 */

import type { DropReason } from '../base/event.js'
import type { Instant } from '../base/units.js'
import type { BackOff } from './back-off.js'
import type { Ended } from './ended.js'

export interface ReleaseSettings {
  /** Attempts that may fail or time out before a message is given up, 1 or more. */
  readonly attempts: number | 'unlimited'
  readonly backOff: BackOff
  /** Out at once, 1 or more. */
  readonly maxInFlight: number
  /**
   * One message of each lane is out or waits: those that wait take no place. Without lanes they do,
   * and with one place nothing overtakes.
   */
  readonly hasLanes: boolean
}

/** Why a message is not tried at once. */
export type WaitCause = 'back-off' | 'refusal' | 'no-receiver' | 'road' | 'login' | 'silence'

export interface Wait {
  readonly is: 'waiting'
  readonly until: Instant
  readonly for: WaitCause
}

/** One leased message. */
export interface HeldMessage {
  readonly message: number
  /** How often it was handed out. */
  releases: number
  /** Attempts that failed or timed out, as far as they count. */
  failures: number
  /** Of these, the ones in which one node alone never said that it was done. */
  silences: number
  /** Waits in a row that no attempt was counted for. */
  waits: number
  /** How its last attempt ended: an ok of that one may come yet. */
  isTimedOut: boolean
  at: { readonly is: 'out' } | Wait
}

/** What is known of a message from before a restart. */
export type Past = Pick<HeldMessage, 'releases' | 'failures'>

/**
 * A message has used up its attempts: is it the message, or the road? Another one, the control,
 * tells (design.md 9.13).
 */
export interface Doubt {
  readonly judged: number
  /** Out, and its end decides. */
  control: number | undefined
  /** The control failed as well: nothing is given up until the judged one was tried again. */
  isDown: boolean
}

/** Nothing but this message is tried until it ends otherwise. */
export interface Hold {
  readonly message: number
  readonly for: 'login' | 'silence'
  /** Id of the node that never says that it is done. */
  readonly node: string | undefined
}

export interface Release {
  /** By number, which grows in the order of leasing. */
  readonly held: Map<number, HeldMessage>
  out: number
  doubt: Doubt | undefined
  hold: Hold | undefined
  /** One at a time until so many more have ended clean: somebody could not be told apart. */
  singlyLeft: number
  /** Time-outs in a row in which only this node was at work. */
  silent: { readonly node: string; readonly count: number } | undefined
}

export interface ReleaseEnded extends Ended {
  /** Nodes that were given the message; 0: nothing is wired, or all of it is disabled. */
  readonly deliveries: number
  /** Id of the node that alone had not finished when it timed out. */
  readonly onlyOpen: string | undefined
}

/** `fraction` in [0, 1) spreads the wait. */
export interface Circumstances {
  readonly now: Instant
  readonly fraction: number
  /** Whether somebody takes what is given up; without it nothing ever is (design.md 9.13). */
  readonly canGiveUp: boolean
}

export type ReleaseVerdict =
  | {
      readonly is: 'settle'
      readonly message: number
      readonly as: 'delivered' | 'dead-lettered' | 'operator'
    }
  | { readonly is: 'give-up'; readonly message: number; readonly reason: DropReason }
  | { readonly is: 'wait'; readonly message: number }
  /** An end that changes nothing: the message is gone, or its attempt had ended otherwise. */
  | { readonly is: 'late' }

/** What may go now. */
export type Next =
  /** This leased one, again. */
  | { readonly is: 'again'; readonly message: number }
  /** The next that waits in the queue. */
  | { readonly is: 'lease' }
  /** Nothing, before this moment or the next event. */
  | { readonly is: 'none'; readonly wakeAt: Instant | undefined }

export function freshRelease(): Release {
  return {
    held: new Map(),
    out: 0,
    doubt: undefined,
    hold: undefined,
    singlyLeft: 0,
    silent: undefined,
  }
}
