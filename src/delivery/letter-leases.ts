/**
 * Letters that are out in a redrive: taken, and then resolved, failed again or put back, each once.
 * While one is out nobody deletes or drops it, and if it comes back by wire before its end is
 * known, how it failed is kept for that end. After a crash all of them are simply there again.
 */

import type { LetterCounts } from '../policy/letter-fate.js'
import type { Letter, LetterFailure } from './letter.js'
import type { Entry } from './letter-index.js'
import type { LetterJournal } from './letter-journal.js'
import { letterOf } from './letter-lists.js'
import { failedOnceMore } from './letter-story.js'

interface Lease {
  returned: LetterFailure | undefined
}

export class LetterLeases {
  readonly #letters: LetterJournal
  readonly #leases = new Map<Entry, Lease>()

  constructor(letters: LetterJournal) {
    this.#letters = letters
  }

  get count(): number {
    return this.#leases.size
  }

  /** Undefined when it is gone, out already, or set aside by a person. */
  async take(entry: Entry): Promise<Letter | undefined> {
    if (entry.isGone || entry.isOut || entry.aside !== undefined) return undefined
    this.#lease(entry)
    try {
      const kept = await this.#letters.read(entry)
      if (kept !== undefined) return letterOf(kept, entry)
    } catch (error) {
      this.giveBack(entry)
      throw error
    }
    this.giveBack(entry)
    return undefined
  }

  /** How it failed, if it came back by wire. */
  returnedAs(entry: Entry): LetterFailure | undefined {
    return this.#leases.get(entry)?.returned
  }

  /** It came back by wire; false when it is not out. */
  returned(entry: Entry, failure: LetterFailure): boolean {
    const lease = this.#leases.get(entry)
    if (lease !== undefined) lease.returned = failure
    return lease !== undefined
  }

  /** As if it had not gone. */
  giveBack(entry: Entry): void {
    this.#leases.delete(entry)
    entry.isOut = false
  }

  /**
   * It need not be kept any more. Takes effect at once; resolves when it will not go again in the
   * next process either, however this one ends. Rejects with DISK_FULL, or what ended the work.
   */
  resolve(entry: Entry, as: 'delivered' | 'dead-lettered'): Promise<void> {
    this.giveBack(entry)
    this.#letters.end(entry, as)
    return this.#letters.told()
  }

  /** The letter as it will be with this failure added; undefined when it is gone. */
  async failedAgain(
    entry: Entry,
    failure: LetterFailure,
    counts: LetterCounts & { readonly job: string | undefined },
  ): Promise<Letter | undefined> {
    const kept = await this.#letters.read(entry)
    if (kept === undefined) return undefined
    const { id, storedAt, original } = kept
    const story = failedOnceMore(kept, failure, counts)
    const { isGivenUp } = counts
    const { isPoison } = entry
    const state = isGivenUp ? 'given-up' : 'waiting'
    return { ...story, id, storedAt, original, isPoison, state }
  }

  /** Keeps that letter and puts it back. Rejects as `Journal.append`: then it is as it was. */
  async putBack(entry: Entry, letter: Letter): Promise<void> {
    try {
      await this.#letters.retell(entry, letter)
    } finally {
      this.giveBack(entry)
    }
  }

  #lease(entry: Entry): void {
    this.#leases.set(entry, { returned: undefined })
    entry.isOut = true
  }
}
