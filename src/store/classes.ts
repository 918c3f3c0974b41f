/**
 * The classes of priority of one queue, each a journal of its own: order holds within a class, the
 * turns between them are `Turns`'. The normal one lies in the queue's directory, the others below
 * it and only once they are used. It opens, adds up and closes them; limits are the queue's.
 */

import { Fault } from '../base/fault.js'
import type { Bytes } from '../base/units.js'
import { Feed, type FeedSettings } from './feed.js'
import { diskFault } from './files.js'
import { Journal } from './journal.js'
import type { Totals } from './payloads.js'
import type { Ground, JournalSettings } from './settings.js'
import type { StoredRecord } from './tail.js'
import { type Priority, priorities, type Shares, Turns } from './turns.js'

export interface ClassesSettings extends JournalSettings {
  /** 16:4:1 by default. */
  readonly shares?: Shares | undefined
}

const peekBytesMax = 256 << 10

export class Classes {
  readonly #ground: Ground
  readonly #settings: JournalSettings
  readonly #feedSettings: Omit<FeedSettings, 'priority'>
  readonly #byPriority = new Map<Priority, Feed>()
  readonly #opening = new Map<Priority, Promise<Feed>>()
  readonly #turns: Turns
  /** From the most to the least urgent. */
  feeds: readonly Feed[] = []
  #hasFailed = false
  #isClosed = false

  private constructor(
    ground: Ground,
    settings: ClassesSettings,
    feedSettings: Omit<FeedSettings, 'priority'>,
  ) {
    this.#turns = new Turns(settings.shares)
    // Told once, whichever gives way first.
    const failed = (fault: Fault) => {
      if (!this.#hasFailed) ground.failed(fault)
      this.#hasFailed = true
    }
    this.#ground = { ...ground, failed }
    this.#settings = settings
    this.#feedSettings = feedSettings
  }

  /** Opens the normal class, and those that were used before. Rejects as `Journal.open`. */
  static async open(
    ground: Ground,
    settings: ClassesSettings,
    feedSettings: Omit<FeedSettings, 'priority'>,
  ): Promise<Classes> {
    const classes = new Classes(ground, settings, feedSettings)
    try {
      await classes.of('normal')
      const names = await ground.world.disk.list(settings.directory)
      for (const priority of priorities) {
        if (names.includes(priority)) await classes.of(priority)
      }
      return classes
    } catch (error) {
      await classes.close().catch(() => {}) // the first error tells more
      throw diskFault(error, settings.directory)
    }
  }

  get waiting(): number {
    return this.feeds.reduce((sum, { journal }) => sum + journal.waiting, 0)
  }

  get liveBytes(): Bytes {
    return this.feeds.reduce((sum, { journal }) => sum + journal.liveBytes, 0)
  }

  get inFlight(): number {
    return this.feeds.reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  get totals(): Readonly<Totals> {
    const sum: Totals = { accepted: 0 }
    for (const { journal } of this.feeds) {
      for (const [name, count] of Object.entries(journal.totals)) {
        const key = name as keyof Totals
        sum[key] = (sum[key] ?? 0) + count
      }
    }
    return sum
  }

  get quarantined(): number {
    return this.feeds.reduce((sum, { journal }) => sum + journal.quarantined, 0)
  }

  /**
   * The feed of a class, opened if this is its first use. Rejects as `Journal.open`, and with
   * INTERRUPTED after `close`.
   */
  of(priority: Priority): Feed | Promise<Feed> {
    return this.#byPriority.get(priority) ?? this.#open(priority)
  }

  /**
   * Leases the next message; undefined when none is ready, or when `fill` might make a more urgent
   * one ready. `only`: from this class, out of turn. Suspects of all classes go before the others
   * and one at a time, or it would be the wrong one that was out alone.
   */
  take(only?: Priority): StoredRecord | undefined {
    if (this.#isCrowded) return undefined
    if (only !== undefined) return this.#byPriority.get(only)?.take()
    if (this.feeds.length === 1) return this.feeds[0]?.take()
    const singly = this.feeds.filter(({ isSingly }) => isSingly)
    if (singly.length > 0) return singly.find(({ isReady }) => isReady)?.take()
    if (this.feeds.some(({ wantsFill }) => wantsFill)) return undefined
    const ready = priorities.filter((priority) => this.#byPriority.get(priority)?.isReady === true)
    const priority = this.#turns.next(ready)
    if (priority === undefined) return undefined
    this.#turns.took(priority)
    return this.#byPriority.get(priority)?.take()
  }

  /** The next `count` messages come from this class, as long as it has any. */
  lead(priority: Priority, count: number): void {
    this.#turns.lead(priority, count)
  }

  waitingIn(priority: Priority): number {
    return this.#byPriority.get(priority)?.journal.waiting ?? 0
  }

  /** Makes the next message of each class ready, or `only` of one; resolves with whether any is. */
  async fill(only?: Priority): Promise<boolean> {
    if (this.#isCrowded) return false
    const feeds = only === undefined ? this.feeds : [this.#byPriority.get(only) ?? []].flat()
    for (const feed of feeds.filter(({ isSingly }) => isSingly)) {
      await feed.fill()
      if (feed.isSingly && feed.isReady) return true
    }
    await Promise.all(feeds.map((feed) => feed.fill()))
    return feeds.some(({ isReady }) => isReady)
  }

  /**
   * Messages that wait, the most urgent class first and in order within it, leased ones included:
   * `count` at most, and 256 KB or one message.
   */
  async peek(count: number): Promise<StoredRecord[]> {
    const found: StoredRecord[] = []
    let bytes = 0
    for (const { journal } of this.feeds) {
      for (let at = 0; found.length < count && bytes < peekBytesMax; ) {
        const limits = { records: count - found.length, bytes: peekBytesMax - bytes }
        const { records, next } = await journal.read(at, limits)
        if (next === at) break
        at = next
        found.push(...records)
        for (const { payload } of records) bytes += payload.length
      }
    }
    if (bytes > peekBytesMax && found.length > 1) found.pop()
    return found
  }

  /** Whose lease this is. */
  holding(record: StoredRecord): Feed | undefined {
    for (const feed of this.feeds) if (feed.holds(record)) return feed
    return undefined
  }

  /** Closes all; rejects with the first error when all are closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#opening.values())
    const closings = await Promise.allSettled(this.feeds.map(({ journal }) => journal.close()))
    for (const closing of closings) if (closing.status === 'rejected') throw closing.reason
  }

  get #isCrowded(): boolean {
    const { inFlight } = this
    if (inFlight >= this.#feedSettings.maxInFlight) return true
    if (inFlight === 0) return false
    for (const { isSingly } of this.feeds) if (isSingly) return true
    return false
  }

  #open(priority: Priority): Promise<Feed> {
    if (this.#isClosed) return Promise.reject(new Fault('INTERRUPTED'))
    let opening = this.#opening.get(priority)
    if (opening === undefined) {
      opening = this.#opened(priority).finally(() => this.#opening.delete(priority))
      this.#opening.set(priority, opening)
    }
    return opening
  }

  async #opened(priority: Priority): Promise<Feed> {
    const { directory } = this.#settings
    const own = priority === 'normal' ? directory : `${directory}/${priority}`
    const journal = await Journal.open(this.#ground, { ...this.#settings, directory: own })
    const feed = new Feed(journal, { priority, ...this.#feedSettings })
    this.#byPriority.set(priority, feed)
    this.feeds = priorities.flatMap((each) => this.#byPriority.get(each) ?? [])
    return feed
  }
}
