/**
 * Ends messages that wait too long or are too many: the oldest first, of the least urgent class
 * first, never one that is leased. Each is handed over before it is settled, one after another, and
 * after a hundred the loop gets its turn. When to trim is the queue's to say.
 */

import type { DropReason } from '../base/event.js'
import type { Clock } from '../base/ports.js'
import type { Sequence } from '../base/units.js'
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

/** Whether this, the oldest of its class, is to be dropped. */
export type IsDue = (oldest: StoredRecord) => boolean

const batch = { records: 100, bytes: 256 << 10 }

export class Trimming {
  readonly #clock: Clock
  readonly #classes: Classes
  readonly #endings: Endings
  /** The oldest of each class as they were last read. */
  readonly #oldest = new Map<Feed, StoredRecord[]>()
  #running: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(clock: Clock, classes: Classes, endings: Endings) {
    this.#clock = clock
    this.#classes = classes
    this.#endings = endings
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
      let left = choice.atMost
      let count = 0
      for (const feed of [...this.#classes.feeds].reverse()) {
        const dropped = await this.#dropChosen(feed, reason, { ...choice, atMost: left })
        left -= dropped
        count += dropped
      }
      return count
    })
  }

  /** Begins nothing new; resolves when what is being dropped is settled. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #dropChosen(feed: Feed, reason: DropReason, choice: Choice): Promise<number> {
    const isFree = (sequence: Sequence) => !feed.isLeased(sequence)
    const wanted = (lane: number, sequence: Sequence) => isFree(sequence) && choice.wanted(lane)
    let count = 0
    for (let at = 0; count < choice.atMost && !this.#isStopped; ) {
      const { records, next } = await feed.journal.read(at, { ...batch, wanted })
      if (next === at) break
      at = next
      for (const record of records.filter((one) => choice.isMeant(one))) {
        if (count === choice.atMost || !isFree(record.sequence)) continue
        count++
        feed.hold(record.sequence)
        if (choice.isHandedOver) await this.#endings.drop(feed, record, reason)
        else this.#endings.end(feed, record, reason)
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
      feed.hold(oldest.sequence)
      await this.#endings.drop(feed, oldest, reason)
      count++
      if (count % batch.records === 0) await new Promise<void>((go) => this.#clock.soon(go))
    }
    return count
  }

  /** The oldest that is neither leased nor settled. */
  async #oldestOf(feed: Feed): Promise<StoredRecord | undefined> {
    const known = this.#oldest.get(feed) ?? []
    const isFree = ({ sequence }: StoredRecord) =>
      !feed.isLeased(sequence) && !feed.journal.isSettled(sequence)
    while (known[0] !== undefined && !isFree(known[0])) known.shift()
    if (known[0] !== undefined) return known[0]
    const wanted = (_lane: number, sequence: number) => !feed.isLeased(sequence)
    for (let at = 0; ; ) {
      const { records, next } = await feed.journal.read(at, { ...batch, wanted })
      const free = records.filter(isFree)
      if (free.length > 0 || next === at) {
        this.#oldest.set(feed, free)
        return free[0]
      }
      at = next
    }
  }

  /** One pass at a time, or two would drop the same message. */
  #inTurn(work: () => Promise<number>): Promise<number> {
    const turn = this.#running.then(work)
    this.#running = turn.then(
      () => {},
      () => {}, // whoever asked is told
    )
    return turn
  }
}
