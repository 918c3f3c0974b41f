/**
 * A clock for nodes in a real Node-RED: what is to come next in the event loop comes by itself, and
 * time passes only when a test says so.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import {
  after,
  type EpochMs,
  epochMs,
  type Instant,
  instant,
  type Ms,
  ms,
} from '../../src/base/units.js'

interface Waking {
  readonly at: Instant
  readonly call: () => void
}

export class SteppedClock implements Clock {
  #now = instant(1000)
  readonly #wakings = new Set<Waking>()

  monotonic(): Instant {
    return this.#now
  }

  wall(): EpochMs {
    return epochMs(1_764_000_000_000 + this.#now)
  }

  wake(span: Ms, call: () => void): Cancel {
    const waking = { at: after(this.#now, span), call }
    this.#wakings.add(waking)
    return () => this.#wakings.delete(waking)
  }

  soon(call: () => void): void {
    setImmediate(call)
  }

  /** Timers fire in their order, each at its own moment. */
  advance(spanMs: number): void {
    const end = after(this.#now, ms(spanMs))
    for (;;) {
      const due = [...this.#wakings].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      const [next] = due
      if (next === undefined) break
      this.#wakings.delete(next)
      if (next.at > this.#now) this.#now = next.at
      next.call()
    }
    this.#now = end
  }
}
