/**
 * A bounded queue over a journal: accepts within its limits, leases messages in order, and counts
 * everything that leaves without being delivered. A leased message is never dropped. It does not
 * look into messages: a drop is told with the key that `keyOf` finds.
 */

import type { DropReason } from '../base/event.js'
import { Fault } from '../base/fault.js'
import type { Cancel } from '../base/ports.js'
import { type Bytes, ms, type Sequence } from '../base/units.js'
import type { Message } from './active.js'
import { Drops } from './drops.js'
import { diskFault } from './files.js'
import { FreeDisk } from './free-disk.js'
import { Journal } from './journal.js'
import { Levels } from './levels.js'
import { Ages, type Limits, messageMax, type Passed, passed, type Usage } from './limits.js'
import type { Opening } from './opening.js'
import type { Outcome, Totals } from './payloads.js'
import { framingBytes } from './record.js'
import type { Ground, JournalSettings } from './settings.js'
import type { StoredRecord } from './tail.js'

export interface QueueSettings extends JournalSettings {
  readonly limits: Limits
  /** What a person calls a message, for events: its topic or key. */
  readonly keyOf: (record: StoredRecord) => string
}

const ahead = { records: 256, bytes: 256 << 10 }
const sweepEvery = ms(1000)

export class Queue {
  readonly drops: Drops
  readonly #ground: Ground
  readonly #settings: QueueSettings
  readonly #journal: Journal
  readonly #ages: Ages
  readonly #levels: Levels
  readonly #freeDisk: FreeDisk
  readonly #leased = new Map<Sequence, StoredRecord>()
  /** Read from the journal and not leased yet, in order. */
  #ahead: StoredRecord[] = []
  #readFrom: Sequence = 0
  #reading: Promise<void> | undefined
  #appending = { messages: 0, bytes: 0 }
  #trimming = false
  #cancelSweep: Cancel = () => {}
  #isClosed = false

  private constructor(ground: Ground, settings: QueueSettings, journal: Journal) {
    const { clock, disk } = ground.world
    const { directory, limits } = settings
    this.#ground = ground
    this.#settings = settings
    this.#journal = journal
    this.#freeDisk = new FreeDisk(disk, directory, limits.freeDisk, ground.emit)
    this.drops = new Drops(clock, ground.emit)
    this.#ages = new Ages(clock.wall(), clock.monotonic())
    this.#levels = new Levels(limits, ground.emit)
  }

  /** Rejects with STORE_BUSY, DISK_FULL or DISK_UNWRITABLE. */
  static async open(ground: Ground, settings: QueueSettings): Promise<Queue> {
    const journal = await Journal.open(ground, settings)
    try {
      const queue = new Queue(ground, settings, journal)
      await queue.#freeDisk.look(() => queue.bytes)
      queue.#sweepLater()
      return queue
    } catch (error) {
      await journal.close()
      throw diskFault(error, settings.directory)
    }
  }

  /** Messages accepted and not settled, leased ones included. */
  get waiting(): number {
    return this.#journal.waiting
  }

  get bytes(): Bytes {
    return this.#journal.liveBytes
  }

  get inFlight(): number {
    return this.#leased.size
  }

  get totals(): Readonly<Totals> {
    return this.#journal.totals
  }

  get opening(): Opening {
    return this.#journal.opening
  }

  get failure(): Fault | undefined {
    return this.#journal.failure
  }

  /** Whether a limit keeps messages out, or pushes old ones out. */
  get isFull(): boolean {
    return this.#levels.isFull
  }

  /** When the oldest message that waits was stored; undefined when none is known to wait. */
  get oldestAt(): number | undefined {
    const [leased] = this.#leased.values()
    return leased?.storedAt ?? this.#ahead[0]?.storedAt
  }

  /**
   * Keeps a message; resolves with its number when it is as safe as the durability setting says, or
   * with undefined when the queue dropped it as the newest. Rejects with PAYLOAD_TOO_LARGE,
   * QUEUE_FULL, DISK_FULL, DISK_STALLED or DISK_UNWRITABLE; then none of it is kept.
   */
  async accept(message: Message, key: string): Promise<Sequence | undefined> {
    const size = message.payload.length
    const { limits } = this.#settings
    const limit = messageMax(limits)
    if (size > limit) throw new Fault('PAYLOAD_TOO_LARGE', { size, limit, who: 'this queue' })
    if (!this.#admit(passed(limits, this.#usage(1, size + framingBytes)), key)) return undefined
    this.#appending.messages++
    this.#appending.bytes += size + framingBytes
    try {
      return await this.#journal.append(message)
    } finally {
      this.#appending.messages--
      this.#appending.bytes -= size + framingBytes
      this.#afterAccept()
    }
  }

  /** Leases the next message read ahead; a lease lasts until it is settled or the queue closes. */
  takeReady(): StoredRecord | undefined {
    const record = this.#ahead.shift()
    if (record !== undefined) this.#leased.set(record.sequence, record)
    return record
  }

  /** Makes the next messages ready, if none are; resolves with how many are ready to be leased. */
  async readAhead(): Promise<number> {
    if (this.#ahead.length === 0) await this.#readAhead()
    return this.#ahead.length
  }

  /** Ends a message for good. A drop is announced with its reason. */
  settle(record: StoredRecord, outcome: Outcome): void {
    this.#leased.delete(record.sequence)
    if (!this.#journal.settle(record, outcome)) return
    if (outcome !== 'delivered' && outcome !== 'dead-lettered') this.#tellDrop(record, outcome)
    this.#noteLevel()
  }

  /** Writes what is under way and lets go of the directory; leases end, messages stay. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelSweep()
    this.drops.tell()
    await this.#journal.close()
  }

  #usage(messages: number, bytes: Bytes): Usage {
    return {
      messages: this.waiting + this.#appending.messages + messages,
      bytes: this.bytes + this.#appending.bytes + bytes,
      ceiling: this.#freeDisk.ceiling,
    }
  }

  get #passed(): Passed {
    return passed(this.#settings.limits, this.#usage(0, 0))
  }

  /** False when the message is the one to drop; throws when it is to be refused. */
  #admit(limit: Passed, key: string): boolean {
    if (limit === undefined) return true
    this.#levels.full(limit, this.waiting)
    const { overflow } = this.#settings.limits
    if (overflow === 'drop-newest') {
      this.#journal.dropUnstored('overflow')
      this.drops.add('overflow', key)
      return false
    }
    // Leased messages are never dropped: with nothing else to drop, the newest is turned away.
    const droppable = this.waiting - this.#leased.size + this.#appending.messages
    if (overflow === 'drop-oldest' && droppable > 0) return true
    throw this.#refusal(limit)
  }

  #refusal(limit: NonNullable<Passed>): Fault {
    if (limit === 'disk') {
      const { free, floor } = this.#freeDisk
      return new Fault('DISK_FULL', { free, floor })
    }
    const { maxMessages, maxBytes } = this.#settings.limits
    return new Fault('QUEUE_FULL', {
      limit: limit === 'messages' ? maxMessages : maxBytes,
      of: limit,
    })
  }

  #afterAccept(): void {
    this.#noteLevel()
    if (this.#passed !== undefined) this.#trim()
  }

  #noteLevel(): void {
    this.#levels.note(this.#usage(0, 0))
  }

  /** Drops the oldest until the limits hold again. */
  #trim(): void {
    if (this.#trimming || this.#settings.limits.overflow !== 'drop-oldest') return
    this.#trimming = true
    this.#dropWhile(() => this.#passed !== undefined, 'overflow')
      .catch(() => {}) // a read that failed is told by the journal; the next accept tries again
      .finally(() => {
        this.#trimming = false
      })
  }

  async #dropWhile(isDue: (oldest: StoredRecord) => boolean, reason: DropReason): Promise<void> {
    while (!this.#isClosed) {
      if (this.#ahead.length === 0) await this.#readAhead()
      const [oldest] = this.#ahead
      if (this.#isClosed || oldest === undefined || !isDue(oldest)) return
      this.#ahead.shift()
      this.settle(oldest, reason)
    }
  }

  #readAhead(): Promise<void> {
    this.#reading ??= this.#readSome().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readSome(): Promise<void> {
    for (let from = -1; this.#ahead.length === 0 && from !== this.#readFrom; ) {
      from = this.#readFrom
      const { records, next } = await this.#journal.read(from, ahead)
      this.#ahead.push(...records)
      this.#readFrom = next
    }
  }

  #tellDrop(record: StoredRecord, reason: DropReason): void {
    this.drops.add(reason, this.#keyOf(record))
  }

  /** A record that cannot be read has no key: its id tells which one it was. */
  #keyOf(record: StoredRecord): string {
    try {
      return this.#settings.keyOf(record)
    } catch {
      return record.id
    }
  }

  #sweepLater(): void {
    if (this.#isClosed) return
    this.#cancelSweep = this.#ground.world.clock.wake(sweepEvery, () => {
      this.#freeDisk
        .look(() => this.bytes)
        .catch(() => {}) // what was known of the disk goes on to hold
        .then(() => this.#sweep())
        .catch(() => {}) // told by the journal; the next sweep tries again
        .finally(() => this.#sweepLater())
    })
  }

  async #sweep(): Promise<void> {
    const { clock } = this.#ground.world
    const { maxAge } = this.#settings.limits
    if (maxAge === 'unlimited' || this.waiting === this.#leased.size) return
    await this.#dropWhile(
      ({ storedAt }) => this.#ages.isExpired(storedAt, maxAge, clock.wall(), clock.monotonic()),
      'expired',
    )
  }
}
