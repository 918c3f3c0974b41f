/**
 * Dead letters on disk: what this resolved for survives a crash and a power cut until it is
 * resolved, ages out, or a person clears it. Lists, groups and filters are answered from an index
 * in memory; messages stay on disk. It sends nothing and decides no fate.
 */

import { Fault } from '../base/fault.js'
import type { StoreTally } from '../base/tally.js'
import type { Ms } from '../base/units.js'
import type { RedriveAttempts } from '../policy/letter-fate.js'
import { type LetterFilter, passerOf } from '../policy/letter-selection.js'
import type { Adoption } from '../store/adoption.js'
import { diskFault } from '../store/files.js'
import { type Limits, messageMax } from '../store/limits.js'
import type { Ground, JournalSettings } from '../store/settings.js'
import { SharedDisk } from '../store/shared-disk.js'
import { StateFile } from '../store/state-file.js'
import type {
  Arrival,
  Arrived,
  Letter,
  LetterGroup,
  LetterStats,
  Listed,
  Original,
} from './letter.js'
import { LetterArrivals } from './letter-arrivals.js'
import type { Aside, Entry } from './letter-index.js'
import { LetterJournal, type LetterTotals } from './letter-journal.js'
import { LetterLeases } from './letter-leases.js'
import { LetterLists, type ListFilter, type Page, type PageOf } from './letter-lists.js'
import { LetterMarks } from './letter-marks.js'
import { exportedLine } from './letter-record.js'
import { LetterRetention } from './letter-retention.js'
import { type Imported, importLines } from './letter-transfer.js'

export type { Imported, LetterTotals, ListFilter, Page, PageOf }

export interface LettersSettings extends JournalSettings {
  /** `overflow` is `drop-oldest`: the oldest letters always go first. */
  readonly limits: Limits
  /** Deleted and replaced letters can be restored for so long; 0: not at all. */
  readonly keepDeletedMs: Ms
  /** Redrives that may fail before a letter is given up. */
  readonly attempts: RedriveAttempts
}

export class Letters {
  readonly leases: LetterLeases
  readonly #ground: Ground
  readonly #settings: LettersSettings
  readonly #journal: LetterJournal
  readonly #marks: LetterMarks
  readonly #retention: LetterRetention
  readonly #arrivals: LetterArrivals
  readonly #lists: LetterLists

  private constructor(
    ground: Ground,
    settings: LettersSettings,
    journal: LetterJournal,
    marks: LetterMarks,
  ) {
    this.leases = new LetterLeases(journal)
    this.#ground = ground
    this.#settings = settings
    this.#journal = journal
    this.#marks = marks
    const { leases } = this
    const retention = new LetterRetention(ground, settings, journal, () => leases.count)
    this.#retention = retention
    const lastNumber = Math.max(journal.index.lastNumber, marks.lastNumber)
    const { attempts, queueId } = settings
    const parts = { ground, letters: journal, retention, leases, attempts, queueId, lastNumber }
    this.#arrivals = new LetterArrivals(parts)
    this.#lists = new LetterLists(journal, (cause) => marks.notes.get(cause) ?? '')
  }

  /**
   * Opens or makes the letters of a directory; reads each of them once. Rejects with STORE_BUSY,
   * DISK_FULL or DISK_UNWRITABLE.
   */
  static async open(ground: Ground, settings: LettersSettings): Promise<Letters> {
    const disk = new SharedDisk(ground.world.disk, ground.budget)
    const marks = await LetterMarks.open(new StateFile(disk, settings.directory, 'LETTERS.json'))
    const { seen } = marks
    const journal = await LetterJournal.open(ground, settings, seen)
    try {
      await journal.setAside(marks, ground.world.clock.wall())
      const letters = new Letters(ground, settings, journal, marks)
      await letters.#retention.start()
      return letters
    } catch (error) {
      await journal.close().catch(() => {}) // the first error tells more
      throw diskFault(error, settings.directory)
    }
  }

  get stats(): LetterStats {
    const { counts, causes, fresh, oldest } = this.#journal.index
    const [{ liveBytes }, { isNear: isNearlyFull }] = [this.#journal, this.#retention]
    return { ...counts, causes, fresh, bytes: liveBytes, oldestAt: oldest?.storedAt, isNearlyFull }
  }

  get totals(): LetterTotals {
    return this.#journal.totals
  }

  get failure(): Fault | undefined {
    return this.#journal.failure
  }

  /** Letters that the opening found to be unreadable. */
  get damaged(): number {
    return this.#journal.damaged
  }

  /** How the directory is. */
  get store(): Omit<StoreTally, 'directory' | 'syncs'> {
    return { freeBytes: this.#retention.freeBytes, quarantined: this.#journal.quarantined }
  }

  /** Whether a person has stopped the schedule; survives restarts. */
  get isPaused(): boolean {
    return this.#marks.isPaused
  }

  /**
   * Keeps a failed message; resolves when it is as safe as the durability setting says. Whether it
   * is new, was handed in before, or is a redriven letter that came back, is found by its ids.
   * Rejects with PAYLOAD_TOO_LARGE, DISK_FULL, DISK_STALLED, DISK_UNWRITABLE or INTERRUPTED.
   */
  accept(arrival: Arrival): Promise<Arrived> {
    return this.#arrivals.accept(arrival)
  }

  /** One letter with its message; undefined when there is none of that id. */
  async read(id: string): Promise<Letter | undefined> {
    const entry = this.#journal.index.get(id)
    return entry === undefined ? undefined : this.#lists.letter(entry)
  }

  /** The newest letters with their messages: 100 at most, and 256 KB or one. */
  peek(count: number, filter: LetterFilter = {}): Promise<Letter[]> {
    return this.#lists.peek(count, filter)
  }

  /** Without their messages, the newest first. */
  list(filter: ListFilter, page: Page): Promise<PageOf<Listed>> {
    return this.#lists.list(filter, page)
  }

  /** The group with the newest failure first. */
  groups(page: Page): Promise<PageOf<LetterGroup>> {
    return this.#lists.groups(page)
  }

  /**
   * Keeps a changed copy as a new letter with a link to the first, which counts as resolved.
   * Resolves with the new id. Rejects with LETTER_GONE, or as `accept`.
   */
  async edit(id: string, original: Original): Promise<string> {
    const entry = this.#journal.index.get(id)
    if (entry === undefined || !isFree(entry)) throw new Fault('LETTER_GONE', { id })
    const kept = await this.#journal.read(entry)
    if (kept === undefined || !isFree(entry)) throw new Fault('LETTER_GONE', { id })
    const copy = await this.#arrivals.copy(kept, original)
    // Should this not be written, the link in the copy tells the next opening.
    await this.#lay([entry], 'resolved')
    return copy.id
  }

  /**
   * Deletes letters so that they can be restored for a while, but for those that are out; resolves
   * with how many there were. Rejects with DISK_FULL or DISK_UNWRITABLE; then all are as before.
   */
  delete(ids: readonly string[]): Promise<number> {
    const { index } = this.#journal
    return this.#lay(new Set(ids.flatMap((id) => index.get(id) ?? [])), 'deleted')
  }

  /** The same for all that pass a filter; the oldest first, `atMost` of them. */
  async clear(filter: LetterFilter, atMost = Number.POSITIVE_INFINITY): Promise<number> {
    return this.#lay((await this.#free(passerOf(filter))).slice(0, atMost), 'deleted')
  }

  /** Undoes `delete` and `clear` as long as that is possible; resolves with how many there were. */
  async restore(ids: readonly string[]): Promise<number> {
    const { index } = this.#journal
    const found = new Set(ids.flatMap((id) => index.get(id) ?? []))
    const marked = await this.#mark(found, ({ aside }) => aside?.state === 'deleted', undefined)
    return marked.length
  }

  /** Drops all letters for good, deleted ones too, but for those that are out; how many. */
  async purge(): Promise<number> {
    const entries = await this.#journal.index.matching(({ isOut }) => !isOut)
    const count = await this.#retention.dropAll(entries, ({ isOut }) => !isOut)
    await this.#journal.told()
    return count
  }

  /** Writes what a person has to say about a cause, 1,024 characters at most; '' removes it. */
  async note(cause: string, text: string): Promise<void> {
    this.#marks.setNote(cause, text, (other) => this.#journal.index.hasCause(other))
    await this.#write()
  }

  /** A person has looked at the causes: nothing is fresh any more. */
  async seen(): Promise<void> {
    this.#marks.seen = this.#journal.index.seen = this.#journal.index.lastNumber
    await this.#write()
  }

  pause(isPaused: boolean): Promise<void> {
    this.#marks.isPaused = isPaused
    return this.#write()
  }

  /** The letters that pass, the oldest first, one JSON line each, with its line feed. */
  async *export(filter: LetterFilter = {}): AsyncGenerator<Uint8Array> {
    const isMeant = passerOf(filter)
    for (const entry of await this.#journal.index.matching((e) => !e.aside && isMeant(e))) {
      const kept = await this.#journal.read(entry)
      if (kept !== undefined) yield exportedLine(kept)
    }
  }

  /**
   * Takes up letters that `export` wrote, from chunks of any size. Stops at 100 MB, and at the
   * first letter that cannot be stored: rejects as `accept`; the letters before it are kept.
   */
  import(chunks: AsyncIterable<Uint8Array>): Promise<Imported> {
    const { limits } = this.#settings
    return importLines(chunks, messageMax(limits), (letter) => this.#arrivals.take(letter))
  }

  /** As `LetterArrivals.adopt`. */
  adopt(directory: string): Promise<Adoption> {
    return this.#arrivals.adopt(directory)
  }

  /** Letters that a redrive takes, the least redriven first, then the oldest. */
  async selected(isMeant: (entry: Entry) => boolean): Promise<Entry[]> {
    return (await this.#free(isMeant)).sort((a, b) => a.redrives - b.redrives)
  }

  /** What is stored from now on has this number in the journal, or a higher one. */
  get next(): number {
    return this.#journal.next
  }

  /** Writes what is under way and lets go of the directory. */
  async close(): Promise<void> {
    this.#retention.close()
    this.#arrivals.close()
    await this.#journal.close()
  }

  #free(isMeant: (entry: Entry) => boolean): Promise<Entry[]> {
    return this.#journal.index.matching((each) => isFree(each) && isMeant(each))
  }

  /** Sets letters aside, or drops them at once where nothing is kept. */
  async #lay(entries: Iterable<Entry>, state: Aside['state']): Promise<number> {
    const laid = await this.#mark(entries, isFree, { state, at: this.#ground.world.clock.wall() })
    if (this.#settings.keepDeletedMs > 0) return laid.length
    await this.#retention.dropAll(laid, ({ aside }) => aside !== undefined)
    return laid.length
  }

  async #mark(
    entries: Iterable<Entry>,
    isMeant: (entry: Entry) => boolean,
    aside: Aside | undefined,
  ): Promise<Entry[]> {
    const { index } = this.#journal
    const before = await index.setAsideAll(entries, isMeant, () => aside)
    try {
      if (before.size > 0) await this.#write()
      return [...before.keys()]
    } catch (error) {
      await index.setAsideAll(
        before.keys(),
        () => true,
        (entry) => before.get(entry),
      )
      throw error
    }
  }

  #write(): Promise<void> {
    return this.#marks.write(this.#journal.index.aside)
  }
}

/** Nobody has it, and nobody has set it aside. */
function isFree({ isGone, isOut, aside }: Entry): boolean {
  return !isGone && !isOut && aside === undefined
}
