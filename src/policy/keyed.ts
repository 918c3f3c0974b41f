/**
 * One of something for each value of a key: a breaker, a bulkhead. At most so many are kept, the
 * longest unused idle one goes first, and one at work is never forgotten: when all are at work, a
 * further key shares the one of all messages without a key.
 */

/** Longer keys are cut, so that two that begin alike for so long share one. */
export const keyLengthMax = 128
export const keysMax = 1000

/** The key of messages without one. */
export const sharedKey = ''

/** The key in a property or a result; what is neither text, number nor yes or no is none. */
export function keyFrom(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > keyLengthMax ? value.slice(0, keyLengthMax) : value
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      return sharedKey
  }
}

interface Entry<Value> {
  readonly key: string
  readonly value: Value
  /** Grows over all entries: the least was used longest ago. */
  used: number
}

export class Keyed<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #isIdle: (value: Value) => boolean
  readonly #max: number
  #uses = 0
  /** Times that a key had to share, because all others were at work. */
  crowded = 0

  /** `max` counts the shared one too, and is 2 or more. */
  constructor(isIdle: (value: Value) => boolean, max = keysMax) {
    this.#isIdle = isIdle
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  /** The one of this key, made if need be; `key` of the answer is the one that it is kept under. */
  of(key: string, make: (key: string) => Value): { readonly key: string; readonly value: Value } {
    this.#uses += 1
    const entry = this.#entries.get(key)
    if (entry !== undefined) {
      entry.used = this.#uses
      return entry
    }
    if (key !== sharedKey && !this.#hasRoom()) {
      this.crowded += 1
      return this.of(sharedKey, make)
    }
    const made = { key, value: make(key), used: this.#uses }
    this.#entries.set(key, made)
    return made
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value
  }

  /** Forgets it, at work or not. */
  forget(key: string): boolean {
    return this.#entries.delete(key)
  }

  /** In no order that means anything. */
  *entries(): Generator<readonly [key: string, value: Value]> {
    for (const { key, value } of this.#entries.values()) yield [key, value]
  }

  /** One place is kept for the shared one. */
  #hasRoom(): boolean {
    const limit = this.#entries.has(sharedKey) ? this.#max : this.#max - 1
    if (this.#entries.size < limit) return true
    let oldest: Entry<Value> | undefined
    for (const entry of this.#entries.values()) {
      if (entry.key === sharedKey || (oldest !== undefined && oldest.used < entry.used)) continue
      if (this.#isIdle(entry.value)) oldest = entry
    }
    return oldest !== undefined && this.forget(oldest.key)
  }
}
