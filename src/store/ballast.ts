/**
 * 256 KB of real bytes kept in reserve: when the disk is full they are given back, so that
 * outcomes and a checkpoint can still be written and a full disk can always be drained. Random
 * content, because zeros may take no room. It is made again when there is space.
 */

import { systemCode } from '../base/fault.js'
import type { World } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { writeNew } from './files.js'

export class Ballast {
  readonly #world: Pick<World, 'disk' | 'random'>
  readonly #path: string
  readonly #bytes: Bytes
  #held = false

  constructor(world: Pick<World, 'disk' | 'random'>, directory: string, bytes: Bytes) {
    this.#world = world
    this.#path = `${directory}/BALLAST`
    this.#bytes = bytes
  }

  /** Makes it if it is not there; a disk without room for it is used without. */
  async hold(): Promise<void> {
    if (this.#held || this.#bytes === 0) return
    try {
      await writeNew(this.#world.disk, this.#path, this.#world.random.bytes(this.#bytes))
      this.#held = true
    } catch (error) {
      this.#held = systemCode(error) === 'EEXIST'
      if (!this.#held) await this.giveBack()
    }
  }

  /** Frees its room; true when there was any to free. */
  async giveBack(): Promise<boolean> {
    this.#held = false
    try {
      await this.#world.disk.remove(this.#path)
      return true
    } catch {
      return false // it was not there, or cannot go: either way no room was won
    }
  }
}
