/**
 * Everything a link has taken from its sources and not yet settled: what is on the wire, and in
 * front of it what waits to be sent, again or for the first time. It keeps the order in which
 * records were taken, one connection for each topic, and the limits on how many may be out. No
 * clock, no transport, no decision about failures.
 */

import type { Failure } from '../base/fault.js'
import type { Bytes, Instant, Ms } from '../base/units.js'
import { Lane } from './lane.js'
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
  /**
   * Present where the packet is formed anew for each connection, topic and QoS excepted. Asked
   * before every sending: why it never will be; `forming`, and whoever forms it wakes the link
   * when that is done; or undefined when it may go.
   */
  formedFor?(connection: object): Failure | 'forming' | undefined
  settled(outcome: Delivered | Refused): void
}

/** Where the link takes its next record from; asked only while connected and with room. */
export interface Source {
  next(): Outgoing | undefined
  /** Whether nothing waits behind it, on disk or elsewhere. Absent: nobody knows. */
  isEmpty?(): boolean
  /** The broker may be hanging up on what was taken: others must go before it, if there are any. */
  heldBack?(): void
}

export interface Entry {
  /** Undefined for an announcement: it belongs to one connection and is never sent again. */
  readonly source: Source | undefined
  readonly outgoing: Outgoing
  /** Counts what was taken, over all sources. */
  readonly order: number
  /** Which connection of a pool it goes over. */
  readonly lane: number
  attempts: number
  sentAt: Instant
  size: Bytes
  /** In its ring, while it is on the wire. */
  place: number
  /** Its source is gone; its place is held until the broker answers. */
  forgotten: boolean
}

export interface Limits {
  /** Places between the oldest unacknowledged record of a connection and the newest. */
  readonly window: number
  /** The same for a record of QoS 2. */
  readonly windowOfQoS2: number
}

const bytesMax: Bytes = 1_048_576

export class InFlight {
  readonly #lanes: readonly Lane[]
  /** To be sent before anything new, oldest first. */
  #waiting: Entry[] = []
  #taken = 0
  #bytes: Bytes = 0
  #count = 0

  constructor(connections = 1) {
    this.#lanes = Array.from({ length: connections }, () => new Lane())
  }

  /** On the wire and unsettled. */
  get count(): number {
    return this.#count
  }

  /** Whether everything that was taken is settled. */
  get isEmpty(): boolean {
    return this.#count === 0 && this.#waiting.length === 0
  }

  /** Taken and not settled, to be sent first of all first. */
  get waiting(): readonly Entry[] {
    return this.#waiting
  }

  /** What is on the wire and unsettled, oldest first. */
  get out(): Entry[] {
    return this.#lanes.flatMap((lane) => lane.entries()).sort(byOrder)
  }

  /** The oldest record of all; undefined when there is none. */
  get oldest(): Entry | undefined {
    return [...this.#lanes.flatMap((lane) => lane.oldest() ?? []), ...this.#waiting.slice(0, 1)]
      .sort(byOrder)
      .at(0)
  }

  /** Since when the oldest unacknowledged record of some connection has been the oldest there. */
  get oldestSince(): Instant | undefined {
    let earliest: Instant | undefined
    for (const { oldestSince } of this.#lanes) {
      if (oldestSince === undefined) continue
      if (earliest === undefined || oldestSince < earliest) earliest = oldestSince
    }
    return earliest
  }

  /** May another record be taken from a source, once nothing waits? */
  hasRoom({ window }: Limits): boolean {
    if (this.#bytes >= bytesMax) return false
    for (const lane of this.#lanes) if (lane.used < window) return true
    return false
  }

  /** May this record go out now? `buffered`: bytes that the socket has not taken. */
  fits(entry: Entry, qos: QoS, limits: Limits, buffered: Bytes): boolean {
    if (this.#bytes > 0 && this.#bytes + entry.size > bytesMax) return false
    const lane = this.#laneOf(entry)
    if (qos === 0) return lane.takesWrite && buffered <= bytesMax
    return lane.used < (qos === 2 ? limits.windowOfQoS2 : limits.window)
  }

  take(source: Source | undefined, outgoing: Outgoing, now: Instant): Entry {
    const entry: Entry = {
      source,
      outgoing,
      order: this.#taken++,
      lane: laneFor(outgoing.packet.topic, this.#lanes.length),
      attempts: 0,
      sentAt: now,
      size: 0,
      place: -1,
      forgotten: false,
    }
    // Announcements first: what is new to this connection goes before what it replays.
    const first = source === undefined ? this.#waiting.findIndex(isForLater) : -1
    if (first < 0) this.#waiting.push(entry)
    else this.#waiting.splice(first, 0, entry)
    return entry
  }

  /** A record that waits will not be sent after all. */
  skip(entry: Entry): void {
    const at = this.#waiting.indexOf(entry)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  /** A record that waits goes out now. */
  send(entry: Entry, now: Instant): void {
    if (this.#waiting[0] === entry) this.#waiting.shift()
    else this.skip(entry)
    entry.attempts += 1
    entry.sentAt = now
    this.#bytes += entry.size
    this.#count += 1
    this.#laneOf(entry).add(entry, now)
  }

  /** The wire has answered for this record; false when it had before. */
  settle(entry: Entry, now: Instant): boolean {
    if (!this.#laneOf(entry).settle(entry, now)) return false
    this.#bytes -= entry.size
    this.#count -= 1
    return true
  }

  /** The wire is gone: everything unsettled waits again, in the order in which it was taken. */
  replay(): void {
    const sent = this.#lanes.flatMap((lane) => lane.drain())
    const again = [...sent, ...this.#waiting].filter(isForLater)
    this.#waiting = again.sort(byOrder)
    this.#bytes = 0
    this.#count = 0
  }

  /** Settles nothing more for this source. What is on the wire holds its place. */
  forget(source: Source): void {
    this.#waiting = this.#waiting.filter((entry) => entry.source !== source)
    for (const entry of this.out) if (entry.source === source) entry.forgotten = true
  }

  /** Everything is forgotten. The wire must be gone. */
  clear(): void {
    this.replay()
    this.#waiting = []
  }

  #laneOf(entry: Entry): Lane {
    const lane = this.#lanes[entry.lane]
    if (lane === undefined) throw new RangeError(`no connection ${entry.lane}`)
    return lane
  }
}

const isForLater = ({ source, forgotten }: Entry): boolean => source !== undefined && !forgotten
const byOrder = (one: Entry, other: Entry): number => one.order - other.order

/** Every message of a topic goes over the same connection, which keeps their order (FNV-1a). */
function laneFor(topic: string, lanes: number): number {
  if (lanes === 1) return 0
  let hash = 0x811c9dc5
  for (let at = 0; at < topic.length; at++) {
    hash = Math.imul(hash ^ topic.charCodeAt(at), 0x01000193)
  }
  return (hash >>> 0) % lanes
}
