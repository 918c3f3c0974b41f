/**
 * Leaves out what is stale: of the messages of one key that still wait, only the newest goes out.
 * What is out already is never touched, and two keys with the same hash never hide each other. It
 * reads indexes once, when the queue opens, and keeps 10,000 keys of each class at most.
 */

import type { Sequence } from '../base/units.js'
import type { Feed } from './feed.js'
import type { Journal } from './journal.js'
import { Latest, type Newest } from './latest.js'
import type { StoredRecord } from './tail.js'

type Ended = Pick<StoredRecord, 'sequence' | 'bytes'> & { readonly id?: string }

export class Conflation {
  /** Numbers and order are a class's own, and so is its newest message. */
  readonly #latest = new Map<Journal, Latest>()
  readonly #keyOf: (record: StoredRecord) => string
  /** While it is off, everything goes out. */
  isOn = true

  constructor(keyOf: (record: StoredRecord) => string) {
    this.#keyOf = keyOf
  }

  /** Messages of keys beyond the 10,000, or with the hash of another key. */
  get unconflated(): number {
    return [...this.#latest.values()].reduce((sum, { unconflated }) => sum + unconflated, 0)
  }

  /** Learns from the indexes which message of each lane is the newest. */
  async learn(journal: Journal): Promise<void> {
    const latest = this.#of(journal)
    const wanted = (lane: number, sequence: Sequence) => {
      if (lane !== 0) latest.stored(lane, { sequence, bytes: 0, key: undefined })
      return false
    }
    for (let at: Sequence = 0; ; ) {
      const { next } = await journal.read(at, { records: 1, bytes: 1, wanted })
      if (next === at) return
      at = next
    }
  }

  /** A message was stored; returns the waiting one that it makes stale. */
  stored(lane: number, newest: Newest, feed: Feed): Ended | undefined {
    if (lane === 0) return undefined
    const stale = this.#of(feed.journal).stored(lane, newest)
    return this.isOn && stale !== undefined && !feed.isTaken(stale.sequence) ? stale : undefined
  }

  /** Whether a newer message of the same key waits behind this one. */
  async isStale(record: StoredRecord, journal: Journal): Promise<boolean> {
    const newest = this.isOn ? this.#of(journal).of(record.lane) : undefined
    if (newest === undefined || newest.sequence <= record.sequence) return false
    const key = newest.key ?? (await this.#keyAt(newest.sequence, journal))
    return key !== undefined && key === this.#keyOf(record)
  }

  ended(journal: Journal, lane: number, sequence: Sequence): void {
    this.#of(journal).ended(lane, sequence)
  }

  /** The key of one message, and note taken of it. */
  async #keyAt(sequence: Sequence, journal: Journal): Promise<string | undefined> {
    const limits = { records: 1, bytes: 1, before: sequence + 1 }
    const [record] = (await journal.read(sequence, limits)).records
    if (record === undefined) return undefined
    const { lane, bytes, id } = record
    const key = this.#keyOf(record)
    this.#of(journal).stored(lane, { sequence, bytes, key, id })
    return key
  }

  #of(journal: Journal): Latest {
    let latest = this.#latest.get(journal)
    if (latest === undefined) {
      latest = new Latest()
      this.#latest.set(journal, latest)
    }
    return latest
  }
}
