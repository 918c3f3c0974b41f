/**
 * Reads the next messages of a queue into memory, one read at a time, and calls when there are any.
 * What is asked for during a read is looked at after it; a read that failed is tried again.
 */

import type { Cancel, Clock } from '../base/ports.js'
import { ms } from '../base/units.js'
import type { Queue } from '../store/queue.js'
import type { Priority } from '../store/turns.js'

/** A file that cannot be read now (too many are open) is tried again. */
const retryAfter = ms(1000)

export class ReadAhead {
  readonly #clock: Clock
  readonly #queue: Queue
  readonly #found: () => void
  #isReading = false
  /** Asked for while it was being read. */
  #isWanted = false
  #isStopped = false
  #cancelRetry: Cancel = () => {}

  /** `found`: a message can be leased. */
  constructor(clock: Clock, queue: Queue, found: () => void) {
    this.#clock = clock
    this.#queue = queue
    this.#found = found
  }

  /** Something may have become ready, of any class or of one. */
  want(only?: Priority): void {
    this.#isWanted = true
    if (this.#isReading || this.#isStopped) return
    this.#isReading = true
    this.#isWanted = false
    this.#cancelRetry()
    this.#queue
      .readAhead(only)
      .then(
        (isFound) => {
          if (isFound) this.#found()
          return isFound
        },
        () => {
          this.#cancelRetry = this.#clock.wake(retryAfter, () => this.want())
          return true
        },
      )
      .then((isSeenTo) => {
        this.#isReading = false
        // What became durable while it was read is in nobody's sight yet.
        if (!isSeenTo && this.#isWanted) this.want()
      })
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelRetry()
  }
}
