/**
 * The most recent messages of a journal, mirrored in memory so that a reader that keeps up never
 * touches the disk. Without gaps from its first to its last message; the oldest go when the
 * journal's share or the process's budget is used up.
 */

import type { Bytes, Sequence } from '../base/units.js'
import type { Budget } from './budget.js'

/** A message as it lies in the journal. */
export interface StoredRecord {
  readonly sequence: Sequence
  /** `<queue>-<salt>-<sequence>`: the same over restarts, attempts and moves. */
  readonly id: string
  readonly storedAt: number
  readonly codec: number
  readonly lane: number
  readonly payload: Uint8Array
  /** Framed bytes on disk. */
  readonly bytes: Bytes
}

const tailBytesMax = 4 << 20

export class Tail {
  readonly #budget: Budget
  #records: StoredRecord[] = []
  #head = 0
  #bytes: Bytes = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Sequence number from which on every message is here; Infinity when it is empty. */
  get from(): Sequence {
    return this.#records[this.#head]?.sequence ?? Number.POSITIVE_INFINITY
  }

  push(record: StoredRecord): void {
    this.#records.push(record)
    this.#bytes += record.bytes
    this.#budget.tailBytes += record.bytes
    while (this.#bytes > tailBytesMax || this.#budget.tailBytes > this.#budget.tailBytesMax) {
      if (!this.#dropOldest()) return
    }
  }

  /** Lets go of the oldest as long as they are settled. */
  trim(isSettled: (sequence: Sequence) => boolean): void {
    while (this.#head < this.#records.length && isSettled(this.from)) this.#dropOldest()
  }

  /** Unsettled messages from `from` on, in order, within the limits. */
  read(
    from: Sequence,
    limits: { readonly records: number; readonly bytes: Bytes; readonly before: Sequence },
    isSettled: (sequence: Sequence) => boolean,
  ): StoredRecord[] {
    const found: StoredRecord[] = []
    let bytes = 0
    for (let i = this.#position(from); i < this.#records.length; i++) {
      const record = this.#records[i]
      if (record === undefined || record.sequence >= limits.before) break
      if (found.length >= limits.records || bytes >= limits.bytes) break
      if (isSettled(record.sequence)) continue
      found.push(record)
      bytes += record.payload.length
    }
    return found
  }

  clear(): void {
    while (this.#dropOldest());
  }

  #dropOldest(): boolean {
    const oldest = this.#records[this.#head]
    if (oldest === undefined) return false
    this.#head++
    this.#bytes -= oldest.bytes
    this.#budget.tailBytes -= oldest.bytes
    if (this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
    return true
  }

  /** Index of the first record at or after `sequence`. */
  #position(sequence: Sequence): number {
    let low = this.#head
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#records[middle]?.sequence ?? 0) < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
