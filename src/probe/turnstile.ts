/**
 * Lets only so many checks be under way at once, over all monitors: a thousand of them must not
 * open a thousand connections in one second. The others wait in line; their time begins when it is
 * their turn. One that waits can be stopped.
 */

import type { Found } from '../policy/health-state.js'
import type { Probe, Trial } from './probe.js'

export class Turnstile {
  readonly #max: number
  readonly #line = new Set<() => void>()
  #inside = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Waiting. */
  get waiting(): number {
    return this.#line.size
  }

  enter(probe: Probe): Trial {
    if (this.#inside < this.#max) return this.#begin(probe)
    let trial: Trial | undefined
    let turn = () => {}
    const found = new Promise<Found>((resolve) => {
      turn = () => {
        trial = this.#begin(probe)
        trial.found.then(resolve) // never rejects
      }
      this.#line.add(turn)
    })
    const stop = () => {
      this.#line.delete(turn)
      trial?.stop()
    }
    return { found, stop }
  }

  #begin(probe: Probe): Trial {
    this.#inside += 1
    let isInside = true
    const leave = () => {
      if (!isInside) return
      isInside = false
      this.#inside -= 1
      this.#next()
    }
    const trial = probe()
    const found = trial.found.then((finding) => {
      leave()
      return finding
    })
    const stop = () => {
      trial.stop()
      leave()
    }
    return { found, stop }
  }

  #next(): void {
    const [turn] = this.#line
    if (turn === undefined) return
    this.#line.delete(turn)
    turn()
  }
}
