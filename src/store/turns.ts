/**
 * Whose turn it is among the classes of priority: of 21 messages that could all go, 16 are high, 4
 * normal and 1 low, so that none is ever starved; a class with nothing to send gives its turn away
 * at once. Pure (design.md 9.7).
 */

/** From the most to the least urgent. */
export const priorities = ['high', 'normal', 'low'] as const

export type Priority = (typeof priorities)[number]

const shares: Readonly<Record<Priority, number>> = { high: 16, normal: 4, low: 1 }

export class Turns {
  #left: Record<Priority, number> = { ...shares }

  /** The class to take the next message from, of those that have one. */
  next(ready: readonly Priority[]): Priority | undefined {
    const first = this.#first(ready)
    if (first !== undefined || ready.length === 0) return first
    this.#left = { ...shares }
    return this.#first(ready)
  }

  /** A message of this class went out. */
  took(priority: Priority): void {
    this.#left[priority]--
  }

  #first(ready: readonly Priority[]): Priority | undefined {
    return priorities.find((priority) => ready.includes(priority) && this.#left[priority] > 0)
  }
}
