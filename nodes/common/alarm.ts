/** The one timer of a room whose policy says when it wants to be woken. */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { type Instant, ms, since } from '../../src/base/units.js'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #set: { readonly at: Instant; readonly cancel: Cancel } | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings then, and at no other moment; undefined: not at all. */
  set(at: Instant | undefined): void {
    if (this.#set?.at === at) return
    this.#set?.cancel()
    this.#set = undefined
    if (at === undefined) return
    const span = ms(Math.max(0, since(this.#clock.monotonic(), at)))
    const cancel = this.#clock.wake(span, () => {
      this.#set = undefined
      this.#ring()
    })
    this.#set = { at, cancel }
  }
}
