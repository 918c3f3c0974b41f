/**
 * Watches the balance of every node that keeps messages and tells, once, when it does not hold:
 * then a message is not accounted for, which is a mistake of ours and never to be passed over. It
 * mends nothing.
 */

import { differenceOf, droppedOf } from '../../src/observe/status-document.js'
import type { Roster, RosterEntry } from './roster.js'

/** What is counted in two places moves a moment apart; only what lasts is told. */
const looksMin = 2

export class Balances {
  readonly #roster: Roster
  /** In how many looks in a row it did not hold, by node. */
  readonly #broken = new Map<string, number>()

  constructor(roster: Roster) {
    this.#roster = roster
  }

  look(): void {
    const ids = new Set(this.#roster.all.map(({ id }) => id))
    for (const id of [...this.#broken.keys()]) if (!ids.has(id)) this.#broken.delete(id)
    for (const entry of this.#roster.all) this.#lookAt(entry)
  }

  #lookAt({ id, tally, emit }: RosterEntry): void {
    const { queue, letters } = tally()
    const balance = (queue ?? letters)?.balance
    if (balance === undefined || differenceOf(balance) === 0) {
      this.#broken.delete(id)
      return
    }
    const looks = (this.#broken.get(id) ?? 0) + 1
    this.#broken.set(id, looks)
    if (looks !== looksMin) return
    emit({ kind: 'balance.broken', ...balance, dropped: droppedOf(balance) })
  }
}
