/**
 * Ends messages that wait too long or are too many: the oldest first, of the least urgent class
 * first, never one that is leased. Each is handed over before it is settled, one after another, and
 * offered again before any other when nobody took it; after a hundred the loop gets its turn. When
 * to trim is the queue's to say.
 */

import type { DropReason } from '../base/event.js'
import { Fault } from '../base/fault.js'
import type { Clock } from '../base/ports.js'
import { type EpochMs, epochMs, type Instant, ms, type Sequence, since } from '../base/units.js'
import type { Classes } from './classes.js'
import type { Endings } from './endings.js'
import type { Feed } from './feed.js'
import type { StoredRecord } from './tail.js'

/** Messages that somebody chose to drop. */
export interface Choice {
  /** By lane hash. */
  readonly wanted: (lane: number) => boolean
  /** Asked for each that is wanted. */
  readonly isMeant: (record: StoredRecord) => boolean
  readonly atMost: number
  /** Whether whoever keeps what was set aside gets them first. */
  readonly isHandedOver: boolean
}

interface Owed {
  readonly feed: Feed
  readonly record: StoredRecord
  readonly reason: DropReason
}

/** Whether this, the oldest of its class, is to be dropped. */
export type IsDue = (oldest: StoredRecord) => boolean

/** Whoever takes longer to take a message over does not answer. */
const answerMs = 1000
/** As long as a close waits for anybody (design.md 8.15). */
const handOverWait = ms(300)
const batch = { records: 100, bytes: 256 << 10 }

export class Trimming {
  readonly #clock: Clock
  readonly #classes: Classes
  readonly #endings: Endings
  /** The oldest of each class as they were last read. */
  readonly #oldest = new Map<Feed, StoredRecord[]>()
  /** Held back and not handed over yet: the one at work, and what the process died of. */
  readonly #owed: Owed[] = []
  #hasFailed = false
  /** When the hand-over at work began. */
  #handingSince: Instant | undefined
  #running: Promise<void> = Promise.resolve()
  #isStopped = false
  /** Gives up the hand-over at work. */
  #interrupt = () => {}

  constructor(clock: Clock, classes: Classes, endings: Endings) {
    this.#clock = clock
    this.#classes = classes
    this.#endings = endings
  }

  /** The last hand-over failed, or nobody answers it: nothing can be dropped now. */
  get isRefused(): boolean {
    const begun = this.#handingSince
    return (
      this.#hasFailed || (begun !== undefined && since(begun, this.#clock.monotonic()) > answerMs)
    )
  }

  /** Drops from the least urgent class that has any, as long as they are due. */
  lowestFirst(reason: DropReason, isDue: IsDue): Promise<number> {
    return this.#inTurn(async () => {
      let count = 0
      for (const feed of [...this.#classes.feeds].reverse()) {
        count += await this.#dropFrom(feed, reason, isDue)
      }
      return count
    })
  }

  /** Drops what was chosen; resolves with how many there were. */
  chosen(reason: DropReason, choice: Choice): Promise<number> {
    return this.#inTurn(async () => {
      let count = choice.isHandedOver ? 0 : this.#endOwed(reason, choice)
      let left = choice.atMost
      for (const feed of [...this.#classes.feeds].reverse()) {
        const dropped = await this.#dropChosen(feed, reason, { ...choice, atMost: left })
        left -= dropped
        count += dropped
      }
      return count
    }, choice.isHandedOver)
  }

  /** Sets one message aside. It neither goes out nor is ended by anybody else from now on. */
  one(feed: Feed, record: StoredRecord, reason: DropReason): Promise<number> {
    this.#owe(feed, record, reason)
    return this.#inTurn(async () => 1)
  }

  /** Offers again what nobody took. */
  again(): Promise<number> {
    return this.#inTurn(async () => 0)
  }

  /** When the oldest message of all classes was stored; read where none is in memory. */
  async oldestAt(): Promise<EpochMs | undefined> {
    const times = this.#classes.feeds.map(async (feed) => {
      return feed.oldestAt ?? (await this.#oldestOf(feed))?.storedAt
    })
    const known = (await Promise.all(times)).filter((time) => time !== undefined)
    return known.length === 0 ? undefined : epochMs(Math.min(...known))
  }

  /**
   * Begins nothing new; resolves when what is being dropped is settled. A hand-over that hangs is
   * not waited for: its message stays, and is offered again after the next opening.
   */
  async stop(): Promise<void> {
    this.#isStopped = true
    const cancel = this.#clock.wake(handOverWait, () => this.#interrupt())
    await this.#running
    cancel()
  }

  async #dropChosen(feed: Feed, reason: DropReason, choice: Choice): Promise<number> {
    const wanted = (lane: number, sequence: Sequence) =>
      isFree(feed, sequence) && choice.wanted(lane)
    let count = 0
    for (let at = 0; count < choice.atMost && !this.#isStopped; ) {
      const { records, next } = await feed.journal.read(at, { wanted, ...batch })
      if (next === at) break
      at = next
      for (const record of records.filter((one) => choice.isMeant(one))) {
        if (count === choice.atMost || !isFree(feed, record.sequence)) continue
        if (choice.isHandedOver) await this.#drop(feed, record, reason)
        else this.#endings.end(feed, record, reason)
        count++
      }
      await new Promise<void>((go) => this.#clock.soon(go))
    }
    return count
  }

  async #dropFrom(feed: Feed, reason: DropReason, isDue: IsDue): Promise<number> {
    let count = 0
    while (!this.#isStopped) {
      const oldest = await this.#oldestOf(feed)
      if (oldest === undefined || this.#isStopped || !isDue(oldest)) return count
      if (!isFree(feed, oldest.sequence)) continue // in the turn between the look and this line
      await this.#drop(feed, oldest, reason)
      count++
      if (count % batch.records === 0) await new Promise<void>((go) => this.#clock.soon(go))
    }
    return count
  }

  #drop(feed: Feed, record: StoredRecord, reason: DropReason): Promise<void> {
    this.#owe(feed, record, reason)
    return this.#handOver()
  }

  #owe(feed: Feed, record: StoredRecord, reason: DropReason): void {
    feed.hold(record.sequence)
    this.#owed.push({ feed, record, reason })
  }

  async #handOver(): Promise<void> {
    for (let next = this.#owed[0]; next !== undefined; next = this.#owed[0]) {
      this.#handingSince = this.#clock.monotonic()
      try {
        await this.#endings.drop(next.feed, next.record, next.reason, (work) => this.#unless(work))
        this.#hasFailed = false
      } catch (error) {
        this.#hasFailed = true
        throw error
      } finally {
        this.#handingSince = undefined
      }
      this.#owed.shift()
    }
  }

  /** Rejects with INTERRUPTED when it is not done in time for a close. */
  #unless(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => reject(new Fault('INTERRUPTED'))
      work.then(resolve, reject)
    })
  }

  /** For good, whether anybody takes them or not. */
  #endOwed(reason: DropReason, { wanted, isMeant }: Choice): number {
    const isChosen = ({ record }: Owed) => wanted(record.lane) && isMeant(record)
    const chosen = this.#owed.filter(isChosen)
    for (const owed of chosen) {
      this.#owed.splice(this.#owed.indexOf(owed), 1)
      this.#endings.end(owed.feed, owed.record, reason)
    }
    if (this.#owed.length === 0) this.#hasFailed = false
    return chosen.length
  }

  /** The oldest that is neither taken nor settled. */
  async #oldestOf(feed: Feed): Promise<StoredRecord | undefined> {
    const known = this.#oldest.get(feed) ?? []
    while (known[0] !== undefined && !isFree(feed, known[0].sequence)) known.shift()
    if (known[0] !== undefined) return known[0]
    const wanted = (_lane: number, sequence: number) => !feed.isTaken(sequence)
    for (let at = 0; ; ) {
      const { records, next } = await feed.journal.read(at, { wanted, ...batch })
      const free = records.filter(({ sequence }) => isFree(feed, sequence))
      if (free.length > 0 || next === at) {
        this.#oldest.set(feed, free)
        return free[0]
      }
      at = next
    }
  }

  /** One pass at a time, or two would drop the same message. */
  #inTurn(work: () => Promise<number>, offersFirst = true): Promise<number> {
    const turn = this.#running.then(async () => {
      if (offersFirst && !this.#isStopped) await this.#handOver()
      return work()
    })
    this.#running = turn.then(
      () => {},
      () => {}, // whoever asked is told
    )
    return turn
  }
}

/** Whether nobody has it and it has not ended. */
function isFree(feed: Feed, sequence: Sequence): boolean {
  return !feed.isTaken(sequence) && !feed.journal.isSettled(sequence)
}
