/**
 * Letters in a journal, and the index that is kept in step with it. A letter is one record; when
 * its story goes on it is written anew behind the others and the older record ends as `superseded`.
 * A crash in between leaves both: the later one counts. It knows no limits and decides nothing.
 */

import type { DropReason } from '../base/event.js'
import { Fault } from '../base/fault.js'
import type { EpochMs, Sequence } from '../base/units.js'
import type { Message } from '../store/active.js'
import { Journal } from '../store/journal.js'
import type { Outcome } from '../store/payloads.js'
import { framingBytes } from '../store/record.js'
import type { Ground, JournalSettings } from '../store/settings.js'
import type { StoredRecord } from '../store/tail.js'
import { type Entry, LetterIndex } from './letter-index.js'
import type { LetterMarks } from './letter-marks.js'
import { type Kept, keptFrom, messageOf } from './letter-record.js'

/** Counted since the directory was made: accepted = delivered + deadLettered + dropped + stored. */
export interface LetterTotals {
  readonly accepted: number
  /** Resolved. */
  readonly delivered: number
  /** Handed over to another dead letter node. */
  readonly deadLettered: number
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
  /** Letters in any state. */
  readonly stored: number
}

const batch = { records: 256, bytes: 256 << 10 }

export class LetterJournal {
  readonly index: LetterIndex
  readonly #journal: Journal
  /** Ids of letters that the opening found edited copies of. */
  readonly #replaced: string[] = []
  /** Handed to the journal and not yet kept. */
  #writing = 0

  private constructor(ground: Ground, journal: Journal) {
    this.index = new LetterIndex(ground.world.clock)
    this.#journal = journal
  }

  /**
   * Reads every record once, a quarter of a megabyte at a time. Rejects with STORE_BUSY, DISK_FULL
   * or DISK_UNWRITABLE. `seen`: as `LetterIndex.seen`.
   */
  static async open(ground: Ground, settings: JournalSettings, seen: number) {
    const journal = await Journal.open(ground, settings)
    const letters = new LetterJournal(ground, journal)
    letters.index.seen = seen
    try {
      await letters.#learn(ground, settings.directory)
      return letters
    } catch (error) {
      await journal.close().catch(() => {}) // the first error tells more
      throw error
    }
  }

  get liveBytes(): number {
    return this.#journal.liveBytes
  }

  get totals(): LetterTotals {
    const { accepted, superseded = 0, delivered = 0, ...rest } = this.#journal.totals
    const { 'dead-lettered': deadLettered = 0, ...dropped } = rest
    const stored = this.index.size
    // A letter that is written anew counts there as accepted and superseded once more; the journal
    // knows what is on its way to the disk before the index does.
    const onTheirWay = Math.min(Math.max(0, this.#journal.waiting - stored), this.#writing)
    const known = accepted - superseded - onTheirWay
    return { accepted: known, delivered, deadLettered, dropped, stored }
  }

  get failure(): Fault | undefined {
    return this.#journal.failure
  }

  /** What is stored from now on has this number or a higher one. */
  get next(): number {
    return this.#journal.durableNext
  }

  get quarantined(): number {
    return this.#journal.quarantined
  }

  /** Letters that the opening found to be unreadable. */
  get damaged(): number {
    return this.#journal.opening.damaged
  }

  /**
   * Sets aside what the marks tell of, and the originals of edited letters, which a crash may have
   * left unmarked: they count as replaced at `now`.
   */
  async setAside(marks: LetterMarks, now: EpochMs): Promise<void> {
    const { index } = this
    const asideOf = marks.asides()
    const isMarked = ({ number }: Entry) => asideOf(number) !== undefined
    const marked = await index.matching(isMarked)
    await index.setAsideAll(marked, isMarked, ({ number }) => asideOf(number))
    const replaced = this.#replaced.splice(0).flatMap((id) => index.get(id) ?? [])
    const resolved = { state: 'resolved', at: now } as const
    await index.setAsideAll(
      replaced,
      ({ aside }) => aside === undefined,
      () => resolved,
    )
  }

  /** Undefined when it is gone. Rejects with DISK_UNWRITABLE or SEGMENT_CORRUPT. */
  async read(entry: Entry): Promise<Kept | undefined> {
    for (let tries = 0; tries < 2 && !entry.isGone; tries++) {
      const { sequence } = entry
      const limits = { records: 1, bytes: 1, before: sequence + 1 }
      const { records } = await this.#journal.read(sequence, limits)
      if (records[0] !== undefined) return keptFrom(records[0])
      if (entry.sequence === sequence) this.#lost(entry)
    }
    return undefined
  }

  /** Rejects as `Journal.append`; then nothing of it is kept. */
  async keep(kept: Kept): Promise<Entry> {
    const message = messageOf(kept)
    const sequence = await this.#append(message)
    return this.index.add(kept, { sequence, bytes: message.payload.length + framingBytes })
  }

  /** The same letter with a longer story. Rejects as `keep`; then the story is as before. */
  async retell(entry: Entry, kept: Kept): Promise<void> {
    const message = messageOf(kept)
    const sequence = await this.#append(message)
    const at = { sequence, bytes: message.payload.length + framingBytes }
    // Meanwhile it may have ended, or have been told on by somebody else.
    this.#journal.settle(entry.isGone ? at : entry, 'superseded')
    if (!entry.isGone) this.index.retell(entry, kept, at)
  }

  /** Takes effect at once; durable within a second. */
  end(entry: Entry, outcome: Outcome): void {
    if (entry.isGone) return
    this.index.remove(entry)
    this.#journal.settle(entry, outcome)
  }

  /**
   * Resolves when the system has all that was ended, so that it outlives this process. Rejects with
   * what ended the work, or with DISK_FULL; then ended letters may come back after a restart.
   */
  async told(): Promise<void> {
    if (await this.#journal.told()) return
    throw this.failure ?? new Fault('DISK_FULL', { free: 0, floor: 0 })
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  /** Closes it for good, when nothing is in it any more. Rejects as `Journal.remove`. */
  remove(): Promise<void> {
    return this.#journal.remove()
  }

  async #append(message: Message): Promise<Sequence> {
    this.#writing++
    try {
      return await this.#journal.append(message)
    } finally {
      this.#writing--
    }
  }

  async #learn({ world }: Ground, directory: string): Promise<void> {
    for (let from = 0; ; ) {
      const { records, next } = await this.#journal.read(from, batch)
      if (next === from) break
      from = next
      for (const record of records) this.#take(record, directory)
      await new Promise<void>((go) => world.clock.soon(go))
    }
  }

  #take(record: StoredRecord, directory: string): void {
    const kept = keptIn(record, directory)
    const older = this.index.get(kept.id)
    if (older === undefined) this.index.add(kept, record)
    else {
      this.#journal.settle(older, 'superseded')
      this.index.retell(older, kept, record)
    }
    if (kept.editedFrom !== undefined) this.#replaced.push(kept.editedFrom)
  }

  /** Its bytes have rotted: the journal has counted it as damaged by now. */
  #lost(entry: Entry): void {
    if (this.#journal.isSettled(entry.sequence)) this.index.remove(entry)
  }
}

function keptIn(record: StoredRecord, directory: string): Kept {
  try {
    return keptFrom(record)
  } catch (error) {
    if (error instanceof Fault) throw new Fault(error.code, { ...error.values, directory })
    throw error
  }
}
