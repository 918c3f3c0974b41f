/**
 * An append-only journal of messages in one directory: what `append` resolved for survives a crash
 * and a power cut until it is settled, comes back in order, and is never altered. It never
 * acknowledges before the bytes are as safe as the durability setting says, and never knows what a
 * message means. Format: design.md section 9 over storage.md section 8.
 */

import { Fault } from '../base/fault.js'
import { type Bytes, type EpochMs, type Sequence, since } from '../base/units.js'
import type { ActiveSegment, Message } from './active.js'
import { Append, type Told } from './append.js'
import { Committer } from './committer.js'
import { Compaction } from './compaction.js'
import { diskFault } from './files.js'
import { MessageReader } from './message-reader.js'
import { nextSegment, type Opened, type Opening, openDirectory } from './opening.js'
import { PendingOutcomes } from './outcomes.js'
import { cleanClose, type Outcome, type Released, type Totals } from './payloads.js'
import { Reader, type Reading, type ReadLimits } from './reader.js'
import { framingBytes } from './record.js'
import { ReleasedNote } from './released-note.js'
import type { Segment } from './segment.js'
import type { SegmentList } from './segment-list.js'
import type { Ground, JournalSettings } from './settings.js'
import { mirroredFrom } from './stored.js'
import { type StoredRecord, Tail } from './tail.js'

export class Journal {
  readonly #directory: string
  readonly #ground: Ground
  readonly #opened: Opened
  readonly #segments: SegmentList
  readonly #reader: Reader
  readonly #messages: MessageReader
  readonly #tail: Tail
  readonly #committer: Committer
  readonly #compaction: Compaction
  readonly #outcomes = new PendingOutcomes()
  readonly #released: ReleasedNote
  /** A checkpoint was asked for and is not there yet. */
  #isAsked = false
  #isClosed = false

  private constructor(ground: Ground, settings: JournalSettings, opened: Opened) {
    this.#directory = settings.directory
    this.#ground = ground
    this.#opened = opened
    this.#released = new ReleasedNote(opened.recovered.released)
    this.#segments = opened.segments
    this.#tail = new Tail(ground.budget)
    const { disk } = ground.world
    this.#reader = new Reader(disk, settings.directory, opened, (segment, ordinals) =>
      this.#damaged(segment, ordinals),
    )
    this.#messages = new MessageReader(opened, settings.directory, this.#reader, this.#tail)
    this.#compaction = new Compaction(ground.world, ground.budget, settings.directory, {
      isOurs: () => opened.files.isOurs(),
      alone: (change) => this.#reader.alone(change),
      ended: (segment) => {
        opened.segments.compacted(segment)
        this.#askForCheckpoint()
      },
    })
    this.#committer = new Committer(
      ground.world.clock,
      ground.budget,
      { ...settings, segmentBytes: opened.segmentBytes },
      {
        notes: () => [...this.#outcomes.take(), ...this.#released.take()],
        noted: () => this.#noted(true),
        notNoted: () => this.#noted(false),
        stored: (message, sequence, time) => this.#stored(message, sequence, time),
        nextSegment: (last) => this.#nextSegment(last),
        makeRoom: () => opened.files.makeRoom(),
        isReserveSpent: () => opened.files.isReserveSpent(),
        failed: (fault) => {
          this.#noted(false)
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

  /** Damaged files in the directory that were set aside. */
  get quarantined(): number {
    const { count, earlier } = this.#opened.recovered.quarantine
    return count + earlier
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
    return new Promise((stored, failed) => this.put(message, { stored, failed }))
  }

  /** As `append`, without a promise: one for each step is a third of what a message takes. */
  put(message: Message, told: Told): void {
    const { budget, world } = this.#ground
    const bytes = message.payload.length + framingBytes
    if (this.#isClosed) told.failed(new Fault('INTERRUPTED'))
    else if (budget.appendBytes > 0 && budget.appendBytes + bytes > budget.appendBytesMax) {
      const time = since(this.#committer.syncedAt, world.clock.monotonic())
      told.failed(new Fault('DISK_STALLED', { time }))
    } else this.#committer.append(new Append(message, told, budget, this.#directory))
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
    this.#tail.trim(this.#segments)
    if (segment.waiting === 0) this.#reader.emptied(segment)
    if (segment.waiting === 0 || segment.isSparse) this.#askForCheckpoint()
    this.#committer.notify()
    return true
  }

  /** Resolves with whether the system has all that was settled: a full disk takes it later. */
  async told(): Promise<boolean> {
    return this.failure === undefined && this.#outcomes.told()
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
   * Notes that messages up to `upTo` may be out, at most so many at once. Resolves with it when the
   * system has it, without a sync, or cannot take it: a full disk must not keep messages from going
   * out. Rejects when nothing is written any more, with INTERRUPTED after `close`.
   */
  async released(released: Released): Promise<Released> {
    if (this.#isClosed) throw new Fault('INTERRUPTED')
    const told = this.#released.tell(released)
    this.#committer.notify()
    await told
    if (this.failure !== undefined) throw this.failure
    return released
  }

  /** As `MessageReader.read`, of what is as safe as the durability setting says. */
  read(from: Sequence, limits: ReadLimits): Promise<Reading<StoredRecord>> {
    return this.#messages.read(from, limits, this.durableNext)
  }

  /**
   * Resolves when all that was appended survives a power cut, whatever the durability setting says.
   * Rejects with what ended the work.
   */
  async sync(): Promise<void> {
    await this.#committer.flush()
    if (this.failure !== undefined) throw this.failure
  }

  /**
   * Writes and syncs what is under way, seals the journal and lets go of the directory. Rejects
   * with DISK_FULL or DISK_UNWRITABLE when that failed; it is closed all the same, nothing lost.
   */
  close(): Promise<void> {
    return this.#end(async () => {})
  }

  /**
   * Closes a journal in which nothing waits, and removes it. Files that are not its own stay, and
   * then the directory too. Rejects as `close`; what is left opens as an empty one.
   */
  async remove(): Promise<void> {
    const { files } = this.#opened
    await this.#end(() => (this.waiting === 0 ? files.removeAll() : Promise.resolve()))
    await files.removeDirectory().catch((error: unknown) => {
      throw diskFault(error, this.#directory)
    })
  }

  async #end(last: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#compaction.close()
      await this.#reader.close().catch(() => {}) // it was only read: nothing is lost
      await this.#committer.flush().catch(() => {}) // `failed` has told of it
      await this.#committer
        .close(cleanClose)
        .then(last)
        .finally(() => this.#opened.files.release())
    } catch (error) {
      throw diskFault(error, this.#directory)
    } finally {
      this.#tail.clear()
    }
  }

  #askForCheckpoint(): void {
    if (this.#isAsked || this.#isClosed || !this.#segments.wantsCheckpoint) return
    this.#isAsked = true
    this.#committer.rotate()
  }

  async #nextSegment(last: Segment): Promise<ActiveSegment> {
    const totals = this.#outcomes.without(this.totals)
    const sparse = this.#segments.takeSparse()
    const told = { released: this.#released.now, totals }
    const active = await nextSegment(this.#opened, told, last).finally(() => {
      this.#isAsked = false
    })
    last.index = undefined
    this.#compaction.start(sparse)
    this.#askForCheckpoint()
    return active
  }

  #noted(isWritten: boolean): void {
    const end = isWritten ? 'written' : 'giveUp'
    for (const notes of [this.#outcomes, this.#released]) notes[end]()
  }

  #stored(message: Message, sequence: Sequence, storedAt: EpochMs): void {
    this.totals.accepted++
    this.#segments.added(message.payload.length + framingBytes)
    if (this.#tail.isOff) return
    this.#tail.push(mirroredFrom(this.#opened, message, sequence, storedAt))
  }

  /** Messages that rotted on disk leave the balance as damaged; their file is kept as `.bad`. */
  async #damaged(segment: Segment, ordinals: readonly number[]): Promise<void> {
    segment.isDamaged = true
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
