/**
 * The most recent messages of a journal, mirrored in memory so that a reader that keeps up never
 * touches the disk. Without gaps from its first to its last message. When the journal's share or
 * the process's budget is used up nobody keeps up: it lets go of all and mirrors nothing until the
 * reader has come to the end, so that a long outage costs no memory.
 */

import type { Bytes, Sequence } from '../base/units.js'
import type { Budget } from './budget.js'
import type { Reading, ReadLimits } from './reader.js'
import type { SegmentList } from './segment-list.js'

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
  /** As in the message that was stored, while it is in memory. */
  readonly value?: unknown
}

/** Who knows which messages have ended. */
type Settlements = Pick<SegmentList, 'isSettled'>

const tailBytesMax = 4 << 20

export class Tail {
  readonly #budget: Budget
  #records: (StoredRecord | undefined)[] = []
  #head = 0
  #bytes: Bytes = 0
  #isOff = false

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Sequence number from which on every message is here; Infinity when it is empty. */
  get from(): Sequence {
    return this.#records[this.#head]?.sequence ?? Number.POSITIVE_INFINITY
  }

  /** Nothing is mirrored until the reader has come to the end. */
  get isOff(): boolean {
    return this.#isOff
  }

  push(record: StoredRecord): void {
    if (this.#isOff) return
    const bytes = memoryOf(record)
    this.#records.push(record)
    this.#bytes += bytes
    this.#budget.tailBytes += bytes
    if (this.#bytes <= tailBytesMax && this.#budget.tailBytes <= this.#budget.tailBytesMax) return
    this.clear()
    this.#isOff = true
  }

  /** The reader has come to the end: it can be followed from the next message on. */
  resume(): void {
    this.#isOff = false
  }

  /** Lets go of the oldest as long as they are settled. */
  trim(segments: Settlements): void {
    while (this.#head < this.#records.length && segments.isSettled(this.from)) this.#dropOldest()
  }

  /** Unsettled messages from `from` on, in order, within the limits. */
  read(
    from: Sequence,
    limits: ReadLimits & { readonly before: Sequence },
    segments: Settlements,
  ): Reading<StoredRecord> {
    const { wanted, before } = limits
    const records: StoredRecord[] = []
    let bytes = 0
    let next = from
    for (let i = this.#position(from); i < this.#records.length; i++) {
      const record = this.#records[i]
      if (record === undefined || record.sequence >= before) break
      if (records.length >= limits.records || bytes >= limits.bytes) return { records, next }
      next = record.sequence + 1
      if (segments.isSettled(record.sequence)) continue
      if (wanted !== undefined && !wanted(record.lane, record.sequence)) continue
      records.push(record)
      bytes += record.payload.length
    }
    return { records, next: before }
  }

  clear(): void {
    this.#budget.tailBytes -= this.#bytes
    this.#bytes = 0
    this.#records = []
    this.#head = 0
  }

  #dropOldest(): void {
    const oldest = this.#records[this.#head]
    if (oldest === undefined) return
    const bytes = memoryOf(oldest)
    // An old list keeps alive what it holds, long after that has ended.
    this.#records[this.#head++] = undefined
    this.#bytes -= bytes
    this.#budget.tailBytes -= bytes
    if (this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
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

/** A value takes about as much again. */
const memoryOf = ({ bytes, value }: StoredRecord): Bytes =>
  value === undefined ? bytes : 2 * bytes
