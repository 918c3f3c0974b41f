/**
 * The messages of one journal in the order in which they may go out: strictly one after another,
 * or one per lane at a time. It reads a window ahead, leases from it, tells the journal before it
 * lets anything go, and holds suspects of a crash apart. It knows no limits and drops nothing by
 * itself.
 */

import type { Sequence } from '../base/units.js'
import { ahead, isCrowd } from './crowd.js'
import type { Journal } from './journal.js'
import { Lanes, lanesMax, perLane } from './lanes.js'
import { Leases } from './leases.js'
import type { Outcome } from './payloads.js'
import { ReadingOn } from './reading-on.js'
import { Releases } from './releases.js'
import type { StoredRecord } from './tail.js'
import type { Priority } from './turns.js'

/** `lanes`: order holds within each lane, and at most one message of a lane is out. */
export type Order = 'strict' | 'lanes'

export interface FeedSettings {
  readonly priority: Priority
  readonly order: Order
  /** Out and not settled. */
  readonly maxInFlight: number
  /** Ends a message before it goes out, if it is not to go; resolves with whether it was ended. */
  readonly sift: (feed: Feed, record: StoredRecord) => boolean | Promise<boolean>
}

export class Feed {
  readonly journal: Journal
  readonly priority: Priority
  readonly #settings: FeedSettings
  readonly #leased = new Leases()
  readonly #lanes: Lanes | undefined
  readonly #releases: Releases
  /** Read and not leased yet, in order. */
  #ahead: StoredRecord[] = []
  readonly #reading: ReadingOn
  #filling: Promise<void> | undefined
  /** What is in memory has to be sifted anew. */
  #isStale = false
  /** Nothing has happened since it was found that no message may go. */
  #isIdle = false
  /** Being set aside: they neither go out nor count as out. */
  readonly #held = new Set<Sequence>()

  constructor(journal: Journal, settings: FeedSettings) {
    this.journal = journal
    this.priority = settings.priority
    this.#settings = settings
    this.#lanes = settings.order === 'lanes' ? new Lanes() : undefined
    this.#releases = new Releases(settings.maxInFlight, journal.opening.suspects)
    this.#reading = new ReadingOn(journal, (record) => this.#keep(record))
  }

  get inFlight(): number {
    return this.#leased.size
  }

  /** Was out alone when the process died, twice: it is to be set aside, not sent. */
  get poison(): Sequence | undefined {
    return this.#releases.poison
  }

  /** When the oldest message that is known to wait was stored. */
  get oldestAt(): number | undefined {
    const times = this.#leased.values().map(({ storedAt }) => storedAt)
    return times.length > 0 ? Math.min(...times) : this.#ahead[0]?.storedAt
  }

  /** Whether messages go out one at a time, because one of them may have ended the process. */
  get isSingly(): boolean {
    return this.#releases.isSingly
  }

  /** Whether it is leased or being set aside: nobody else may end it. */
  isTaken(sequence: Sequence): boolean {
    return this.#leased.has(sequence) || this.#held.has(sequence)
  }

  /** Whether this very lease is one of this feed's. */
  holds(record: StoredRecord): boolean {
    return this.#leased.get(record.sequence) === record
  }

  /** Whether a message can be leased at once. */
  get isReady(): boolean {
    return this.#nextIndex() >= 0
  }

  /** Whether `fill` might make a message ready. */
  get wantsFill(): boolean {
    return !this.#isIdle && this.inFlight < this.#settings.maxInFlight && !this.isReady
  }

  stored(): void {
    this.#isIdle = false
  }

  /** Keeps a message from going out while it is set aside, until it is settled. */
  hold(sequence: Sequence): void {
    this.#held.add(sequence)
    this.#forget(sequence)
  }

  /** Leases the next message that may go, if one is ready. */
  take(): StoredRecord | undefined {
    const index = this.#nextIndex()
    const record = this.#ahead[index]
    if (record === undefined) return undefined
    if (index === 0) this.#ahead.shift()
    else this.#ahead.splice(index, 1)
    this.#isIdle = false
    this.#leased.add(record)
    this.#lanes?.out(record.lane)
    if (this.#lanes === undefined) this.#prepare(record.sequence)
    return record
  }

  /** Makes the next message ready, if there is one that may go. */
  fill(): Promise<void> {
    if (this.#filling === undefined && this.wantsFill) {
      this.#filling = this.#fill().finally(() => {
        this.#filling = undefined
      })
    }
    return this.#filling ?? Promise.resolve()
  }

  /** Ends a message, leased or not; false when it had ended before. */
  settle(record: Pick<StoredRecord, 'sequence' | 'bytes'>, outcome: Outcome): boolean {
    this.#isIdle = false
    this.#held.delete(record.sequence)
    const leased = this.#leased.get(record.sequence)
    if (leased === undefined) this.#forget(record.sequence)
    else {
      this.#leased.delete(record.sequence)
      if (this.#lanes === undefined) this.#releases.ended()
      else this.#lanes.ended(leased.lane, this.isSingly)
    }
    return this.journal.settle(record, outcome)
  }

  /** Suspects of a crash go out together again. */
  endSuspicion(): void {
    this.#releases.endSuspicion()
    this.#isIdle = false
  }

  /** Sifts anew what was read ahead. */
  reread(): void {
    this.#isStale = true
    this.#isIdle = false
  }

  /** What would keep the next messages waiting for the disk is begun now. */
  #prepare(sequence: Sequence): void {
    const told = this.#releases.ahead(sequence)
    if (told) this.journal.released(told).then(this.#releases.told, () => {}) // `fill` tells
    if (this.#filling === undefined && !this.#isStale) this.#reading.left(this.#ahead.length)
  }

  #forget(sequence: Sequence): void {
    const index = this.#ahead.findIndex((record) => record.sequence === sequence)
    if (index >= 0) this.#ahead.splice(index, 1)
  }

  #nextIndex(): number {
    const index = this.#isStale ? -1 : this.#candidate()
    const record = this.#ahead[index]
    if (record === undefined) return -1
    return this.#releases.permits(record.sequence, this.inFlight) ? index : -1
  }

  /** The first message in memory whose turn it is by order. */
  #candidate(): number {
    const lanes = this.#lanes
    if (lanes === undefined) return this.#ahead.length > 0 ? 0 : -1
    return this.#ahead.findIndex(({ lane, sequence }) => lanes.isNext(lane, sequence))
  }

  /** Again as long as something happens meanwhile that it may not have seen. */
  async #fill(): Promise<void> {
    try {
      while (this.wantsFill) {
        this.#isIdle = true
        await this.#fillOnce()
      }
    } catch (error) {
      this.#isIdle = false
      throw error
    }
  }

  async #fillOnce(): Promise<void> {
    if (this.#reading.early !== undefined) await this.#reading.early
    if (this.#isStale) this.#evict(0)
    this.#isStale = false
    await this.#look()
    if (this.#candidate() < 0 && this.inFlight === 0 && this.isSingly) {
      this.#releases.endSuspicion()
      await this.#look()
    }
    const next = this.#ahead[this.#candidate()]
    if (next === undefined || (this.isSingly && this.inFlight > 0)) return
    if (this.#releases.permits(next.sequence, this.inFlight)) return
    this.#releases.told(await this.journal.released(this.#releases.next(next.sequence)))
  }

  /** Brings a message into memory whose turn it is, if there is one. */
  async #look(): Promise<void> {
    if (this.#candidate() < 0 && isCrowd(this.#ahead)) this.#evict(this.#ahead.length >> 1)
    if (this.#candidate() < 0 && isCrowd(this.#ahead)) this.#evict(0)
    if (this.#lanes !== undefined) {
      if (!this.isSingly) this.#lanes.goOn()
      await this.#fetchPassed(this.#lanes)
    }
    if (this.#candidate() < 0) await this.#scan()
  }

  /** Reads on from where it stopped, past lanes that are held, until a message may go. */
  async #scan(): Promise<void> {
    const lanes = this.#lanes
    const wanted = (lane: number, sequence: Sequence) => {
      if (lanes === undefined || !lanes.isHeld(lane)) return true
      lanes.passed(lane, sequence)
      return false
    }
    while (this.#candidate() < 0 && (lanes === undefined || lanes.size < lanesMax)) {
      if (!(await this.#reading.read(wanted))) return
    }
  }

  /** Fetches what was passed over of lanes that may go on, the oldest first. */
  async #fetchPassed(lanes: Lanes): Promise<void> {
    try {
      for (const { lane, from } of lanes.passedOver()) {
        if (isCrowd(this.#ahead)) break
        await this.#fetchLane(lanes, lane, from)
      }
    } finally {
      this.#ahead.sort((a, b) => a.sequence - b.sequence)
    }
  }

  async #fetchLane(lanes: Lanes, lane: number, from: Sequence): Promise<void> {
    const wanted = (other: number) => other === lane
    const limits = { records: perLane, bytes: ahead.bytes, before: this.#reading.position, wanted }
    let at = from
    let kept = 0
    while (kept === 0 && at < this.#reading.position) {
      const { records, next } = await this.journal.read(at, limits)
      if (next === at) break
      at = next
      for (const record of records) {
        lanes.lookedUp(lane, record.sequence) // from here again if it cannot be sifted
        if (await this.#keep(record)) kept++
      }
    }
    lanes.lookedUp(lane, at < this.#reading.position && kept > 0 ? at : undefined)
  }

  /**
   * Takes up a message that was read, unless it has ended meanwhile. A promise only where the sift
   * gives one: one for each message is half of what a drain allocates.
   */
  #keep(record: StoredRecord): boolean | Promise<boolean> {
    if (this.#isGone(record.sequence)) return false
    const sifted = this.#settings.sift(this, record)
    if (!(sifted instanceof Promise)) return this.#keepUnless(sifted, record)
    return sifted.then((isEnded) => this.#keepUnless(isEnded, record))
  }

  #keepUnless(isEnded: boolean, record: StoredRecord): boolean {
    if (isEnded || this.#isGone(record.sequence)) return false
    this.#ahead.push(record)
    return true
  }

  #isGone(sequence: Sequence): boolean {
    return this.isTaken(sequence) || this.journal.isSettled(sequence)
  }

  /** Lets go of the newest in memory; they are read again when it is their turn. */
  #evict(keep: number): void {
    for (const { lane, sequence } of this.#ahead.splice(keep).reverse()) {
      if (this.#lanes?.isHeld(lane) === true) this.#lanes.passed(lane, sequence)
      else this.#reading.position = Math.min(this.#reading.position, sequence)
    }
  }
}
