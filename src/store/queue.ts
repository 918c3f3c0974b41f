/**
 * A bounded queue over journals: accepts within its limits, leases messages in order, and counts
 * everything that leaves without being delivered. A leased message is never dropped. It does not
 * look into messages: a drop is told with the key that `keyOf` finds.
 */

import type { DropReason } from '../base/event.js'
import type { Fault } from '../base/fault.js'
import type { Cancel } from '../base/ports.js'
import { type Bytes, type EpochMs, epochMs, ms, type Sequence } from '../base/units.js'
import type { Message } from './active.js'
import { Classes } from './classes.js'
import { Conflation } from './conflation.js'
import { Drops } from './drops.js'
import type { Feed, Order } from './feed.js'
import { diskFault } from './files.js'
import { laneOf } from './lane.js'
import type { Newest } from './latest.js'
import { Ages, type Limits } from './limits.js'
import type { Outcome, Totals } from './payloads.js'
import { Quota } from './quota.js'
import { framingBytes } from './record.js'
import { tellRisk } from './risk.js'
import type { Ground, JournalSettings } from './settings.js'
import type { StoredRecord } from './tail.js'
import { Trimming } from './trimming.js'
import type { Priority } from './turns.js'

export interface QueueSettings extends JournalSettings {
  readonly limits: Limits
  /**
   * What a person calls a message, for events: its topic or key. The lane of a message is the hash
   * of it, or 0 for a message without one.
   */
  readonly keyOf: (record: StoredRecord) => string
  /** `strict` by default. */
  readonly order?: Order
  /** Out and not settled; 256 by default. */
  readonly maxInFlight?: number
  /** Of messages that wait with the same key, only the newest is kept. */
  readonly isConflating?: boolean
  /**
   * Takes over a message that is about to be dropped; it is settled when this resolves, and offered
   * again when it rejects. Without it a drop is counted and announced, and nothing is poison.
   */
  readonly setAside?: (record: StoredRecord, reason: DropReason) => Promise<void>
}

const sweepEvery = ms(1000)
const maxInFlightDefault = 256

export class Queue {
  readonly drops: Drops
  readonly #ground: Ground
  readonly #settings: QueueSettings
  readonly #classes: Classes
  readonly #trimming: Trimming
  readonly #conflation: Conflation | undefined
  readonly #ages: Ages
  readonly #quota: Quota
  #isTrimming = false
  #cancelSweep: Cancel = () => {}
  #isClosed = false

  private constructor(ground: Ground, settings: QueueSettings, classes: Classes) {
    const { clock } = ground.world
    this.#ground = ground
    this.#settings = settings
    this.#classes = classes
    this.#conflation = settings.isConflating ? new Conflation(settings.keyOf) : undefined
    this.#trimming = new Trimming(clock, classes, {
      drop: (feed, record, reason) => this.#drop(feed, record, reason),
    })
    this.#quota = new Quota(ground, settings.directory, settings.limits, classes)
    this.drops = new Drops(clock, ground.emit)
    this.#ages = new Ages(clock.wall(), clock.monotonic())
  }

  /** Rejects with STORE_BUSY, DISK_FULL or DISK_UNWRITABLE. */
  static async open(ground: Ground, settings: QueueSettings): Promise<Queue> {
    const { order = 'strict', maxInFlight = maxInFlightDefault, directory } = settings
    let queue: Queue | undefined
    const classes = await Classes.open(ground, settings, {
      order,
      maxInFlight,
      sift: async (feed, record) => queue !== undefined && (await queue.#sift(feed, record)),
    })
    queue = new Queue(ground, settings, classes)
    try {
      await queue.#quota.look()
      await tellRisk(ground, directory)
      await queue.#conflation?.learn((await classes.of('normal')).journal)
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

  get totals(): Readonly<Totals> {
    return this.#classes.totals
  }

  /** Messages that the opening found to be unreadable. */
  get damaged(): number {
    return this.#classes.feeds.reduce((sum, { journal }) => sum + journal.opening.damaged, 0)
  }

  get failure(): Fault | undefined {
    return this.#classes.failure
  }

  /** Whether a limit keeps messages out, or pushes old ones out. */
  get isFull(): boolean {
    return this.#quota.isFull
  }

  /** When the oldest message that waits was stored; undefined when none is known to wait. */
  get oldestAt(): EpochMs | undefined {
    const times = this.#classes.feeds.flatMap(({ oldestAt }) => oldestAt ?? [])
    return times.length === 0 ? undefined : epochMs(Math.min(...times))
  }

  /** Whether older messages of a key are left out now; as long as `isConflating` is set at all. */
  set conflates(isOn: boolean) {
    if (this.#conflation === undefined || this.#conflation.isOn === isOn) return
    this.#conflation.isOn = isOn
    for (const feed of this.#classes.feeds) feed.reread()
  }

  /** Messages that were not conflated because there are too many keys. */
  get unconflated(): number {
    return this.#conflation?.unconflated ?? 0
  }

  /**
   * Keeps a message; resolves with its number when it is as safe as the durability setting says, or
   * with undefined when the queue dropped it as the newest. `key` is what `keyOf` would find.
   * Rejects with PAYLOAD_TOO_LARGE, QUEUE_FULL, DISK_FULL, DISK_STALLED or DISK_UNWRITABLE; then
   * none of it is kept.
   */
  async accept(
    message: Message,
    key: string,
    priority: Priority = 'normal',
  ): Promise<Sequence | undefined> {
    const size = message.payload.length
    if (!this.#quota.enter(size)) {
      this.#classes.feeds[0]?.journal.dropUnstored('overflow')
      this.drops.add('overflow', key)
      return undefined
    }
    try {
      const known = this.#classes.of(priority)
      const feed = known instanceof Promise ? await known : known
      const sequence = await feed.journal.append(message)
      feed.stored()
      this.#supersede(feed, message.lane, { sequence, bytes: size + framingBytes, key })
      return sequence
    } finally {
      this.#quota.leave(size)
      if (this.#quota.isPassed) this.#trim()
    }
  }

  /**
   * Leases the next message made ready; a lease lasts until it is settled or the queue closes.
   * Undefined when `readAhead` comes first.
   */
  takeReady(): StoredRecord | undefined {
    return this.#classes.take()
  }

  /** Makes the next messages ready; resolves with whether there is one to be leased. */
  readAhead(): Promise<boolean> {
    return this.#classes.fill()
  }

  /** Ends a leased message for good. A drop is announced with its reason. */
  settle(record: StoredRecord, outcome: Outcome): void {
    const feed = this.#classes.holding(record)
    if (feed !== undefined) this.#end(feed, record, outcome)
  }

  /** As `Classes.peek`: shows what waits without letting any of it go. */
  peek(count: number): Promise<StoredRecord[]> {
    return this.#classes.peek(count)
  }

  /** Drops the oldest messages that are not leased; resolves with how many. */
  dropOldest(count: number): Promise<number> {
    return this.#trimming.matching(
      'operator',
      () => true,
      () => true,
      count,
    )
  }

  /** Drops all messages of one key that are not leased; resolves with how many. */
  dropKey(key: string): Promise<number> {
    const lane = laneOf(key)
    const isMeant = (record: StoredRecord) => this.#keyOf(record) === key
    return this.#trimming.matching('operator', (other) => other === lane, isMeant, Infinity)
  }

  /** Writes what is under way and lets go of the directory; leases end, messages stay. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelSweep()
    await this.#trimming.stop()
    this.drops.tell()
    await this.#classes.close()
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

  /** Whether a message that was read is not to go out: it is ended then. */
  async #sift(feed: Feed, record: StoredRecord): Promise<boolean> {
    if (record.sequence === feed.poison && this.#settings.setAside !== undefined) {
      await this.#drop(feed, record, 'poison')
      return true
    }
    if ((await this.#conflation?.isStale(record, feed.journal)) !== true) return false
    this.#end(feed, record, 'superseded')
    return true
  }

  #supersede(feed: Feed, lane: number, newest: Newest & { readonly key: string }): void {
    const stale = this.#conflation?.stored(lane, newest, feed)
    if (stale === undefined || !feed.settle(stale, 'superseded')) return
    this.drops.add('superseded', newest.key)
  }

  async #drop(feed: Feed, record: StoredRecord, reason: DropReason): Promise<void> {
    await this.#settings.setAside?.(record, reason)
    this.#end(feed, record, reason)
  }

  #end(feed: Feed, record: StoredRecord, outcome: Outcome): void {
    this.#conflation?.ended(record.lane, record.sequence)
    if (!feed.settle(record, outcome)) return
    if (outcome !== 'delivered' && outcome !== 'dead-lettered') {
      this.drops.add(outcome, this.#keyOf(record))
    }
    this.#quota.note()
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
    let oldest = this.oldestAt === undefined ? ms(0) : ageOf(this.oldestAt)
    if (maxAge !== 'unlimited' && this.waiting > this.inFlight) {
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
