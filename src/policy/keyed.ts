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

/** The key in a property or in the result of an expression; what is no text, number or yes/no is none. */
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

export class Keyed<Value> {
  /** The longest unused first. */
  readonly #values = new Map<string, Value>()
  readonly #isIdle: (value: Value) => boolean
  readonly #max: number
  #newest: string | undefined
  /** Times that a key had to share, because all others were at work. */
  crowded = 0

  /** `max` counts the shared one too, and is 2 or more. */
  constructor(isIdle: (value: Value) => boolean, max = keysMax) {
    this.#isIdle = isIdle
    this.#max = max
  }

  get size(): number {
    return this.#values.size
  }

  /** The one of this key, made if need be; `key` of the answer is the one that it is kept under. */
  of(key: string, make: (key: string) => Value): { readonly key: string; readonly value: Value } {
    const value = this.#values.get(key)
    if (value !== undefined) {
      this.#touch(key, value)
      return { key, value }
    }
    if (key !== sharedKey && !this.#hasRoom()) {
      this.crowded += 1
      return this.of(sharedKey, make)
    }
    const made = make(key)
    this.#touch(key, made)
    return { key, value: made }
  }

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  /** Forgets it, at work or not. */
  forget(key: string): boolean {
    if (this.#newest === key) this.#newest = undefined
    return this.#values.delete(key)
  }

  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries()
  }

  #touch(key: string, value: Value): void {
    if (this.#newest === key) return
    this.#newest = key
    this.#values.delete(key)
    this.#values.set(key, value)
  }

  /** One place is kept for the shared one. */
  #hasRoom(): boolean {
    const limit = this.#values.has(sharedKey) ? this.#max : this.#max - 1
    if (this.#values.size < limit) return true
    for (const [key, value] of this.#values) {
      if (key === sharedKey || !this.#isIdle(value)) continue
      return this.forget(key)
    }
    return false
  }
}
