/**
 * Holds the traffic of a link to a rate: says whether the next record may go, and wakes the link
 * when it may. Nothing is dropped. It calls itself braking only when it has for a while, because a
 * burst that waits a moment is nothing to tell a person.
 */

import type { Cancel, Clock } from '../base/ports.js'
import { type Bytes, type Instant, ms, since } from '../base/units.js'
import { mayGoAt, type Paced, paced, type Rate, unpaced } from '../policy/rate.js'

const toldAfter = ms(1_000)

export class Brake {
  readonly #clock: Clock
  readonly #rate: Rate | undefined
  readonly #wake: () => void
  #paced: Paced = unpaced
  #alarm: Cancel | undefined
  /** Since when there has been more to send than may be sent. */
  #since: Instant | undefined

  /** `wake`: what was held back may go now. */
  constructor(clock: Clock, rate: Rate | undefined, wake: () => void) {
    this.#clock = clock
    this.#rate = rate
    this.#wake = wake
  }

  get isBraking(): boolean {
    return this.#since !== undefined && since(this.#since, this.#clock.monotonic()) >= toldAfter
  }

  /** Whether a record may go now; if not, `wake` is called when it may. */
  mayGo(): boolean {
    if (this.#rate === undefined) return true
    const now = this.#clock.monotonic()
    const left = since(now, mayGoAt(this.#paced))
    // Long due, so it is not the rate that holds the traffic up.
    if (left <= -toldAfter) this.#since = undefined
    if (left <= 0) return true
    this.#since ??= now
    this.#alarm ??= this.#clock.wake(left, () => {
      this.#alarm = undefined
      this.#wake()
    })
    return false
  }

  /** A record of this size is sent. */
  sent(size: Bytes): void {
    if (this.#rate !== undefined) {
      this.#paced = paced(this.#paced, this.#clock.monotonic(), size, this.#rate)
    }
  }

  /** There is nothing more to send, or no connection. */
  release(): void {
    this.#since = undefined
    this.#alarm?.()
    this.#alarm = undefined
  }
}
