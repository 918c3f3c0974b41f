/** A queue that is left at both ends at the same cost, however long. Holds what it is given. */
export class Line<Value> {
  #values: Value[] = []
  #from = 0

  get size(): number {
    return this.#values.length - this.#from
  }

  get first(): Value | undefined {
    return this.#values[this.#from]
  }

  push(value: Value): void {
    this.#values.push(value)
  }

  /** The longest waiting leaves. */
  shift(): Value | undefined {
    const value = this.first
    if (value === undefined) return undefined
    this.#from += 1
    // Those that left are kept until they are half of all.
    if (this.#from * 2 > this.#values.length) {
      this.#values = this.#values.slice(this.#from)
      this.#from = 0
    }
    return value
  }

  /** The one that came last leaves. */
  pop(): Value | undefined {
    return this.size === 0 ? undefined : this.#values.pop()
  }
}
