/**
 * Store-and-forward for one node: what `accept` resolved for is on disk, leaves it only when the
 * broker has acknowledged or refused it for good, and goes out in the order in which it came. It
 * starts no attempt of its own: the link asks for the next record when it has room.
 */

import type { DropReason, Emit } from '../base/event.js'
import type { Failure } from '../base/fault.js'
import type { Cancel, World } from '../base/ports.js'
import { type Ms, ms, since } from '../base/units.js'
import type { Delivered, Link, Outgoing, Refused } from '../mqtt/link.js'
import type { Packet } from '../mqtt/wire.js'
import { laneOf } from '../store/lane.js'
import type { Queue } from '../store/queue.js'
import type { StoredRecord } from '../store/tail.js'
import { Drain } from './drain.js'
import { decodePacket, encodePacket, withTimeLeft } from './publication.js'

export interface ForwarderHost {
  /** Something that a status shows may have changed. */
  changed(): void
  /** A stored message was refused for good and is gone; nobody else tells the flow. */
  refused(packet: Packet, failure: Failure): void
}

export interface ForwarderTally {
  /** Stored since this process started. */
  stored: number
  published: number
  refused: number
}

/** A file that cannot be read now (too many are open) is tried again. */
const retryReadAfter = ms(1000)
/** A backlog this small is the ordinary traffic of a connected link. */
const backlogMin = 100

const reasons: Readonly<Partial<Record<Failure['code'], DropReason>>> = {
  NOT_AUTHORISED: 'not-authorised',
  PAYLOAD_TOO_LARGE: 'too-large',
}

export class Forwarder {
  readonly tally: ForwarderTally = { stored: 0, published: 0, refused: 0 }
  readonly #clock: World['clock']
  readonly #queue: Queue
  readonly #link: Link
  readonly #host: ForwarderHost
  readonly #emit: Emit
  readonly #release: readonly Cancel[]
  #isReading = false
  /** Asked for while it was being read. */
  #isReadWanted = false
  #cancelRetry: Cancel = () => {}
  #isStopped = false
  #drain: Drain | undefined
  #emptied: (() => void) | undefined

  constructor(clock: World['clock'], queue: Queue, link: Link, emit: Emit, host: ForwarderHost) {
    this.#clock = clock
    this.#queue = queue
    this.#link = link
    this.#emit = emit
    this.#host = host
    this.#release = [
      link.attach({ next: () => this.#next() }),
      link.listen({ stateChanged: () => this.#linkChanged() }),
    ]
    this.#linkChanged()
    link.wake()
  }

  /** The backlog on its way out, while there is one and the link is up. */
  get drain(): Drain | undefined {
    return this.#drain
  }

  /**
   * Resolves when the message is as safe as the durability setting says; rejects as `Queue.accept`.
   */
  async accept(packet: Packet): Promise<void> {
    const { codec, bytes } = encodePacket(packet)
    const message = { codec, payload: bytes, lane: laneOf(packet.topic) }
    if ((await this.#queue.accept(message, packet.topic)) !== undefined) this.tally.stored++
    this.#readAhead()
    this.#host.changed()
  }

  /**
   * Sends nothing new, waits at most `wait` for what is out, and lets go of the link. The queue is
   * left to its owner.
   */
  async close(wait: Ms): Promise<void> {
    this.#isStopped = true
    if (this.#queue.inFlight > 0 && this.#link.state === 'connected') {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.wake(wait, resolve)
        this.#emptied = () => {
          cancel()
          resolve()
        }
      })
    }
    this.#cancelRetry()
    for (const release of this.#release) release()
  }

  #next(): Outgoing | undefined {
    if (this.#isStopped) return undefined
    for (;;) {
      const record = this.#queue.takeReady()
      if (record === undefined) {
        this.#readAhead()
        return undefined
      }
      const packet = this.#packetOf(record)
      if (packet !== undefined) {
        return { packet, settled: (outcome) => this.#settled(record, packet, outcome) }
      }
    }
  }

  /** Undefined for a record that can no longer be sent; it is settled then. */
  #packetOf(record: StoredRecord): Packet | undefined {
    try {
      const packet = decodePacket(record.codec, record.payload)
      const current = withTimeLeft(packet, record.storedAt, this.#clock.wall())
      if (current === undefined) this.#queue.settle(record, 'expired')
      return current
    } catch {
      this.#queue.settle(record, 'damaged') // counted and announced by the queue
      return undefined
    }
  }

  #settled(record: StoredRecord, packet: Packet, outcome: Delivered | Refused): void {
    if (outcome.is === 'delivered') {
      this.tally.published++
      this.#queue.settle(record, 'delivered')
    } else {
      this.tally.refused++
      this.#queue.settle(record, reasons[outcome.failure.code] ?? 'refused')
      this.#host.refused(packet, outcome.failure)
    }
    if (this.#queue.inFlight === 0) this.#emptied?.()
    if (this.#drain !== undefined) this.#sampleDrain(this.#drain)
    this.#host.changed()
  }

  /** Reads the next records into memory and tells the link when there are any. */
  #readAhead(): void {
    this.#isReadWanted = true
    if (this.#isReading || this.#isStopped) return
    this.#isReading = true
    this.#isReadWanted = false
    this.#cancelRetry()
    this.#queue
      .readAhead()
      .then(
        (isFound) => {
          if (isFound) this.#link.wake()
          return isFound
        },
        () => {
          this.#cancelRetry = this.#clock.wake(retryReadAfter, () => this.#readAhead())
          return true
        },
      )
      .then((isSeenTo) => {
        this.#isReading = false
        // What became durable while it was read is in nobody's sight yet.
        if (!isSeenTo && this.#isReadWanted) this.#readAhead()
      })
  }

  #linkChanged(): void {
    const { waiting } = this.#queue
    const isDraining = this.#link.state === 'connected' && waiting > backlogMin
    if (!isDraining) this.#drain = undefined
    else this.#drain ??= new Drain(waiting, this.#clock.monotonic())
    this.#host.changed()
  }

  #sampleDrain(drain: Drain): void {
    const { waiting } = this.#queue
    const now = this.#clock.monotonic()
    drain.sample(waiting, now)
    if (waiting > backlogMin) return
    this.#drain = undefined
    const tookMs = since(drain.startedAt, now)
    this.#emit({ kind: 'queue.drained', count: drain.count, tookMs })
  }
}
