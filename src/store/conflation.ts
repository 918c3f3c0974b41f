/**
 * Leaves out what is stale: of the messages of one key that still wait, only the newest goes out.
 * What is out already is never touched, and two keys with the same hash never hide each other. It
 * reads indexes once, when the queue opens, and keeps 10,000 keys at most.
 */

import type { Sequence } from '../base/units.js'
import type { Feed } from './feed.js'
import type { Journal } from './journal.js'
import { Latest, type Newest } from './latest.js'
import type { StoredRecord } from './tail.js'

type Ended = Pick<StoredRecord, 'sequence' | 'bytes'>

export class Conflation {
  readonly #latest = new Latest()
  readonly #keyOf: (record: StoredRecord) => string
  /** While it is off, everything goes out. */
  isOn = true

  constructor(keyOf: (record: StoredRecord) => string) {
    this.#keyOf = keyOf
  }

  /** Messages of keys beyond the 10,000, or with the hash of another key. */
  get unconflated(): number {
    return this.#latest.unconflated
  }

  /** Learns from the indexes which message of each lane is the newest. */
  async learn(journal: Journal): Promise<void> {
    const wanted = (lane: number, sequence: Sequence) => {
      if (lane !== 0) this.#latest.stored(lane, { sequence, bytes: 0, key: undefined })
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
    const stale = this.#latest.stored(lane, newest)
    return this.isOn && stale !== undefined && !feed.isLeased(stale.sequence) ? stale : undefined
  }

  /** Whether a newer message of the same key waits behind this one. */
  async isStale(record: StoredRecord, journal: Journal): Promise<boolean> {
    const newest = this.isOn ? this.#latest.of(record.lane) : undefined
    if (newest === undefined || newest.sequence <= record.sequence) return false
    const key = newest.key ?? (await this.#keyAt(newest.sequence, journal))
    return key !== undefined && key === this.#keyOf(record)
  }

  ended(lane: number, sequence: Sequence): void {
    this.#latest.ended(lane, sequence)
  }

  /** The key of one message, and note taken of it. */
  async #keyAt(sequence: Sequence, journal: Journal): Promise<string | undefined> {
    const limits = { records: 1, bytes: 1, before: sequence + 1 }
    const [record] = (await journal.read(sequence, limits)).records
    if (record === undefined) return undefined
    const { lane, bytes } = record
    const key = this.#keyOf(record)
    this.#latest.stored(lane, { sequence, bytes, key })
    return key
  }
}
