/**
 * Time-outs of many traces, the earliest first: a binary heap in which each trace knows its place,
 * so that one that has ended leaves nothing behind. It reads no clock and holds no timer.
 */

import type { Instant } from '../base/units.js'

export interface Due {
  deadlineAt: Instant
  /** Where it stands; -1 while it is not in here. */
  place: number
}

export class Deadlines<Item extends Due> {
  readonly #heap: Item[] = []

  get first(): Item | undefined {
    return this.#heap[0]
  }

  get size(): number {
    return this.#heap.length
  }

  add(item: Item): void {
    if (item.place >= 0) return
    item.place = this.#heap.length
    this.#heap.push(item)
    this.#rise(item)
  }

  remove(item: Item): void {
    const { place } = item
    if (place < 0) return
    const last = this.#heap.pop()
    item.place = -1
    if (last === undefined || last === item) return
    this.#put(last, place)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(item: Item): void {
    while (item.place > 0) {
      const above = this.#heap[(item.place - 1) >> 1]
      if (above === undefined || above.deadlineAt <= item.deadlineAt) return
      this.#swap(item, above)
    }
  }

  #sink(item: Item): void {
    for (;;) {
      const [left, right] = [this.#heap[item.place * 2 + 1], this.#heap[item.place * 2 + 2]]
      if (left === undefined) return
      const earlier = right !== undefined && right.deadlineAt < left.deadlineAt ? right : left
      if (earlier.deadlineAt >= item.deadlineAt) return
      this.#swap(earlier, item)
    }
  }

  #swap(item: Item, other: Item): void {
    const { place } = item
    this.#put(item, other.place)
    this.#put(other, place)
  }

  #put(item: Item, place: number): void {
    this.#heap[place] = item
    item.place = place
  }
}
