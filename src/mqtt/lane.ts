/**
 * What is on the wire of one connection: records of QoS 1 and 2 until the broker answers, records
 * of QoS 0 until the socket has taken them. It knows the oldest and since when it has been that;
 * it decides nothing.
 */

import type { Instant } from '../base/units.js'
import type { Entry } from './in-flight.js'
import { Ring } from './ring.js'

export const windowMax = 100
const unwrittenMax = 100

export class Lane {
  /** Settled places do not free the window (see Ring). */
  readonly #acks = new Ring<Entry>(windowMax)
  /** No place in the window. */
  readonly #writes = new Ring<Entry>(unwrittenMax)
  #oldestSince: Instant | undefined

  /** Places of the window in use. */
  get used(): number {
    return this.#acks.used
  }

  get takesWrite(): boolean {
    return this.#writes.used < unwrittenMax
  }

  /** Since when the oldest unacknowledged record has been the oldest; undefined if none is. */
  get oldestSince(): Instant | undefined {
    return this.#oldestSince
  }

  entries(): Entry[] {
    return [...this.#acks, ...this.#writes]
  }

  oldest(): Entry | undefined {
    const [ack, write] = [this.#acks.oldest, this.#writes.oldest]
    if (ack === undefined || write === undefined) return ack ?? write
    return ack.order < write.order ? ack : write
  }

  add(entry: Entry, now: Instant): void {
    entry.place = this.#ringOf(entry).add(entry)
    if (this.#ringOf(entry) === this.#acks) this.#oldestSince ??= now
  }

  /** False when it was settled before. */
  settle(entry: Entry, now: Instant): boolean {
    const ring = this.#ringOf(entry)
    const oldest = ring.oldest
    if (ring.settle(entry.place) === undefined) return false
    if (ring === this.#acks && oldest === entry) {
      this.#oldestSince = ring.unsettled === 0 ? undefined : now
    }
    return true
  }

  /** Empties it and returns what was unsettled. */
  drain(): Entry[] {
    this.#oldestSince = undefined
    return [...this.#acks.drain(), ...this.#writes.drain()]
  }

  #ringOf(entry: Entry): Ring<Entry> {
    return entry.outgoing.packet.qos === 0 ? this.#writes : this.#acks
  }
}
