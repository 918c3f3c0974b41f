/**
 * What a queue has room for: its limits over what it holds and what is on its way to the disk, and
 * the events that tell of them. It refuses; what is dropped to make room is the queue's business.
 */

import { Fault } from '../base/fault.js'
import type { Bytes, Ms } from '../base/units.js'
import { FreeDisk } from './free-disk.js'
import { Levels } from './levels.js'
import { type Limits, messageMax, type Passed, passed, type Usage } from './limits.js'
import { framingBytes } from './record.js'
import type { Ground } from './settings.js'

/** What there is on disk. */
export interface Held {
  readonly waiting: number
  readonly inFlight: number
  readonly liveBytes: Bytes
}

export class Quota {
  readonly #limits: Limits
  readonly #held: Held
  readonly #levels: Levels
  readonly #freeDisk: FreeDisk
  #appending = { messages: 0, bytes: 0 }
  /** What was noted last: one object, because every message that ends is noted. */
  readonly #now = { messages: 0, bytes: 0, ceiling: 0 }

  constructor(ground: Ground, directory: string, limits: Limits, held: Held) {
    this.#limits = limits
    this.#held = held
    this.#levels = new Levels(limits, ground.emit)
    this.#freeDisk = new FreeDisk(ground.world.disk, directory, limits.freeDisk, ground.emit)
  }

  /** Whether a limit keeps messages out, or pushes old ones out. */
  get isFull(): boolean {
    return this.#levels.isFull
  }

  /** Whether there is more than the limits allow. */
  get isPassed(): boolean {
    return this.#passed(0, 0) !== undefined
  }

  /** The same without what is on its way and may be counted as held by now. */
  get isHeldPassed(): boolean {
    const { waiting: messages, liveBytes: bytes } = this.#held
    return passed(this.#limits, { messages, bytes, ceiling: this.#freeDisk.ceiling }) !== undefined
  }

  /** Of the nearest limit, 0 to 1; the disk counts while it is short of room. */
  get ratio(): number {
    const { messages, bytes, ceiling } = this.#usage(0, 0)
    const { maxMessages, maxBytes } = this.#limits
    const ofDisk = bytes === 0 ? 0 : bytes / ceiling
    const { ageRatio } = this.#levels
    return Math.min(1, Math.max(messages / maxMessages, bytes / maxBytes, ofDisk, ageRatio))
  }

  /** Bytes that the disk had free when it was looked at last. */
  get freeBytes(): Bytes {
    return this.#freeDisk.free
  }

  /** Looks how much of the disk is free. Rejects with the system's error. */
  look(): Promise<void> {
    return this.#freeDisk.look(() => this.#held.liveBytes)
  }

  /**
   * Lets a message in until `leave`; false when it is the one to drop. `canDrop`: whether others can
   * be dropped in its place. Throws PAYLOAD_TOO_LARGE, QUEUE_FULL or DISK_FULL.
   */
  enter(size: Bytes, canDrop: boolean): boolean {
    const limit = messageMax(this.#limits)
    if (size > limit) throw new Fault('PAYLOAD_TOO_LARGE', { size, limit, who: 'queue' })
    if (!this.#admit(this.#passed(1, size + framingBytes), canDrop)) return false
    this.#appending.messages++
    this.#appending.bytes += size + framingBytes
    return true
  }

  /** Why there is no room for so many messages more, with so many framed bytes; if there is why. */
  refusalOf(messages: number, bytes: Bytes): Fault | undefined {
    const limit = this.#passed(messages, bytes)
    return limit === undefined ? undefined : this.#refusal(limit)
  }

  /** The message is stored by now, or refused; returns whether there is more than may be. */
  leave(size: Bytes): boolean {
    this.#appending.messages--
    this.#appending.bytes -= size + framingBytes
    const usage = this.#usage(0, 0)
    this.#levels.note(usage)
    return passed(this.#limits, usage) !== undefined
  }

  /** What is held has changed. */
  note(): void {
    const { waiting, liveBytes } = this.#held
    const now = this.#now
    now.messages = waiting + this.#appending.messages
    now.bytes = liveBytes + this.#appending.bytes
    now.ceiling = this.#freeDisk.ceiling
    this.#levels.note(now)
  }

  /** As `Levels.aged`. */
  aged(oldest: Ms): void {
    this.#levels.aged(oldest)
  }

  #admit(limit: Passed, canDrop: boolean): boolean {
    if (limit === undefined) return true
    const { waiting, inFlight } = this.#held
    this.#levels.full(limit, this.#usage(0, 0))
    const { overflow } = this.#limits
    if (overflow === 'drop-newest') return false
    // Leased messages are never dropped: with nothing else to drop, the newest is turned away.
    const droppable = waiting - inFlight + this.#appending.messages
    if (overflow === 'drop-oldest' && canDrop && droppable > 0) return true
    throw this.#refusal(limit)
  }

  #refusal(limit: NonNullable<Passed>): Fault {
    if (limit === 'disk') {
      const { free, floor } = this.#freeDisk
      return new Fault('DISK_FULL', { free, floor })
    }
    const { maxMessages, maxBytes } = this.#limits
    return new Fault('QUEUE_FULL', {
      limit: limit === 'messages' ? maxMessages : maxBytes,
      of: limit,
    })
  }

  #passed(messages: number, bytes: Bytes): Passed {
    return passed(this.#limits, this.#usage(messages, bytes))
  }

  #usage(messages: number, bytes: Bytes): Usage {
    const { waiting, liveBytes } = this.#held
    return {
      messages: waiting + this.#appending.messages + messages,
      bytes: liveBytes + this.#appending.bytes + bytes,
      ceiling: this.#freeDisk.ceiling,
    }
  }
}
