/**
 * Chance that repeats: the same seed gives the same numbers on every machine (the sfc32 generator).
 * Good enough for tests and for nothing else; never a source of secrets.
 */

import type { Random } from '../../src/base/ports.js'

const twoTo32 = 2 ** 32

export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = Math.floor(seed / twoTo32) | 0
    this.#c = 0x9e3779b9 | 0
    // Neighbouring seeds begin alike; after these rounds nothing of that is left.
    for (let round = 0; round < 15; round++) this.word()
  }

  /** A whole number from 0 up to, not including, 2^32. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  fraction(): number {
    return this.word() / twoTo32
  }

  bytes(count: number): Uint8Array {
    const words = new Uint32Array((count + 3) >> 2)
    for (let i = 0; i < words.length; i++) words[i] = this.word()
    return new Uint8Array(words.buffer, 0, count)
  }
}

export const seededRandom = (seed: number): Random => new SeededRandom(seed)

/** A whole number from 0 up to, not including, `limit`. */
export const below = (random: Random, limit: number): number =>
  Math.floor(random.fraction() * limit)

/** The seed of a test run: always the same, or the one in HOLDFAST_SEED. */
export const testSeed = Number(process.env['HOLDFAST_SEED'] ?? 20_260_101)
