/**
 * Damaged files of one directory, set aside as `.bad` for a person to look at, and the count of what
 * they have cost. It never removes one: how long they are kept is a person's to say.
 */

import { systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import { copyFile } from './files.js'

export class Quarantine {
  readonly #disk: Disk
  readonly #directory: string
  /** Files set aside. */
  count = 0
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
      await copyFile(this.#disk, this.#path(name), this.#path(bad))
      this.count++
    } catch (error) {
      if (systemCode(error) !== 'ENOSPC') throw error
    }
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`
  }
}
