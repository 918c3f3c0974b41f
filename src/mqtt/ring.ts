/**
 * The send ring: what was sent and not yet settled, in the order of sending. It counts places
 * since the oldest unsettled record, so that one swallowed acknowledgement holds the window instead
 * of letting everything else pass by. It knows nothing of time, sources or limits on the window.
 */

export class Ring<T> {
  readonly #slots: Array<T | undefined>
  /** Places count up for ever; the slot of a place is the remainder. */
  #head = 0
  #next = 0
  #unsettled = 0

  constructor(places: number) {
    this.#slots = new Array<T | undefined>(places).fill(undefined)
  }

  /** Places from the oldest unsettled record to the newest, settled ones in between included. */
  get used(): number {
    return this.#next - this.#head
  }

  get unsettled(): number {
    return this.#unsettled
  }

  get oldest(): T | undefined {
    return this.#slots[this.#head % this.#slots.length]
  }

  /** Puts a record at the newest place and returns that place. The ring must not be full. */
  add(record: T): number {
    if (this.used === this.#slots.length) throw new RangeError('the ring is full')
    this.#slots[this.#next % this.#slots.length] = record
    this.#unsettled += 1
    return this.#next++
  }

  /** Takes out the record at a place; undefined when it was taken out before. */
  settle(place: number): T | undefined {
    if (place < this.#head || place >= this.#next) return undefined
    const slot = place % this.#slots.length
    const record = this.#slots[slot]
    if (record === undefined) return undefined
    this.#slots[slot] = undefined
    this.#unsettled -= 1
    while (this.#head < this.#next && this.oldest === undefined) this.#head += 1
    return record
  }

  /** What is unsettled, oldest first. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let place = this.#head; place < this.#next; place++) {
      const record = this.#slots[place % this.#slots.length]
      if (record !== undefined) yield record
    }
  }

  /** Empties the ring and returns what was unsettled, oldest first. */
  drain(): T[] {
    const records = [...this]
    this.#slots.fill(undefined)
    this.#head = this.#next
    this.#unsettled = 0
    return records
  }
}
