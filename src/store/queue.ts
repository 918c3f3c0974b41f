/**
 * A bounded queue over journals: accepts within its limits, leases messages in order, and counts
 * everything that leaves without being delivered. A leased message is never dropped. It does not
 * look into messages: a drop is told with the key that `keyOf` finds.
 */

import type { DropReason } from '../base/event.js'
import type { Cancel } from '../base/ports.js'
import type { QueueTally, StoreTally } from '../base/tally.js'
import { type Bytes, type EpochMs, ms, type Sequence } from '../base/units.js'
import type { Message } from './active.js'
import { type Adoption, adoptClasses } from './adoption.js'
import { Classes } from './classes.js'
import { choiceOf, type Which } from './clearing.js'
import { Drops } from './drops.js'
import { Endings, type EndingsSettings } from './endings.js'
import type { Feed, Order } from './feed.js'
import { diskFault } from './files.js'
import { type Accepted, type Incoming, Intake } from './intake.js'
import { Ages, type Limits } from './limits.js'
import type { Outcome, Totals } from './payloads.js'
import { Quota } from './quota.js'
import { tellRisk } from './risk.js'
import type { Ground, JournalSettings } from './settings.js'
import type { StoredRecord } from './tail.js'
import { Trimming } from './trimming.js'
import type { Priority, Shares } from './turns.js'

export interface QueueSettings extends JournalSettings, EndingsSettings {
  readonly limits: Limits
  /** `strict` by default. */
  readonly order?: Order
  /** Out and not settled; 256 by default. */
  readonly maxInFlight?: number
  /** Turns of the classes of priority; 16:4:1 by default. */
  readonly shares?: Shares
}

const sweepEvery = ms(1000)
const maxInFlightDefault = 256

export class Queue {
  readonly drops: Drops
  readonly #ground: Ground
  readonly #settings: QueueSettings
  readonly #classes: Classes
  readonly #endings: Endings
  readonly #trimming: Trimming
  readonly #ages: Ages
  readonly #quota: Quota
  readonly #intake: Intake
  #isTrimming = false
  #cancelSweep: Cancel = () => {}
  #isClosed = false

  private constructor(ground: Ground, settings: QueueSettings, classes: Classes) {
    const { clock } = ground.world
    this.#ground = ground
    this.#settings = settings
    this.#classes = classes
    this.#quota = new Quota(ground, settings.directory, settings.limits, classes)
    this.drops = new Drops(clock, ground.emit)
    this.#endings = new Endings(settings, this.drops, () => this.#quota.note())
    this.#trimming = new Trimming(clock, classes, this.#endings)
    this.#ages = new Ages(clock.wall(), clock.monotonic())
    this.#intake = new Intake({
      ...{ classes, quota: this.#quota, endings: this.#endings },
      canDrop: () => !this.#trimming.isRefused,
      turnedAway: (key) => this.turnAway(key, 'overflow'),
      overflowed: () => this.#trim(),
    })
  }

  /** Rejects with STORE_BUSY, DISK_FULL or DISK_UNWRITABLE. */
  static async open(ground: Ground, settings: QueueSettings): Promise<Queue> {
    const { order = 'strict', maxInFlight = maxInFlightDefault, directory } = settings
    let queue: Queue | undefined
    const classes = await Classes.open(ground, settings, {
      order,
      maxInFlight,
      sift: (feed, record) => (queue === undefined ? false : queue.#sift(feed, record)),
    })
    queue = new Queue(ground, settings, classes)
    try {
      await queue.#quota.look()
      await tellRisk(ground, directory)
      for (const { journal } of classes.feeds) await queue.#endings.conflation?.learn(journal)
      queue.#sweepLater()
      return queue
    } catch (error) {
      await classes.close().catch(() => {}) // the first error tells more
      throw diskFault(error, directory)
    }
  }

  /** Messages accepted and not settled, leased ones included. */
  get waiting(): number {
    return this.#classes.waiting
  }

  get bytes(): Bytes {
    return this.#classes.liveBytes
  }

  get inFlight(): number {
    return this.#classes.inFlight
  }

  /** Whether messages go out one at a time, because one of them may have ended the process. */
  get isSingly(): boolean {
    return this.#classes.feeds.some(({ isSingly }) => isSingly)
  }

  get totals(): Readonly<Totals> {
    return this.#classes.totals
  }

  /** Messages that the opening found to be unreadable. */
  get damaged(): number {
    return this.#classes.feeds.reduce((sum, { journal }) => sum + journal.opening.damaged, 0)
  }

  /** Whether a limit keeps messages out, or pushes old ones out. */
  get isFull(): boolean {
    return this.#quota.isFull
  }

  /** How near the next limit is, and how the directory is. */
  get ground(): Pick<QueueTally, 'limitRatio'> & Omit<StoreTally, 'directory' | 'syncs'> {
    const { ratio: limitRatio, freeBytes } = this.#quota
    return { limitRatio, freeBytes, quarantined: this.#classes.quarantined }
  }

  /** When the oldest message was stored; undefined when none waits. Rejects when a read fails. */
  oldestAt(): Promise<EpochMs | undefined> {
    return this.#trimming.oldestAt()
  }

  /** Whether older messages of a key are left out now; as long as `isConflating` is set at all. */
  set conflates(isOn: boolean) {
    const { conflation } = this.#endings
    if (conflation === undefined || conflation.isOn === isOn) return
    conflation.isOn = isOn
    for (const feed of this.#classes.feeds) feed.reread()
  }

  /** Messages that were not conflated because there are too many keys. */
  get unconflated(): number {
    return this.#endings.conflation?.unconflated ?? 0
  }

  /**
   * Keeps a message; resolves with its number when it is as safe as the durability setting says, or
   * with undefined when the queue dropped it as the newest. `key` is what `keyOf` would find.
   * Rejects with PAYLOAD_TOO_LARGE, QUEUE_FULL, DISK_FULL, DISK_STALLED or DISK_UNWRITABLE; then
   * none of it is kept.
   */
  accept(
    message: Message,
    key: string,
    priority: Priority = 'normal',
  ): Promise<Sequence | undefined> {
    return new Promise((stored, failed) => {
      this.put({ message, key, priority }, { stored, failed })
    })
  }

  /** As `accept`, without a promise. */
  put(incoming: Incoming, accepted: Accepted): void {
    this.#intake.put(incoming, accepted)
  }

  /**
   * Leases the next message made ready; a lease lasts until it is settled or the queue closes.
   * Undefined when `readAhead` comes first. `only`: of this class, out of turn.
   */
  takeReady(only?: Priority): StoredRecord | undefined {
    return this.#isClosed ? undefined : this.#classes.take(only)
  }

  /** Makes the next messages ready, of all classes or of one; resolves with whether one is. */
  async readAhead(only?: Priority): Promise<boolean> {
    return !this.#isClosed && (await this.#classes.fill(only)) && !this.#isClosed
  }

  /** Messages of one class. */
  waitingIn(priority: Priority): number {
    return this.#classes.waitingIn(priority)
  }

  /** The next `count` messages come from this class, as long as it has any. */
  lead(priority: Priority, count: number): void {
    this.#classes.lead(priority, count)
  }

  /** Ends a leased message for good. A drop is announced with its reason. */
  settle(record: StoredRecord, outcome: Outcome): void {
    const feed = this.#classes.holding(record)
    if (feed !== undefined) this.#endings.end(feed, record, outcome)
  }

  /** Suspects of a crash go out together again: one of them is kept back for another reason. */
  endSuspicion(): void {
    for (const feed of this.#classes.feeds) feed.endSuspicion()
  }

  /** The class of a leased message. */
  priorityOf(record: StoredRecord): Priority {
    return this.#classes.holding(record)?.priority ?? 'normal'
  }

  /** As `Classes.peek`: shows what waits without letting any of it go. */
  peek(count: number): Promise<StoredRecord[]> {
    return this.#classes.peek(count)
  }

  /** Counts a message as accepted and dropped, without keeping it. */
  turnAway(key: string, reason: DropReason): void {
    this.#classes.feeds[0]?.journal.dropUnstored(reason)
    this.drops.add(reason, key, undefined)
  }

  /**
   * Moves what waits in a directory that no node owns any more to the end of this queue, with the
   * ids and times it has. Stops with QUEUE_FULL at a limit, and leaves the rest where it is.
   * Rejects as `adopt`.
   */
  async adopt(directory: string): Promise<Adoption> {
    const feed = await this.#classes.of('normal')
    const refusalOf = (count: number, bytes: Bytes) => this.#quota.refusalOf(count, bytes)
    const adoption = await adoptClasses(this.#ground, directory, feed.journal, refusalOf)
    feed.stored()
    return adoption
  }

  /** Drops what a person chose, except what is leased; resolves with how many there were. */
  drop(which: Which): Promise<number> {
    const keyOf = (record: StoredRecord) => this.#endings.keyOf(record)
    return this.#trimming.chosen('operator', choiceOf(which, keyOf))
  }

  /** Writes what is under way and lets go of the directory; leases end, messages stay. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelSweep()
    await this.#trimming.stop()
    this.drops.tell()
    await this.#classes.close()
  }

  /** Whether a message that was read is not to go out; what is set aside keeps no other waiting. */
  #sift(feed: Feed, record: StoredRecord): boolean | Promise<boolean> {
    if (!this.#endings.isPoison(feed, record)) return this.#endings.sift(feed, record)
    this.#trimming.one(feed, record, 'poison').catch(() => {}) // the next sweep offers it again
    return true
  }

  /** Drops the oldest until the limits hold again. */
  #trim(): void {
    if (this.#isTrimming || this.#settings.limits.overflow !== 'drop-oldest') return
    this.#isTrimming = true
    this.#trimming
      .lowestFirst('overflow', () => this.#quota.isPassed)
      .catch(() => {}) // a read that failed is told by the journal; the next accept tries again
      .finally(() => {
        this.#isTrimming = false
      })
  }

  #sweepLater(): void {
    if (this.#isClosed) return
    this.#cancelSweep = this.#ground.world.clock.wake(sweepEvery, () => {
      this.#quota
        .look()
        .catch(() => {}) // what was known of the disk goes on to hold
        .then(() => this.#sweep())
        .catch(() => {}) // told by the journal; the next sweep tries again
        .finally(() => this.#sweepLater())
    })
  }

  async #sweep(): Promise<void> {
    const { clock } = this.#ground.world
    const { maxAge } = this.#settings.limits
    const ageOf = (storedAt: number) => this.#ages.of(storedAt, clock.wall(), clock.monotonic())
    const oldestAt = await this.oldestAt()
    let oldest = oldestAt === undefined ? ms(0) : ageOf(oldestAt)
    if (maxAge === 'unlimited') await this.#trimming.again()
    else if (this.waiting > this.inFlight) {
      await this.#trimming.lowestFirst('expired', ({ storedAt }) => {
        const age = ageOf(storedAt)
        if (age === undefined) return false
        oldest = ms(Math.max(oldest ?? 0, age))
        return age > maxAge
      })
    }
    if (oldest !== undefined) this.#quota.aged(oldest)
  }
}
