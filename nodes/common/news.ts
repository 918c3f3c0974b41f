/**
 * Tells every editor that is open that something may look different now: no more than that, for
 * whoever may see statuses hears it. At most twice a second, and never a last change too few.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import type { NodeRed } from './node-red.js'

const topic = 'resilience/changed'
const every = ms(500)

export class News {
  readonly #comms: NodeRed['comms']
  readonly #clock: Clock
  /** While it runs nothing is told. */
  #timer: Cancel | undefined
  #isStale = false

  constructor({ comms }: Pick<NodeRed, 'comms'>, clock: Clock) {
    this.#comms = comms
    this.#clock = clock
  }

  changed(): void {
    this.#isStale = true
    if (this.#timer === undefined) this.#tell()
  }

  #tell(): void {
    this.#isStale = false
    this.#comms?.publish(topic, { at: this.#clock.wall() }, false)
    this.#timer = this.#clock.wake(every, () => {
      this.#timer = undefined
      if (this.#isStale) this.#tell()
    })
  }
}
