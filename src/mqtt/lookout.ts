/**
 * Looks whether a server is there again, by connecting to it beside the connection that stands and
 * hanging up at once. It leaves no will, carries no record, and tells nothing but what it found.
 */

import type { Clock } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import { Attempt } from './attempt.js'
import type { Connect, ConnectRequest } from './wire.js'

export class Lookout {
  readonly #connect: Connect
  readonly #clock: Clock
  readonly #goodbyeMax: Ms
  #attempt: Attempt | undefined

  constructor(connect: Connect, clock: Clock, goodbyeMax: Ms) {
    this.#connect = connect
    this.#clock = clock
    this.#goodbyeMax = goodbyeMax
  }

  /** One look at a time. `found`: it is there; `gone` resolves when this has hung up. */
  look(request: ConnectRequest, found: (gone: Promise<void>) => void): void {
    if (this.#attempt !== undefined) return
    const attempt = new Attempt(this.#connect, {
      connected: () => {
        this.#attempt = undefined
        found(attempt.close(this.#clock, this.#goodbyeMax))
      },
      ended: () => {
        this.#attempt = undefined
      },
    })
    this.#attempt = attempt
    attempt.dial([request])
  }

  /** Returns whether it was looking. */
  stop(): boolean {
    const wasLooking = this.#attempt !== undefined
    this.#attempt?.destroy()
    this.#attempt = undefined
    return wasLooking
  }
}
