/**
 * A clock that stands still until a test moves it. It promises the order of the real one: wakes by
 * time, then by when they were asked for, with every promise settled in between. It never looks at
 * the real time and refuses to settle what never comes to rest.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { type EpochMs, epochMs, type Instant, instant, type Ms } from '../../src/base/units.js'

interface Wake {
  readonly at: number
  readonly call: () => void
}

/** More turns than any test needs: a chain of `soon` calls this long has no end. */
const turnsMax = 100_000

export class ManualClock implements Clock {
  /** Not 0, so that a moment taken for "none" shows. */
  #now = 1_000
  #wallAhead: number
  /** By time; equal times in the order of asking. */
  readonly #wakes: Wake[] = []
  #soon: Array<() => void> = []

  constructor(wall: number = Date.UTC(2026, 0, 1)) {
    this.#wallAhead = wall - this.#now
  }

  monotonic(): Instant {
    return instant(this.#now)
  }

  wall(): EpochMs {
    return epochMs(this.#now + this.#wallAhead)
  }

  wake(span: Ms, call: () => void): Cancel {
    const wake = { at: this.#now + Math.max(0, span), call }
    this.#wakes.splice(this.#placeFor(wake.at), 0, wake)
    return () => {
      const place = this.#wakes.indexOf(wake)
      if (place >= 0) this.#wakes.splice(place, 1)
    }
  }

  soon(call: () => void): void {
    this.#soon.push(call)
  }

  /** Somebody sets the wall clock; monotonic time and wakes do not notice. */
  setWall(wall: number): void {
    this.#wallAhead = wall - this.#now
  }

  /** Wakes not yet due or cancelled. */
  get pending(): number {
    return this.#wakes.length
  }

  /** Moves time on by `span` ms and runs what falls due on the way, each at its own moment. */
  async advance(span: number): Promise<void> {
    const target = this.#now + span
    await this.settle()
    for (let wake = this.#takeDue(target); wake !== undefined; wake = this.#takeDue(target)) {
      this.#now = Math.max(this.#now, wake.at)
      wake.call()
      await this.settle()
    }
    this.#now = Math.max(this.#now, target)
    await this.settle()
  }

  /** Runs `soon` calls and lets promises finish until nothing new happens. Time stands still. */
  async settle(atMost = turnsMax): Promise<void> {
    for (let turn = 0; turn < atMost; turn++) {
      // A turn of the event loop begins only when no promise has anything left to do.
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (this.#soon.length === 0) return
      const calls = this.#soon
      this.#soon = []
      for (const call of calls) call()
    }
    throw new Error(`not settled after ${atMost} turns: something asks for soon() for ever`)
  }

  #takeDue(target: number): Wake | undefined {
    const first = this.#wakes[0]
    return first !== undefined && first.at <= target ? this.#wakes.shift() : undefined
  }

  /** Behind all wakes that are not later. */
  #placeFor(at: number): number {
    let low = 0
    let high = this.#wakes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#wakes[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return low
  }
}
