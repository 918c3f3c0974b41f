/**
 * Messages that wait to be written, in order, and how many of them the next write takes. It writes
 * nothing, answers nobody and sets no limit: how much may wait is the budget's.
 */

import type { Bytes, Sequence } from '../base/units.js'
import type { Message } from './active.js'
import { framingBytes } from './record.js'

/** A message to be written; exactly one of its answers is given, once. */
export interface Waiting {
  readonly message: Message
  /** Set when it is written. */
  sequence: Sequence
  resolve(sequence: Sequence): void
  reject(error: unknown): void
}

const groupBytesMax = 1 << 20

export class WaitingMessages {
  readonly #unsplitBytes: Bytes
  readonly #waiting: Waiting[] = []
  #bytes: Bytes = 0

  /** A group of up to `unsplitBytes` is not split at the end of a segment. */
  constructor(unsplitBytes: Bytes) {
    this.#unsplitBytes = unsplitBytes
  }

  get count(): number {
    return this.#waiting.length
  }

  /** Framed bytes of all of them. */
  get bytes(): Bytes {
    return this.#bytes
  }

  /** Framed bytes of the first of them; 0 when there is none. */
  get firstBytes(): Bytes {
    const [first] = this.#waiting
    return first === undefined ? 0 : framedBytes(first)
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#bytes += framedBytes(waiting)
  }

  /**
   * How many of the first make the next group, with so much room in the segment; 0 when they are to
   * go into the next segment. A group in two segments takes two syncs, so only one that would leave
   * much room unused is split.
   */
  fitting(room: Bytes): number {
    let bytes = 0
    let count = 0
    let fitting = 0
    for (const waiting of this.#waiting) {
      bytes += framedBytes(waiting)
      if (count > 0 && bytes > groupBytesMax) break
      count++
      if (bytes <= room) fitting = count
    }
    return fitting === count || bytes > this.#unsplitBytes ? fitting : 0
  }

  /** Takes out the first `count`. */
  take(count: number): Waiting[] {
    const taken = this.#waiting.splice(0, count)
    for (const waiting of taken) this.#bytes -= framedBytes(waiting)
    return taken
  }
}

function framedBytes({ message }: Waiting): Bytes {
  return message.payload.length + framingBytes
}
