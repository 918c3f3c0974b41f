/**
 * Measures how long the disk takes to sync, and tells a person when it becomes slow and when it is
 * quick again; of a sync that does not end also while it lasts. When that is, `Slowness` decides.
 */

import type { Emit } from '../base/event.js'
import type { Clock } from '../base/ports.js'
import type { Spans } from '../base/tally.js'
import { type Instant, since } from '../base/units.js'
import { longest, type Pace, Slowness } from './slowness.js'

export class TimedSyncs {
  readonly #clock: Clock
  readonly #directory: string
  readonly #emit: Emit
  readonly #spans: Spans | undefined
  readonly #slowness = new Slowness()

  constructor(clock: Clock, directory: string, emit: Emit, spans?: Spans) {
    this.#clock = clock
    this.#directory = directory
    this.#emit = emit
    this.#spans = spans
  }

  /** Runs a sync; rejects as it does. */
  async run(sync: () => Promise<void>): Promise<void> {
    const begun = this.#clock.monotonic()
    const cancel = this.#clock.wake(longest, () => {
      this.#tell(this.#slowness.stalled(this.#clock.monotonic()), begun)
    })
    try {
      await sync()
    } finally {
      cancel()
    }
    const now = this.#clock.monotonic()
    const took = since(begun, now)
    this.#spans?.add(took)
    this.#tell(this.#slowness.ended(took, now), begun)
  }

  #tell(pace: Pace, begun: Instant): void {
    if (pace === undefined) return
    const directory = this.#directory
    const syncMs = since(begun, this.#clock.monotonic())
    if (pace === 'slow') this.#emit({ kind: 'store.slow', directory, syncMs })
    else this.#emit({ kind: 'store.recovered', directory, resolves: 'store.slow', syncMs })
  }
}
