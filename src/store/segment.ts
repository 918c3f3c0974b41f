/**
 * What is known in memory of one segment file: which messages it holds, which of them are settled,
 * how many bytes still wait. A few hundred bytes plus one bit per message once the first is
 * settled; it never touches the file.
 */

import { type Bytes, type EpochMs, epochMs, type Sequence } from '../base/units.js'
import type { SegmentEntry, SegmentIndex, Settled } from './payloads.js'
import { eachOf, rangesIn } from './ranges.js'
import { framingBytes, type Seeds, seedsOf } from './record.js'

/** Of the bytes that messages take in a sparse segment, more than 3 in 4 are dead. */
const sparseFactor = 4

export class Segment {
  readonly base: Sequence
  readonly salt: string
  readonly seeds: Seeds
  /** Name of its file: 16 digits of the first sequence number, and the salt. */
  readonly name: string
  count = 0
  settledCount = 0
  liveBytes: Bytes = 0
  fileBytes: Bytes = 0
  /** Bytes of the file that are no messages, as far as they are known. */
  fixedBytes: Bytes = 0
  compaction: 'none' | 'at work' | 'failed' = 'none'
  /** Time of the oldest message in it; Infinity while it has none. */
  oldestAt: EpochMs = epochMs(Number.POSITIVE_INFINITY)
  /** Number of checkpoints written when its last message was settled; it may go after one more. */
  emptiedAt = 0
  /** Some of its bytes have rotted: it is left as it is, for whoever may read it another day. */
  isDamaged = false
  /** Known while it is written and while it is being read. */
  index: SegmentIndex | undefined
  #settled = new Uint8Array(0)

  constructor(base: Sequence, salt: string) {
    this.base = base
    this.salt = salt
    this.seeds = seedsOf(salt, base)
    this.name = `${String(base).padStart(16, '0')}-${salt}.seg`
  }

  get waiting(): number {
    return this.count - this.settledCount
  }

  /** Bytes of settled messages that are still in the file. */
  get deadBytes(): Bytes {
    return Math.max(0, this.fileBytes - this.fixedBytes - this.liveBytes)
  }

  /** Some messages wait, and they take less than a quarter of what messages take in the file. */
  get isSparse(): boolean {
    if (this.isDamaged || this.waiting === 0 || this.settledCount === 0) return false
    return this.liveBytes * sparseFactor < this.fileBytes - this.fixedBytes
  }

  get next(): Sequence {
    return this.base + this.count
  }

  /** Takes up the message of the next ordinal. */
  add(payloadBytes: Bytes, time: EpochMs): void {
    this.count++
    this.liveBytes += payloadBytes + framingBytes
    if (time < this.oldestAt) this.oldestAt = time
  }

  /** Takes up an ordinal whose message is not in the file. */
  skip(): void {
    this.count++
  }

  isSettled(ordinal: number): boolean {
    return ((this.#settled[ordinal >> 3] ?? 0) & (1 << (ordinal & 7))) !== 0
  }

  /** Marks one message; false when it was settled before or is not in this segment. */
  settle(ordinal: number): boolean {
    if (ordinal < 0 || ordinal >= this.count || this.isSettled(ordinal)) return false
    const at = ordinal >> 3
    if (at >= this.#settled.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.count >> 3, this.#settled.length * 2))
      larger.set(this.#settled)
      this.#settled = larger
    }
    this.#settled[at] = (this.#settled[at] ?? 0) | (1 << (ordinal & 7))
    this.settledCount++
    return true
  }

  /**
   * Lets go of the bytes of settled messages; an empty segment holds none, whatever was reported.
   */
  release(bytes: Bytes): void {
    this.liveBytes = this.waiting === 0 ? 0 : Math.max(0, this.liveBytes - bytes)
  }

  /**
   * Applies what an outcome record says of this segment; returns how many it settled for the first
   * time.
   */
  apply(settled: Settled): number {
    let fresh = 0
    eachOf(settled.ranges, 0, this.count - 1, (ordinal) => {
      if (this.settle(ordinal)) fresh++
    })
    if (fresh > 0) this.release(settled.liveBytes)
    return fresh
  }

  /** A copy of who is settled, one bit per message. */
  settledBits(): Uint8Array {
    return this.#settled.slice(0, (this.count + 7) >> 3)
  }

  entry(): SegmentEntry {
    const { base, salt, count, liveBytes, fileBytes, oldestAt } = this
    return { base, salt, count, liveBytes, fileBytes, oldestAt, settled: this.#settledText() }
  }

  static from(entry: SegmentEntry): Segment {
    const segment = new Segment(entry.base, entry.salt)
    segment.count = entry.count
    segment.fileBytes = entry.fileBytes
    segment.oldestAt = entry.oldestAt
    if (entry.settled.startsWith('~')) {
      const bits = Buffer.from(entry.settled.slice(1), 'base64')
      for (let n = 0; n < entry.count; n++) {
        if (((bits[n >> 3] ?? 0) & (1 << (n & 7))) !== 0) segment.settle(n)
      }
    } else {
      eachOf(entry.settled, 0, entry.count - 1, (ordinal) => segment.settle(ordinal))
    }
    segment.liveBytes = entry.liveBytes
    return segment
  }

  #settledText(): string {
    if (this.settledCount === 0) return ''
    const ranges = rangesIn(this.#settled, this.count, (this.count / 8) * 1.4)
    return ranges ?? `~${Buffer.from(this.settledBits()).toString('base64')}`
  }
}

/** The segment that a file name tells of, or undefined for the name of something else. */
export function segmentNamed(name: string): { base: Sequence; salt: string } | undefined {
  const match = /^(\d{16})-([0-9a-f]{8})\.seg$/.exec(name)
  if (match === null) return undefined
  return { base: Number(match[1]), salt: match[2] ?? '' }
}
