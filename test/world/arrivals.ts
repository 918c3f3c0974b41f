/**
 * Things that arrive one after another, and a way to wait for the nth without looking at a clock.
 * Nothing is ever taken out.
 */

export class Arrivals<T> {
  readonly all: T[] = []
  #waiting: Array<{ count: number; resolve: (items: T[]) => void }> = []

  add(item: T): void {
    this.all.push(item)
    const due = this.#waiting.filter(({ count }) => count <= this.all.length)
    this.#waiting = this.#waiting.filter(({ count }) => count > this.all.length)
    for (const { count, resolve } of due) resolve(this.all.slice(0, count))
  }

  /** The first `count` of them, as soon as there are so many. */
  first(count: number): Promise<T[]> {
    if (this.all.length >= count) return Promise.resolve(this.all.slice(0, count))
    return new Promise((resolve) => this.#waiting.push({ count, resolve }))
  }

  /** The nth, counted from 0. */
  async nth(index: number): Promise<T> {
    const item = (await this.first(index + 1))[index]
    if (item === undefined) throw new RangeError(`nothing at ${index}`)
    return item
  }
}
