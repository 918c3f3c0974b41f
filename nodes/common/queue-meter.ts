/**
 * What a node that keeps messages in a queue of its own counts and shows: how full it is, how fast
 * it goes, what became of all that it accepted. Read only when somebody asks; it changes nothing.
 */

import type { Counts } from '../../src/base/counts.js'
import type { Clock } from '../../src/base/ports.js'
import type { Balance, Flow, QueueTally } from '../../src/base/tally.js'
import { Pace } from '../../src/delivery/pace.js'
import type { Limits } from '../../src/store/limits.js'
import type { Queue } from '../../src/store/queue.js'
import type { Context } from './room.js'

export interface QueueMeterParts {
  readonly queue: Queue
  readonly limits: Limits
  readonly directory: string
}

export class QueueMeter {
  readonly pace: Pace
  readonly #clock: Clock
  readonly #counts: Counts
  readonly #parts: QueueMeterParts

  constructor({ hall, counts }: Pick<Context<unknown>, 'hall' | 'counts'>, parts: QueueMeterParts) {
    const { queue } = parts
    this.#clock = hall.world.clock
    this.#counts = counts
    this.#parts = parts
    this.pace = new Pace(paceFigures(queue), this.#clock.monotonic())
    counts.carried.begin(wordsOf(balanceOf(queue)))
  }

  /** Takes note of what there is now. */
  sample(): void {
    this.pace.sample(paceFigures(this.#parts.queue), this.#clock.monotonic())
  }

  tally(isPaused: boolean): QueueTally {
    const { queue, limits, directory } = this.#parts
    const counts = this.#counts
    const { pace } = this
    const { waiting, bytes, inFlight, isFull, ground } = queue
    const { limitRatio, freeBytes, quarantined } = ground
    const balance = balanceOf(queue)
    this.sample()
    return {
      ...{ waiting, bytes, inFlight, isPaused, isFull, limitRatio },
      perSecond: pace.deliveredPerSecond,
      fullInMs: pace.fullIn(queue, limits),
      emptyInMs: pace.emptyIn(waiting),
      redelivered: counts.redelivered,
      balance,
      counted: flowFrom(counts.carried.counted(wordsOf(balance))),
      store: { directory, syncs: counts.syncs, freeBytes, quarantined },
    }
  }

  /** The queue is about to close. */
  close(): void {
    this.#counts.carried.counted(wordsOf(balanceOf(this.#parts.queue)))
  }
}

/** Since the queue was made, over all restarts. */
export function balanceOf({ totals, waiting }: Queue): Balance {
  const { accepted, delivered = 0, 'dead-lettered': deadLettered = 0, ...dropped } = totals
  return { accepted, delivered, waiting, deadLettered, dropped }
}

function paceFigures({ waiting, bytes, totals }: Queue) {
  return { waiting, bytes, delivered: totals.delivered ?? 0 }
}

/** One word for each way; no reason for a drop is called as the others are. */
export function wordsOf({ accepted, delivered, deadLettered, dropped }: Flow) {
  return { ...dropped, accepted, delivered, deadLettered }
}

export function flowFrom(words: ReturnType<Counts['carried']['counted']>): Flow {
  const { accepted = 0, delivered = 0, deadLettered = 0, ...dropped } = words
  return { accepted, delivered, deadLettered, dropped }
}
