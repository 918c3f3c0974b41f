/**
 * How a backlog goes down: since when, and how long it will take at the pace of the last seconds.
 * Pure bookkeeping over figures that are handed in; without a steady pace it gives no estimate.
 */

import { type Instant, type Ms, ms, since } from '../base/units.js'

/** Weight of the newest pace in the average. */
const weight = 0.3
const sampleEvery = ms(250)

export class Drain {
  readonly startedAt: Instant
  /** Messages that waited when it began. */
  readonly count: number
  #sampledAt: Instant
  #waiting: number
  #perMs = 0

  constructor(waiting: number, now: Instant) {
    this.startedAt = now
    this.count = waiting
    this.#sampledAt = now
    this.#waiting = waiting
  }

  /** Takes note of what waits now. */
  sample(waiting: number, now: Instant): void {
    const span = since(this.#sampledAt, now)
    if (span < sampleEvery) return
    const pace = (this.#waiting - waiting) / span
    this.#perMs = this.#perMs === 0 ? pace : this.#perMs * (1 - weight) + pace * weight
    this.#sampledAt = now
    this.#waiting = waiting
  }

  /** Undefined while the backlog does not shrink. */
  get left(): Ms | undefined {
    return this.#perMs > 0 ? ms(this.#waiting / this.#perMs) : undefined
  }
}
