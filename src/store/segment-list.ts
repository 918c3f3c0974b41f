/**
 * The segments of a journal in order: which one holds a message, what waits in all of them, and
 * which may go. A segment goes when all its messages were settled before a checkpoint that is now
 * durable was framed; the one before the active one stays, so that a checkpoint that rots can be
 * rebuilt from it.
 */

import type { Bytes, Sequence } from '../base/units.js'
import type { SegmentEntry } from './payloads.js'
import type { Segment } from './segment.js'
import { type Due, SparseSegments } from './sparse.js'

/** A new checkpoint is worth its price when it frees this many segments. */
const freeAtLeast = 2

export class SegmentList {
  #segments: Segment[]
  readonly #segmentBytes: Bytes
  /** Checkpoints framed so far by this process. */
  #checkpoints = 0
  readonly #emptied = new Set<Segment>()
  readonly #sparse = new SparseSegments()
  #waiting = 0
  #liveBytes: Bytes = 0

  constructor(segments: readonly Segment[], segmentBytes: Bytes) {
    this.#segments = [...segments]
    this.#segmentBytes = segmentBytes
    for (const segment of segments) {
      this.#waiting += segment.waiting
      this.#liveBytes += segment.liveBytes
      if (segment.waiting === 0) this.#emptied.add(segment)
      this.#sparse.look(segment)
    }
    this.takeSparse()
  }

  /** Messages that are not settled. */
  get waiting(): number {
    return this.#waiting
  }

  /** Framed bytes of those. */
  get liveBytes(): Bytes {
    return this.#liveBytes
  }

  get fileBytes(): Bytes {
    return this.#segments.reduce((sum, segment) => sum + segment.fileBytes, 0)
  }

  /** What a checkpoint must tell of. */
  entries(): SegmentEntry[] {
    return this.#segments.filter(({ waiting }) => waiting > 0).map((segment) => segment.entry())
  }

  /** A new last segment; one that never got a message may go like one that was emptied. */
  push(segment: Segment): void {
    const before = this.#segments.at(-1)
    if (before?.waiting === 0) this.#emptied.add(before)
    if (before !== undefined) this.#sparse.look(before)
    this.#segments.push(segment)
  }

  holding(sequence: Sequence): Segment | undefined {
    const segment = this.#segments[this.#position(sequence)]
    return segment !== undefined && segment.base <= sequence ? segment : undefined
  }

  isSettled(sequence: Sequence): boolean {
    const segment = this.holding(sequence)
    return segment === undefined || segment.isSettled(sequence - segment.base)
  }

  /** The first segment with a waiting message that could be numbered `sequence` or more. */
  waitingFrom(sequence: Sequence): Segment | undefined {
    for (let i = this.#position(sequence); i < this.#segments.length; i++) {
      const segment = this.#segments[i]
      if (segment !== undefined && segment.waiting > 0) return segment
    }
    return undefined
  }

  /** A checkpoint has been framed; returns its number. */
  framed(): number {
    return ++this.#checkpoints
  }

  /** Takes note of a message that the last segment has taken up. */
  added(framedBytes: Bytes): void {
    const last = this.#segments.at(-1)
    if (last !== undefined) this.#emptied.delete(last)
    this.#waiting++
    this.#liveBytes += framedBytes
  }

  /** Settles one message; false when it was settled before. */
  settle(segment: Segment, ordinal: number, framedBytes: Bytes): boolean {
    const before = segment.liveBytes
    if (!segment.settle(ordinal)) return false
    segment.release(framedBytes)
    this.#waiting--
    this.#liveBytes -= before - segment.liveBytes
    if (segment.waiting === 0) {
      segment.emptiedAt = this.#checkpoints
      this.#emptied.add(segment)
    } else this.#sparse.look(segment)
    return true
  }

  /**
   * Whether a new checkpoint would free enough, or bring compaction on to do so: two segments'
   * worth, or all that is left. A settlement changes it only by what it empties or makes sparse.
   */
  get wantsCheckpoint(): boolean {
    const enough = freeAtLeast * this.#segmentBytes
    let bytes = 0
    for (const segment of this.#emptied) if (this.#isFree(segment)) bytes += segment.fileBytes
    if (bytes >= enough || (bytes > 0 && this.waiting === 0)) return true
    return this.#sparse.deadBytes(this.#isKept) >= enough
  }

  /** Segments to be compacted once the checkpoint that is being framed is durable. */
  takeSparse(): Due[] {
    return this.#sparse.due(this.#isKept)
  }

  /** A segment was compacted, or could not be. */
  compacted(segment: Segment): void {
    this.#sparse.look(segment)
  }

  /** Takes out the segments that may go now that the checkpoint of this number is durable. */
  takeRemovable(checkpoint: number): Segment[] {
    const free = [...this.#emptied].filter((s) => s.emptiedAt < checkpoint && this.#isFree(s))
    for (const segment of free) {
      this.#emptied.delete(segment)
      this.#sparse.forget(segment)
      this.#segments.splice(this.#segments.indexOf(segment), 1)
    }
    return free
  }

  /** One that is being copied goes afterwards, or the copy would take its place. */
  #isFree(segment: Segment): boolean {
    return segment.compaction !== 'at work' && !this.#isKept(segment)
  }

  /** The active segment and the one before it. A function of its own, made once: see `settle`. */
  readonly #isKept = (segment: Segment): boolean =>
    segment === this.#segments.at(-1) || segment === this.#segments.at(-2)

  /** Index of the first segment that ends after `sequence`. */
  #position(sequence: Sequence): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#segments[middle]?.next ?? 0) <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
