/**
 * Payloads for the crash workload: noise of many sizes, and sometimes bytes of the journal itself,
 * as when somebody sends its files. It keeps no payload; equal bytes may come again.
 */

import type { Random } from '../../src/base/ports.js'
import { below, seededRandom } from './seeded-random.js'

const sizes = [0, 1, 40, 100, 200, 200, 300, 388, 449, 450, 451, 1000]
/** Rare, because every state reads them all. */
const widerSizes = [4000, 20_000, 60_000]
const widerShare = 0.01
/** For a few lives only. */
const largeSizes = [70_000, 70_000, 300_000, 300_000, 1 << 20, 5 << 20]
const largeShare = 0.1
const ownShare = 0.05
const noise = seededRandom(4711).bytes(6 << 20)

export class CrashPayloads {
  readonly #random: Random
  readonly #hasLarge: boolean
  readonly #journalBytes: () => Uint8Array | undefined

  constructor(random: Random, hasLarge: boolean, journalBytes: () => Uint8Array | undefined) {
    this.#random = random
    this.#hasLarge = hasLarge
    this.#journalBytes = journalBytes
  }

  next(lane: number): Uint8Array {
    const own = this.#random.fraction() < ownShare ? this.#journalBytes() : undefined
    if (own !== undefined) return own.subarray(-2000)
    const some = this.#sizes()
    const size = some[below(this.#random, some.length)] ?? 0
    const at = (lane * 7919) % (noise.length - size)
    return noise.subarray(at, at + size)
  }

  #sizes(): readonly number[] {
    const lot = this.#random.fraction()
    if (this.#hasLarge && lot < largeShare) return largeSizes
    return lot < widerShare ? widerSizes : sizes
  }
}
