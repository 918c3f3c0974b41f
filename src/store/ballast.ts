/**
 * 256 KB of real bytes kept in reserve: when the disk is full they are given back, so that
 * outcomes and a checkpoint can still be written and a full disk can always be drained. Random
 * content, because zeros may take no room. It is made again when there is space.
 */

import { systemCode } from '../base/fault.js'
import type { World } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { writeNew } from './files.js'

export const ballastName = 'BALLAST'

export class Ballast {
  readonly #world: Pick<World, 'disk' | 'random'>
  readonly #directory: string
  readonly #bytes: Bytes
  #held = false
  #isSpent = false
  #holding: Promise<void> | undefined

  constructor(world: Pick<World, 'disk' | 'random'>, directory: string, bytes: Bytes) {
    this.#world = world
    this.#directory = directory
    this.#bytes = bytes
  }

  /** Makes it if it is not there. Without room for it, outcomes are written and no messages. */
  hold(): Promise<void> {
    if (this.#held || this.#bytes === 0) return Promise.resolve()
    this.#holding ??= this.#make().finally(() => {
      this.#holding = undefined
    })
    return this.#holding
  }

  /** Frees its room; true when there was any to free. */
  async giveBack(): Promise<boolean> {
    await this.#holding
    this.#isSpent ||= this.#held
    this.#held = false
    return this.#remove()
  }

  /** It was given back and is not there again; each question tries, so that it ends some time. */
  isSpent(): boolean {
    if (this.#isSpent) this.#regain().catch(() => {}) // no room yet; the next question tries again
    return this.#isSpent
  }

  /** Looks before it leaps: a disk that is full need not be filled to find that out. */
  async #regain(): Promise<void> {
    const { free } = await this.#world.disk.space(this.#directory)
    if (free >= 2 * this.#bytes) await this.hold()
  }

  async #make(): Promise<void> {
    try {
      if (!(await this.#isThere())) await this.#write()
      this.#held = true
      this.#isSpent = false
    } catch (error) {
      // What keeps it from being made for another reason than room does not make the disk full.
      if (systemCode(error) === 'ENOSPC') this.#isSpent = true
    }
  }

  async #write(): Promise<void> {
    try {
      await writeNew(this.#world.disk, this.#path, this.#world.random.bytes(this.#bytes))
    } catch (error) {
      await this.#remove()
      throw error
    }
  }

  /** A crash may have left a part of it, which is no reserve. */
  async #isThere(): Promise<boolean> {
    const { disk } = this.#world
    try {
      const file = await disk.open(this.#path, 'read')
      const length = await file.length().finally(() => file.close())
      if (length >= this.#bytes) return true
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false
      throw error
    }
    await disk.remove(this.#path)
    return false
  }

  async #remove(): Promise<boolean> {
    try {
      await this.#world.disk.remove(this.#path)
      return true
    } catch {
      return false // it was not there, or cannot go: either way no room was won
    }
  }

  get #path(): string {
    return `${this.#directory}/${ballastName}`
  }
}
