/**
 * What a circuit breaker counts: its calls and how they ended, what it refused, how often it has
 * changed; and in which states its breakers are just now. Read only when somebody asks.
 */

import { type By, type Counts, countIn } from '../../src/base/counts.js'
import type { BreakerTally, BreakerWord, Spans, Tally } from '../../src/base/tally.js'
import { type Instant, since } from '../../src/base/units.js'
import type { Change } from '../../src/policy/circuit-breaker-event.js'
import type { Breaker, Permit } from '../../src/policy/circuit-breaker-state.js'
import type { Ending } from '../../src/policy/outcome.js'
import type { Breakers } from './breakers.js'

export class Meter {
  readonly #counts: Counts
  readonly #calls: By
  readonly #refused: By
  readonly #transitions: By
  readonly #callTime: Spans

  constructor(counts: Counts) {
    this.#counts = counts
    this.#calls = counts.by('calls')
    this.#refused = counts.by('refused')
    this.#transitions = counts.by('transitions')
    this.#callTime = counts.spans('calls')
  }

  refused(state: string): void {
    countIn(this.#refused, state)
  }

  /** A call with this permit has ended now; one that went well but took too long is `slow`. */
  ended({ outcome }: Ending, permit: Permit, now: Instant, { trip }: Breakers['settings']): void {
    const took = since(permit.at, now)
    const isSlow = outcome === 'ok' && trip.slowRate !== 'off' && took >= trip.slowAfter
    countIn(this.#calls, isSlow ? 'slow' : outcome)
    this.#callTime.add(took)
  }

  changed({ from, to }: Change): void {
    countIn(this.#transitions, `${from}>${to}`)
  }

  tally(breakers: Breakers): Tally {
    return { breaker: this.#breaker(breakers), outcomes: this.#counts.outcomes }
  }

  #breaker({ cells, settings }: Breakers): BreakerTally {
    const all = cells.map(({ state }) => state)
    const words = all.map(wordOf)
    // Made by the first message; until then it is as it will be then.
    if (words.length === 0 && settings.key.is === 'none') words.push('closed')
    const inState = (word: BreakerWord) => words.filter((each) => each === word).length
    const isWatching = all.length === 0 ? settings.reportOnly : false
    return {
      states: {
        closed: inState('closed'),
        open: inState('open'),
        'half-open': inState('half-open'),
        isolated: inState('isolated'),
        disabled: inState('disabled'),
      },
      shadow: all.filter(({ is }) => is === 'shadow').length + (isWatching ? words.length : 0),
      calls: this.#calls,
      refused: Object.values(this.#refused).reduce<number>((sum, count = 0) => sum + count, 0),
      transitions: this.#transitions,
      callTime: this.#callTime,
    }
  }
}

function wordOf(state: Breaker): BreakerWord {
  return state.is === 'shadow' ? state.would.is : state.is
}
