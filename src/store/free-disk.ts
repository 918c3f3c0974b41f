/**
 * The part of the disk that is left to everybody else: while less than that is free, a queue does
 * not grow beyond what it holds already. It looks when asked, and drops nothing.
 */

import type { Emit } from '../base/event.js'
import type { Disk } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { floorOf, type Limits } from './limits.js'

/** The floor is this share of the free bytes at which the end is told. */
const rearm = 0.8

export class FreeDisk {
  readonly #disk: Disk
  readonly #directory: string
  readonly #kept: Limits['freeDisk']
  readonly #emit: Emit
  #isTold = false
  /** Free when it was looked at last. */
  free: Bytes = 0
  /** To be kept free. */
  floor: Bytes = 0
  /** Most bytes that the queue may hold; Infinity while the disk has room. */
  ceiling: Bytes = Number.POSITIVE_INFINITY

  constructor(disk: Disk, directory: string, kept: Limits['freeDisk'], emit: Emit) {
    this.#disk = disk
    this.#directory = directory
    this.#kept = kept
    this.#emit = emit
  }

  /** `held`: the bytes of the queue now. Rejects with the system's error. */
  async look(held: () => Bytes): Promise<void> {
    const { free, total } = await this.#disk.space(this.#directory)
    this.free = free
    this.floor = floorOf(this.#kept, total)
    if (free >= this.floor) this.ceiling = Number.POSITIVE_INFINITY
    else if (this.ceiling === Number.POSITIVE_INFINITY) this.ceiling = held()
    this.#tell(free)
  }

  /** Once, and its end only when there is some room to spare: others fill and free it by turns. */
  #tell(free: Bytes): void {
    const directory = this.#directory
    if (!this.#isTold && free < this.floor) {
      this.#isTold = true
      this.#emit({ kind: 'store.full', directory, free })
    } else if (this.#isTold && free * rearm >= this.floor) {
      this.#isTold = false
      this.#emit({ kind: 'store.recovered', directory, resolves: 'store.full', free })
    }
  }
}
