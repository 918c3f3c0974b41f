/**
 * An append-only journal of messages in one directory: what `append` resolved for survives a crash
 * and a power cut until it is settled, comes back in order, and is never altered. It never
 * acknowledges before the bytes are as safe as the durability setting says, and never knows what a
 * message means. Format: design.md section 9 over storage.md section 8.
 */

import { Fault } from '../base/fault.js'
import { type Bytes, type EpochMs, type Sequence, since } from '../base/units.js'
import type { Message, Note } from './active.js'
import { Committer } from './committer.js'
import { diskFault } from './files.js'
import { nextSegment, type Opened, type Opening, openDirectory } from './opening.js'
import { PendingOutcomes } from './outcomes.js'
import { cleanClose, type Outcome, type Released, releasedBytes, type Totals } from './payloads.js'
import { Reader, type Reading, type ReadLimits } from './reader.js'
import { framingBytes } from './record.js'
import type { Segment } from './segment.js'
import type { SegmentList } from './segment-list.js'
import type { Ground, JournalSettings } from './settings.js'
import { type Mirrored, type StoredRecord, Tail } from './tail.js'

export class Journal {
  readonly #directory: string
  readonly #ground: Ground
  readonly #opened: Opened
  readonly #segments: SegmentList
  readonly #reader: Reader
  readonly #tail: Tail
  readonly #committer: Committer
  readonly #outcomes = new PendingOutcomes()
  #released: Released
  /** What the last L in the file says, and the one being written. */
  #releasedWritten: Released
  #releasedTaken: Released
  #releaseWaiters: (() => void)[] = []
  #isClosed = false

  private constructor(ground: Ground, settings: JournalSettings, opened: Opened) {
    this.#directory = settings.directory
    this.#ground = ground
    this.#opened = opened
    this.#released = opened.recovered.released
    this.#releasedTaken = this.#released
    this.#releasedWritten = this.#released
    this.#segments = opened.segments
    this.#tail = new Tail(ground.budget)
    this.#reader = new Reader(ground.world.disk, settings.directory, (segment, ordinals) =>
      this.#damaged(segment, ordinals),
    )
    this.#committer = new Committer(
      ground.world.clock,
      ground.budget,
      { ...settings, segmentBytes: opened.segmentBytes },
      {
        notes: () => this.#notes(),
        noted: () => this.#noted(),
        notNoted: () => this.#toldReleased(),
        stored: (message, sequence, time) => this.#stored(message, sequence, time),
        nextSegment: (last) => {
          const totals = this.#outcomes.without(this.totals)
          return nextSegment(opened, { released: this.#released, totals }, last)
        },
        makeRoom: () => opened.files.makeRoom(),
        isReserveSpent: () => opened.files.isReserveSpent(),
        failed: (fault) => {
          this.#toldReleased()
          ground.failed(fault)
        },
      },
      opened.active,
    )
  }

  /**
   * Opens or makes the journal in a directory, whatever state a crash left it in. Rejects with
   * STORE_BUSY, DISK_FULL or DISK_UNWRITABLE; then the directory is as free as before.
   */
  static async open(ground: Ground, settings: JournalSettings): Promise<Journal> {
    return new Journal(ground, settings, await openDirectory(ground, settings))
  }

  /** What the opening found. */
  get opening(): Opening {
    return this.#opened.opening
  }

  /** Since the journal was made, over all restarts: accepted = sum of outcomes + waiting. */
  get totals(): Totals {
    return this.#opened.recovered.totals
  }

  /** Messages that are stored and not settled. */
  get waiting(): number {
    return this.#segments.waiting
  }

  /** Framed bytes of the messages that wait. */
  get liveBytes(): Bytes {
    return this.#segments.liveBytes
  }

  /** Bytes of all segment files, settled messages and outcomes included. */
  get fileBytes(): Bytes {
    return this.#segments.fileBytes
  }

  /** First number that is not yet as safe as the durability setting says. */
  get durableNext(): Sequence {
    return this.#committer.durableNext
  }

  /** Why nothing is accepted any more. */
  get failure(): Fault | undefined {
    return this.#committer.failure
  }

  /**
   * Keeps a message; resolves with its number when it is as safe as the durability setting says.
   * Rejects with DISK_FULL, DISK_STALLED, DISK_UNWRITABLE or INTERRUPTED; then none of it is kept.
   */
  append(message: Message): Promise<Sequence> {
    if (this.#isClosed) return Promise.reject(new Fault('INTERRUPTED'))
    const bytes = message.payload.length + framingBytes
    const { budget } = this.#ground
    if (budget.appendBytes > 0 && budget.appendBytes + bytes > budget.appendBytesMax) {
      const time = since(this.#committer.syncedAt, this.#ground.world.clock.monotonic())
      return Promise.reject(new Fault('DISK_STALLED', { time }))
    }
    budget.appendBytes += bytes
    return new Promise((resolve, reject) => {
      this.#committer.append({
        message,
        sequence: 0,
        resolve: (sequence) => {
          budget.appendBytes -= bytes
          resolve(sequence)
        },
        reject: (error) => {
          budget.appendBytes -= bytes
          reject(diskFault(error, this.#directory))
        },
      })
    })
  }

  /**
   * Ends the life of a message. Takes effect in memory at once, is handed to write in the next loop
   * turn and durable within a second; losing it in a crash repeats the message. False when it was
   * settled before.
   */
  settle(record: Pick<StoredRecord, 'sequence' | 'bytes'>, outcome: Outcome): boolean {
    const segment = this.#segments.holding(record.sequence)
    if (segment === undefined) return false
    const ordinal = record.sequence - segment.base
    if (!this.#segments.settle(segment, ordinal, record.bytes)) return false
    this.totals[outcome] = (this.totals[outcome] ?? 0) + 1
    this.#outcomes.add(outcome, segment, ordinal, record.bytes)
    this.#tail.trim((sequence) => this.#segments.isSettled(sequence))
    if (this.#segments.wantsCheckpoint) this.#committer.rotate()
    else this.#committer.notify()
    return true
  }

  /** Counts a message that was accepted and dropped at once, so that the balance holds. */
  dropUnstored(outcome: Outcome): void {
    this.totals.accepted++
    this.totals[outcome] = (this.totals[outcome] ?? 0) + 1
    this.#outcomes.addUnstored(outcome)
    this.#committer.notify()
  }

  /** Whether a message has ended, or is not here. */
  isSettled(sequence: Sequence): boolean {
    return this.#segments.isSettled(sequence)
  }

  /**
   * Notes that messages up to `upTo` may be out, at most so many at once. Resolves when the system
   * has it, without a sync, or cannot take it: a full disk must not keep messages from going out.
   * Rejects when nothing is written any more.
   */
  async released(released: Released): Promise<void> {
    this.#released = released
    const told = new Promise<void>((resolve) => this.#releaseWaiters.push(resolve))
    this.#committer.notify()
    await told
    if (this.failure !== undefined) throw this.failure
  }

  /**
   * Unsettled messages from a number on, in order, as safe as the durability setting says. One call
   * looks into one segment file at most, so it may give few or none long before the end; whoever
   * reads on from `next` until a reading ends where it began misses none and comes to an end. Rejects
   * with the system's error, or SEGMENT_CORRUPT, when the disk does not answer.
   */
  async read(from: Sequence, limits: ReadLimits): Promise<Reading<StoredRecord>> {
    const { before = this.durableNext } = limits
    const within = { ...limits, before: Math.max(from, Math.min(before, this.durableNext)) }
    const segment = this.#segments.waitingFrom(from)
    const start = Math.max(from, segment?.base ?? within.before)
    let reading: Reading<StoredRecord>
    if (segment === undefined || start >= within.before) reading = nothing(within.before)
    else if (start >= this.#tail.from) reading = this.#fromTail(start, within)
    else reading = await this.#fromDisk(segment, start, within)
    if (reading.next >= this.durableNext) this.#tail.resume()
    return reading
  }

  /** Writes and syncs what is under way, seals the journal and lets go of the directory. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#committer.flush().catch(() => {}) // `failed` has told of it
      await this.#committer.close(cleanClose)
    } finally {
      this.#tail.clear()
      await this.#opened.files.release()
    }
  }

  #notes(): Note[] {
    const notes = this.#outcomes.take()
    if (this.#released === this.#releasedWritten) return notes
    this.#releasedTaken = this.#released
    return [...notes, { kind: 'L', payload: releasedBytes(this.#released), flags: 0 }]
  }

  #noted(): void {
    this.#outcomes.written()
    this.#releasedWritten = this.#releasedTaken
    if (this.#releasedWritten === this.#released) this.#toldReleased()
  }

  #toldReleased(): void {
    for (const resolve of this.#releaseWaiters.splice(0)) resolve()
  }

  #stored(message: Message, sequence: Sequence, storedAt: EpochMs): void {
    const { payload, codec, lane } = message
    const bytes = payload.length + framingBytes
    this.totals.accepted++
    this.#segments.added(bytes)
    this.#tail.push({ sequence, storedAt, codec, lane, payload, bytes })
  }

  #fromTail(
    from: Sequence,
    limits: ReadLimits & { readonly before: Sequence },
  ): Reading<StoredRecord> {
    const { queueId, salt } = this.#opened
    const isSettled = (sequence: Sequence) => this.#segments.isSettled(sequence)
    const { records, next } = this.#tail.read(from, limits, isSettled)
    const withId = (record: Mirrored) => ({ ...record, id: idOf(queueId, salt, record.sequence) })
    return { records: records.map(withId), next }
  }

  async #fromDisk(segment: Segment, from: Sequence, limits: ReadLimits) {
    const { records, next } = await this.#reader.read(segment, from, limits)
    const stored = records.map(({ ordinal, time, codec, lane, payload }): StoredRecord => {
      const sequence = segment.base + ordinal
      const id = idOf(this.#opened.queueId, segment.salt, sequence)
      const bytes = payload.length + framingBytes
      return { sequence, id, storedAt: time, codec, lane, payload, bytes }
    })
    return { records: stored, next }
  }

  /** Messages that rotted on disk leave the balance as damaged; their file is kept as `.bad`. */
  async #damaged(segment: Segment, ordinals: readonly number[]): Promise<void> {
    const share = segment.waiting > 0 ? Math.floor(segment.liveBytes / segment.waiting) : 0
    for (const ordinal of ordinals) {
      this.settle({ sequence: segment.base + ordinal, bytes: share }, 'damaged')
    }
    await this.#opened.files.copyAside(segment)
    const { name: file } = segment
    const messages = ordinals.length
    this.#ground.emit({ kind: 'store.corrupt', directory: this.#directory, file, messages })
  }
}

const nothing = (next: Sequence): Reading<StoredRecord> => ({ records: [], next })

function idOf(queueId: string, salt: string, sequence: Sequence): string {
  return `${queueId}-${salt}-${sequence}`
}
