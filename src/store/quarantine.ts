/**
 * Damaged files of one directory, set aside as `.bad` for a person to look at, and the count of
 * what they have cost. It never removes one: how long they are kept is a person's to say.
 */

import { systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import { readSalvaging, replace } from './files.js'

export class Quarantine {
  readonly #disk: Disk
  readonly #directory: string
  /** Files set aside. */
  count = 0
  /** Of earlier openings, as long as nobody has removed them. */
  earlier = 0
  /** Segments with bytes that rotted, and how many messages each has lost by that. */
  readonly corrupt = new Map<string, number>()

  constructor(disk: Disk, directory: string) {
    this.#disk = disk
    this.#directory = directory
  }

  /** Takes a file away that is not to be read as a segment. Rejects with the system's error. */
  async setAside(name: string): Promise<void> {
    await this.#disk.rename(this.#path(name), this.#path(`${name}.bad`))
    this.count++
  }

  /**
   * Keeps a copy of a damaged segment beside the one that goes on being read. On a full disk there
   * is none: that costs evidence, and not opening would cost everything. Rejects with the system's
   * error.
   */
  async copyAside(name: string): Promise<void> {
    const bad = `${name}.bad`
    if (!this.corrupt.has(name)) this.corrupt.set(name, 0)
    if ((await this.#disk.list(this.#directory)).includes(bad)) return
    try {
      const { bytes } = await readSalvaging(this.#disk, this.#path(name))
      await replace(this.#disk, this.#path(bad), bytes)
      this.count++
    } catch (error) {
      if (systemCode(error) !== 'ENOSPC') throw error
    }
  }

  /**
   * Removes segments that hold nothing any more. One that was damaged takes the place of its copy
   * instead: what the disk did not give it may give another day. Rejects with the system's error
   * when one of them cannot go.
   */
  async discard(names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    const there = new Set(await this.#disk.list(this.#directory))
    const gone = names.map((name) =>
      there.has(`${name}.bad`)
        ? this.#disk.rename(this.#path(name), this.#path(`${name}.bad`))
        : this.#disk.remove(this.#path(name)),
    )
    await Promise.all(gone)
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`
  }
}
