/**
 * The messages that a releaser has taken from its queue, by number: what each is, how its last
 * attempt ended, and how often it was tried over restarts. It settles on demand and decides
 * nothing.
 */

import type { Ending } from '../policy/outcome.js'
import type { HeldMessage, Past } from '../policy/release-state.js'
import type { Queue } from '../store/queue.js'
import type { StoredRecord } from '../store/tail.js'
import type { Attempts, Tried } from './attempts.js'

export interface Lease {
  readonly message: number
  readonly record: StoredRecord
  readonly past: Past
  /** Names the attempt that is out, or was the last. */
  token: string
  attempt: number
  ending: Ending | undefined
  /** Its end may still be told. */
  isFollowed: boolean
}

export class Leases {
  readonly #queue: Queue
  readonly #attempts: Attempts
  readonly #leases = new Map<number, Lease>()
  #numbers = 0

  constructor(queue: Queue, attempts: Attempts) {
    this.#queue = queue
    this.#attempts = attempts
  }

  /** The next message of the queue; undefined when none can be had at once. */
  take(): Lease | undefined {
    const isSuspect = this.#queue.isSingly
    const record = this.#queue.takeReady()
    if (record === undefined) return undefined
    const { releases = 0, failures = 0 } = this.#attempts.take(record.id) ?? {}
    // It was out when the process died, or may have been: that attempt is used (dialogs.md 3.1).
    const more = isSuspect ? 1 : 0
    const past = { releases: releases + more, failures: failures + more }
    const message = ++this.#numbers
    const lease = {
      message,
      record,
      past,
      token: '',
      attempt: 0,
      ending: undefined,
      isFollowed: false,
    }
    this.#leases.set(message, lease)
    return lease
  }

  get(message: number): Lease | undefined {
    return this.#leases.get(message)
  }

  all(): Lease[] {
    return [...this.#leases.values()]
  }

  settle(message: number, as: Parameters<Queue['settle']>[1]): void {
    const lease = this.#leases.get(message)
    this.#leases.delete(message)
    if (lease !== undefined) this.#queue.settle(lease.record, as)
    if (this.#queue.waiting === 0) this.#attempts.forget()
  }

  /**
   * Writes down how often each was tried; never rejects. Those that are out count only when nothing
   * more is heard of them here.
   */
  remember(held: Iterable<HeldMessage>, isClosing: boolean): Promise<void> {
    const tried: Tried[] = []
    for (const { message, releases, failures, at } of held) {
      const id = this.#leases.get(message)?.record.id
      const count = releases - (at.is === 'out' && !isClosing ? 1 : 0)
      if (id !== undefined && count > 0) tried.push([id, count, failures])
    }
    return this.#attempts.write(tried)
  }

  clear(): void {
    this.#leases.clear()
  }
}
