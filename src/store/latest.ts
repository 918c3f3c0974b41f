/**
 * The newest message of each key, so that older ones that still wait can be left out. It knows a
 * key by its lane hash, which is only a hint: nothing is superseded before the keys themselves are
 * equal. At most 10,000 keys; what comes beyond is kept like any other message, and counted
 * (design.md 9.7).
 */

import type { Bytes, Sequence } from '../base/units.js'

export interface Newest {
  readonly sequence: Sequence
  /** Framed. */
  readonly bytes: Bytes
  /** Undefined when only the index of a file has told of it so far. */
  readonly key: string | undefined
  /** Known only of one that was read: an adopted message keeps the id it had before. */
  readonly id?: string
}

const keysMax = 10_000

export class Latest {
  /** Messages that were not looked at because there are too many keys, or two with one hash. */
  unconflated = 0
  readonly #newest = new Map<number, Newest>()

  /** Takes note of a stored message; returns the one of the same key that it makes stale. */
  stored(lane: number, newest: Newest): Newest | undefined {
    const known = this.#newest.get(lane)
    if (known !== undefined && known.sequence > newest.sequence) return undefined
    if (known === undefined && this.#newest.size >= keysMax) {
      this.unconflated++
      return undefined
    }
    this.#newest.set(lane, newest)
    if (known === undefined || known.key === undefined) return undefined
    if (known.key === newest.key) return known
    this.unconflated++
    return undefined
  }

  /** The newest known message of this lane. */
  of(lane: number): Newest | undefined {
    return this.#newest.get(lane)
  }

  /** A message has ended: nothing is stale because of it any more. */
  ended(lane: number, sequence: Sequence): void {
    if (this.#newest.get(lane)?.sequence === sequence) this.#newest.delete(lane)
  }
}
