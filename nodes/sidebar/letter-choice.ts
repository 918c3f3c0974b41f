/**
 * Which dead letters a person has ticked: single ones, whole causes, or all that pass the filter.
 * It knows of letters no more than their ids, and asks nobody; a whole cause means the letters that
 * it has when the order is given. It imports types only, so that the browser gets this very file.
 */

import type { Cause } from './letter-shapes.js'

/** A letter in the list where it is shown: `list` is its cause, or what stands for the filter. */
export interface Ticked {
  readonly id: string
  readonly list: string
}

export class Choice {
  readonly #lists = new Set<string>()
  readonly #letters = new Map<string, string>()

  get isEmpty(): boolean {
    return this.#lists.size === 0 && this.#letters.size === 0
  }

  /** Lists that are ticked as a whole. */
  get lists(): readonly string[] {
    return [...this.#lists]
  }

  /** Letters that are ticked one by one. */
  get ids(): readonly string[] {
    return [...this.#letters.keys()]
  }

  /** The lists in which anything is ticked. */
  get places(): readonly string[] {
    return [...new Set([...this.#lists, ...this.#letters.values()])]
  }

  /** `some`: a few of its letters. */
  ofList(list: string): 'all' | 'some' | 'none' {
    if (this.#lists.has(list)) return 'all'
    return [...this.#letters.values()].includes(list) ? 'some' : 'none'
  }

  has({ id, list }: Ticked): boolean {
    return this.#lists.has(list) || this.#letters.has(id)
  }

  tickList(list: string, isTicked: boolean): void {
    for (const [id, of] of this.#letters) if (of === list) this.#letters.delete(id)
    if (isTicked) this.#lists.add(list)
    else this.#lists.delete(list)
  }

  /** One is taken out of a list that was ticked as a whole: the others that are `shown` stay. */
  tick(letter: Ticked, isTicked: boolean, shown: readonly string[]): void {
    const { id, list } = letter
    if (isTicked) this.#letters.set(id, list)
    else if (this.#lists.delete(list)) {
      for (const other of shown) if (other !== id) this.#letters.set(other, list)
    } else this.#letters.delete(id)
  }

  /** How many letters that is. */
  count(lists: readonly Pick<Cause, 'cause' | 'count'>[]): number {
    const whole = lists.filter(({ cause }) => this.#lists.has(cause))
    return whole.reduce((sum, { count }) => sum + count, this.#letters.size)
  }

  /** Lists that are gone, and letters that a list as a whole does not show any more, are not. */
  forget(lists: readonly string[], isGone: (letter: Ticked) => boolean): void {
    for (const list of this.#lists) if (!lists.includes(list)) this.#lists.delete(list)
    for (const [id, list] of this.#letters) {
      if (!lists.includes(list) || isGone({ id, list })) this.#letters.delete(id)
    }
  }

  clear(): void {
    this.#lists.clear()
    this.#letters.clear()
  }
}
