/**
 * Which sealed segments are mostly dead bytes, and since when: one is due to be compacted when it
 * was sparse at one checkpoint and still is at the next, so that a drain in order, which empties a
 * segment soon after it has made it sparse, rewrites nothing. It touches no file.
 */

import type { Bytes } from '../base/units.js'
import type { Segment } from './segment.js'

/** A segment to be compacted, and the messages that are to be left out: one bit for each. */
export interface Due {
  readonly segment: Segment
  /** Settled before the checkpoint before the newest: if that one rots, none of them is missed. */
  readonly settled: Uint8Array
}

export class SparseSegments {
  /** Sparse when last looked at. */
  readonly #seen = new Set<Segment>()
  /** Sparse at the last checkpoint, and what was settled then. */
  #noted = new Map<Segment, Uint8Array>()

  /** To be called when messages of a segment have been settled. */
  look(segment: Segment): void {
    if (segment.isSparse) this.#seen.add(segment)
  }

  forget(segment: Segment): void {
    this.#seen.delete(segment)
    this.#noted.delete(segment)
  }

  /** Bytes that compacting would free, leaving out those that are at work or have failed. */
  deadBytes(isKept: (segment: Segment) => boolean): Bytes {
    let bytes = 0
    for (const segment of this.#seen) {
      if (segment.compaction === 'none' && segment.isSparse && !isKept(segment)) {
        bytes += segment.deadBytes
      }
    }
    return bytes
  }

  /** To be called when a checkpoint is framed; may be acted upon once that is durable. */
  due(isKept: (segment: Segment) => boolean): Due[] {
    const before = this.#noted
    this.#noted = new Map()
    const due: Due[] = []
    for (const segment of this.#seen) {
      const isReady = segment.isSparse && segment.compaction !== 'at work'
      if (!isReady) this.#seen.delete(segment)
      if (!isReady || isKept(segment)) continue
      const settled = before.get(segment)
      if (settled === undefined) this.#noted.set(segment, segment.settledBits())
      else due.push({ segment, settled })
    }
    return due
  }
}
