/**
 * What a dead letter node counts: what arrived and why, what was sent round and how that ended, and
 * what it holds just now. Read only when somebody asks.
 */

import { type By, countIn } from '../../src/base/counts.js'
import type { Balance, LettersTally, Tally } from '../../src/base/tally.js'
import type { Arrival, Arrived } from '../../src/delivery/letter.js'
import type { Letters } from '../../src/delivery/letters.js'
import { flowFrom, wordsOf } from '../common/queue-meter.js'
import type { Context } from '../common/room.js'

export class Meter {
  readonly #counts: Context<unknown>['counts']
  readonly #letters: Letters
  readonly #directory: string
  readonly #arrived: By

  constructor({ counts }: Pick<Context<unknown>, 'counts'>, letters: Letters, directory: string) {
    this.#counts = counts
    this.#letters = letters
    this.#directory = directory
    this.#arrived = counts.by('arrived')
    counts.carried.begin(wordsOf(balanceOf(letters)))
  }

  /** One that was here before is none that arrives. */
  arrived({ reason }: Arrival, { is }: Arrived): void {
    if (is === 'new') countIn(this.#arrived, reason)
  }

  tally(): Tally {
    return { letters: this.#tally(), outcomes: this.#counts.outcomes }
  }

  /** Before the letters close. */
  close(): void {
    this.#counts.carried.counted(wordsOf(balanceOf(this.#letters)))
  }

  #tally(): LettersTally {
    const { stats, isPaused, store } = this.#letters
    const { waiting, givenUp, bytes, causes, fresh, isNearlyFull } = stats
    const { syncs, carried } = this.#counts
    const balance = balanceOf(this.#letters)
    return {
      ...{ waiting: waiting + givenUp, bytes, causes, fresh, isNearlyFull, isPaused },
      ...{ arrived: this.#arrived, redriven: this.#counts.by('redriven'), balance },
      counted: flowFrom(carried.counted(wordsOf(balance))),
      store: { directory: this.#directory, syncs, ...store },
    }
  }
}

function balanceOf({ totals }: Letters): Balance {
  const { stored: waiting, ...flow } = totals
  return { ...flow, waiting }
}
