/**
 * Everything a link has taken from its sources and not yet settled: what is on the wire, and in
 * front of it what waits to be sent, again or for the first time. It keeps the order in which
 * records were taken and the limits on how many may be out. No clock, no transport, no decision
 * about failures.
 */

import type { Failure } from '../base/fault.js'
import type { Bytes, Instant, Ms } from '../base/units.js'
import { Ring } from './ring.js'
import type { Packet, QoS } from './wire.js'

export interface Delivered {
  readonly is: 'delivered'
  /** From the last sending to its acknowledgement. */
  readonly latencyMs: Ms
  /** How often it was sent, 1 or more. */
  readonly attempts: number
}

export interface Refused {
  readonly is: 'refused'
  readonly failure: Failure
  /** How often it was sent; 0 when it was refused before. */
  readonly attempts: number
}

/** One record on its way. Settled at most once; never after the link or its source was closed. */
export interface Outgoing {
  readonly packet: Packet
  settled(outcome: Delivered | Refused): void
}

/** Where the link takes its next record from; asked only while connected and with room. */
export interface Source {
  next(): Outgoing | undefined
}

export interface Entry {
  readonly source: Source
  readonly outgoing: Outgoing
  /** Counts what was taken, over all sources. */
  readonly order: number
  attempts: number
  sentAt: Instant
  size: Bytes
  /** In its ring, while it is on the wire. */
  place: number
  /** Its source is gone; its place is held until the broker answers. */
  forgotten: boolean
}

export interface Limits {
  /** Places between the oldest unacknowledged record and the newest. */
  readonly window: number
  /** The same for a record of QoS 2. */
  readonly windowOfQoS2: number
}

export const windowMax = 100
const unwrittenMax = 100
const bytesMax: Bytes = 1_048_576

export class InFlight {
  /** QoS 1 and 2, until the broker answers. Settled places do not free the window (see Ring). */
  readonly #acks = new Ring<Entry>(windowMax)
  /** QoS 0, until the socket has taken it: no place in the window. */
  readonly #writes = new Ring<Entry>(unwrittenMax)
  /** To be sent before anything new, oldest first. */
  #waiting: Entry[] = []
  #taken = 0
  #bytes: Bytes = 0
  #oldestSince: Instant | undefined

  /** On the wire and unsettled. */
  get count(): number {
    return this.#acks.unsettled + this.#writes.unsettled
  }

  /** The record to send next, if one was taken already. */
  get waiting(): Entry | undefined {
    return this.#waiting[0]
  }

  /** Since when the oldest unacknowledged record has been the oldest; undefined if none is. */
  get oldestSince(): Instant | undefined {
    return this.#oldestSince
  }

  /** May another record be taken from a source, once nothing waits? */
  hasRoom({ window }: Limits): boolean {
    return this.#acks.used < window && this.#bytes < bytesMax
  }

  /** May this record go out now? `buffered`: bytes that the socket has not taken. */
  fits(entry: Entry, qos: QoS, limits: Limits, buffered: Bytes): boolean {
    if (this.#bytes > 0 && this.#bytes + entry.size > bytesMax) return false
    if (qos === 0) return this.#writes.used < unwrittenMax && buffered <= bytesMax
    return this.#acks.used < (qos === 2 ? limits.windowOfQoS2 : limits.window)
  }

  take(source: Source, outgoing: Outgoing, now: Instant): Entry {
    const order = this.#taken++
    const entry: Entry = {
      source,
      outgoing,
      order,
      attempts: 0,
      sentAt: now,
      size: 0,
      place: -1,
      forgotten: false,
    }
    this.#waiting.push(entry)
    return entry
  }

  /** The record that waits first will not be sent after all. */
  skip(): void {
    this.#waiting.shift()
  }

  /** The record that waits first goes out now. */
  send(now: Instant): void {
    const entry = this.#waiting.shift()
    if (entry === undefined) return
    entry.attempts += 1
    entry.sentAt = now
    this.#bytes += entry.size
    entry.place = this.#ringOf(entry).add(entry)
    if (this.#ringOf(entry) === this.#acks) this.#oldestSince ??= now
  }

  /** The wire has answered for this record; false when it had before. */
  settle(entry: Entry, now: Instant): boolean {
    const ring = this.#ringOf(entry)
    const oldest = ring.oldest
    if (ring.settle(entry.place) === undefined) return false
    this.#bytes -= entry.size
    if (ring === this.#acks && oldest === entry) {
      this.#oldestSince = ring.unsettled === 0 ? undefined : now
    }
    return true
  }

  /** The wire is gone: everything unsettled waits again, in the order in which it was taken. */
  replay(): void {
    const sent = [...this.#acks.drain(), ...this.#writes.drain()]
    sent.sort((a, b) => a.order - b.order)
    this.#waiting = [...sent.filter((entry) => !entry.forgotten), ...this.#waiting]
    this.#bytes = 0
    this.#oldestSince = undefined
  }

  /** Settles nothing more for this source. What is on the wire holds its place. */
  forget(source: Source): void {
    this.#waiting = this.#waiting.filter((entry) => entry.source !== source)
    for (const ring of [this.#acks, this.#writes]) {
      for (const entry of ring) if (entry.source === source) entry.forgotten = true
    }
  }

  /** Everything is forgotten. The wire must be gone. */
  clear(): void {
    this.replay()
    this.#waiting = []
  }

  #ringOf(entry: Entry): Ring<Entry> {
    return entry.outgoing.packet.qos === 0 ? this.#writes : this.#acks
  }
}
