/**
 * How many directories have no owner, for those who ask often: looked at again when it may have
 * changed, and every half minute, since somebody may put a directory there by hand.
 */

import { type Instant, ms, since } from '../../src/base/units.js'
import type { Hall } from './hall.js'
import type { NodeRed } from './node-red.js'
import { orphansOf } from './orphans.js'
import { outcomesOf } from './outcomes.js'

const freshFor = ms(30_000)

const known = new WeakMap<Hall, OrphanCount>()

export function orphanCountOf(RED: NodeRed, hall: Hall): OrphanCount {
  const found = known.get(hall) ?? new OrphanCount(RED, hall)
  known.set(hall, found)
  return found
}

export class OrphanCount {
  readonly #RED: NodeRed
  readonly #hall: Hall
  #counting: { readonly at: Instant; readonly count: Promise<number> } | undefined
  /** As last counted. */
  last = 0

  constructor(RED: NodeRed, hall: Hall) {
    this.#RED = RED
    this.#hall = hall
    outcomesOf(RED, hall.world).whenStarted(() => this.forget())
  }

  /** It may differ now. */
  forget(): void {
    this.#counting = undefined
  }

  now(): Promise<number> {
    const at = this.#hall.world.clock.monotonic()
    if (this.#counting === undefined || since(this.#counting.at, at) > freshFor) {
      this.#counting = { at, count: this.#count() }
    }
    return this.#counting.count
  }

  async #count(): Promise<number> {
    this.last = (await orphansOf(this.#RED, this.#hall)).length
    return this.last
  }
}
