/**
 * Whose turn it is among the classes of priority: of 21 messages that could all go, 16 are high, 4
 * normal and 1 low unless said otherwise, so that none is ever starved; a class with nothing to
 * send gives its turn away at once. Pure (design.md 9.7).
 */

/** From the most to the least urgent. */
export const priorities = ['high', 'normal', 'low'] as const

export type Priority = (typeof priorities)[number]

/** How many turns each class has in a round; one without any goes when no other can. */
export type Shares = Readonly<Record<Priority, number>>

const sharesDefault: Shares = { high: 16, normal: 4, low: 1 }

export class Turns {
  readonly #shares: Shares
  #left: Record<Priority, number>
  #lead: { readonly priority: Priority; left: number } | undefined

  constructor(shares: Shares = sharesDefault) {
    this.#shares = shares
    this.#left = { ...shares }
  }

  /** The next `count` messages come from this class, as long as it has any. */
  lead(priority: Priority, count: number): void {
    this.#lead = count > 0 ? { priority, left: count } : undefined
  }

  /** The class to take the next message from, of those that have one. */
  next(ready: readonly Priority[]): Priority | undefined {
    if (this.#lead !== undefined && ready.includes(this.#lead.priority)) return this.#lead.priority
    const first = this.#first(ready)
    if (first !== undefined || ready.length === 0) return first
    this.#left = { ...this.#shares }
    return this.#first(ready) ?? priorities.find((priority) => ready.includes(priority))
  }

  /** A message of this class went out. */
  took(priority: Priority): void {
    if (this.#lead?.priority === priority && --this.#lead.left === 0) this.#lead = undefined
    this.#left[priority]--
  }

  #first(ready: readonly Priority[]): Priority | undefined {
    return priorities.find((priority) => ready.includes(priority) && this.#left[priority] > 0)
  }
}
