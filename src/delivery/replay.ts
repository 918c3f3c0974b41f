/**
 * How a backlog goes out once the broker is back: before everything new, or beside it with a share
 * of its own; as fast as the line takes it, or at a rate. It says what counts as old and which
 * class a new message joins; it sends nothing.
 */

import type { Brake } from '../mqtt/brake.js'
import type { Queue } from '../store/queue.js'
import type { Priority, Shares } from '../store/turns.js'

export type ReplayOrder = 'strict' | 'live-first'

/**
 * Turns of new messages and of old ones for a share of new ones from 0 to 1. While a backlog goes
 * out beside them, new messages are the class `high` and the backlog is `normal`.
 */
export function sharesOf(liveShare: number): Shares {
  const high = Math.round(liveShare * 10)
  return { high, normal: 10 - high, low: 0 }
}

export class Replay {
  readonly #isLiveFirst: boolean
  readonly #queue: Queue
  readonly #brake: Brake
  /** New messages go beside the backlog. */
  #isBeside = false
  /** Strict: messages of the backlog that are still to be taken. */
  #oldLeft = 0
  /** Messages on their way to the disk: their class is settled already. */
  #accepting = 0

  constructor(order: ReplayOrder, queue: Queue, brake: Brake) {
    this.#isLiveFirst = order === 'live-first'
    this.#queue = queue
    this.#brake = brake
  }

  /** The link is up: what waits now is the backlog. */
  begin(): void {
    const { waiting, inFlight } = this.#queue
    const old = waiting - inFlight
    if (!this.#isLiveFirst) this.#oldLeft = old
    else {
      this.#isBeside = old > 0
      // New once, and older than what came while the link was down: first, and in order.
      this.#queue.lead('high', this.#queue.waitingIn('high'))
    }
  }

  /** Which class a new message joins; it is on its way to the disk until `leave`. */
  enter(isConnected: boolean): Priority {
    // Only when nothing at all is left may a message go the usual way without overtaking another.
    if (this.#queue.waiting === 0 && this.#accepting === 0) this.#isBeside = false
    this.#accepting++
    return this.#isBeside && isConnected ? 'high' : 'normal'
  }

  /** The message is stored by now, or refused. */
  leave(): void {
    this.#accepting--
  }

  /** Which class may be taken from now: any, only new messages, or none. */
  get allowed(): Priority | 'any' | 'none' {
    if (this.#queue.waiting === this.#queue.inFlight) this.#oldLeft = 0
    if (this.#isBeside) return this.#brake.mayGo() ? 'any' : 'high'
    return this.#oldLeft > 0 && !this.#brake.mayGo() ? 'none' : 'any'
  }

  /** A message was taken; returns whether it belongs to the backlog. */
  took(priority: Priority, bytes: number): boolean {
    const isOld = this.#isBeside ? priority === 'normal' : this.#oldLeft > 0
    if (!isOld) return false
    this.#brake.sent(bytes)
    if (!this.#isBeside) this.#oldLeft--
    return true
  }

  stop(): void {
    this.#brake.release()
  }
}
