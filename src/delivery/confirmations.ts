/**
 * Senders that wait until their message has left the queue: each learns once whether it was
 * delivered, or why it never will be. It keeps nothing of the message.
 */

import { type Failure, Fault } from '../base/fault.js'
import type { Sequence } from '../base/units.js'
import type { Outcome } from '../store/payloads.js'
import type { Priority } from '../store/turns.js'

interface Waiter {
  readonly resolve: (deadLettered?: Failure) => void
  readonly reject: (fault: Fault) => void
}

export class Confirmations {
  readonly #waiters = new Map<string, Waiter>()

  /**
   * Resolves when the message is delivered, or kept as a dead letter: `kept` hears before that why.
   * Rejects with why it was neither, and with what `kept` throws.
   */
  async wait(
    priority: Priority,
    sequence: Sequence,
    kept: (failure: Failure) => void,
  ): Promise<void> {
    const failure = await new Promise<Failure | undefined>((resolve, reject) => {
      this.#waiters.set(keyOf(priority, sequence), { resolve, reject })
    })
    if (failure !== undefined) kept(failure)
  }

  /** The message has left the queue; returns whether somebody waited for it. */
  ended(priority: Priority, sequence: Sequence, outcome: Outcome, failure?: Failure): boolean {
    if (this.#waiters.size === 0) return false
    const key = keyOf(priority, sequence)
    const waiter = this.#waiters.get(key)
    if (waiter === undefined) return false
    this.#waiters.delete(key)
    if (outcome === 'delivered') waiter.resolve()
    else if (outcome === 'dead-lettered') waiter.resolve(failure ?? droppedAs(outcome))
    else if (failure !== undefined) waiter.reject(new Fault(failure.code, failure.values))
    else waiter.reject(new Fault('MESSAGE_DROPPED', { reason: outcome }))
    return true
  }

  /** Nobody will tell any more; the messages stay where they are. */
  interrupt(): void {
    for (const { reject } of this.#waiters.values()) reject(new Fault('INTERRUPTED'))
    this.#waiters.clear()
  }
}

const droppedAs = (reason: Outcome): Failure => ({ code: 'MESSAGE_DROPPED', values: { reason } })

const keyOf = (priority: Priority, sequence: Sequence) => `${priority} ${sequence}`
