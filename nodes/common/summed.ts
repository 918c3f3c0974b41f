/**
 * Things that may happen often and are told seldom: the first at once, the others together, at
 * most once a second. It knows what is counted by a name only.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'

const every = ms(1000)

export class Summed {
  readonly #clock: Clock
  readonly #tell: (count: number) => void
  #count = 0
  #timer: Cancel | undefined

  constructor(clock: Clock, tell: (count: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  add(): void {
    this.#count += 1
    if (this.#timer === undefined) this.#flush()
  }

  close(): void {
    this.#timer?.()
    this.#timer = undefined
    if (this.#count > 0) this.#tell(this.#count)
    this.#count = 0
  }

  #flush(): void {
    this.#timer = undefined
    if (this.#count === 0) return
    const count = this.#count
    this.#count = 0
    this.#timer = this.#clock.wake(every, () => this.#flush())
    this.#tell(count)
  }
}
