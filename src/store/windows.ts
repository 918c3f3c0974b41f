/**
 * Reads parts of files from a disk that may have lost some: a sector that cannot be read counts as
 * zeros, so that the rest can be salvaged. A disk that gives nothing at all may only be away for a
 * while, so that is an error for a minute before it counts as lost.
 */

import { systemCode } from '../base/fault.js'
import type { DiskFile } from '../base/ports.js'
import { readRange } from './files.js'

const sectorBytes = 4096
/** Readers try again every second: a disk that gives nothing for a minute will not come back. */
const lostMax = 60

export class Windows {
  /** Windows of which no sector came, and how often they were tried. */
  readonly #lost = new Map<string, number>()

  /** Up to `length` bytes of the file of this name. Rejects with the system's error. */
  async read(file: DiskFile, name: string, offset: number, length: number): Promise<Buffer> {
    try {
      const window = await readRange(file, offset, length)
      // Names are made of numbers, and the runtime keeps the text of thousands of them.
      if (this.#lost.size > 0) this.#lost.delete(keyOf(name, offset))
      return window
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error
      const key = keyOf(name, offset)
      const window = await this.#salvage(file, offset, length)
      const tries = (this.#lost.get(key) ?? 0) + 1
      if (window === undefined && tries < lostMax) {
        this.#lost.set(key, tries)
        throw error
      }
      this.#lost.delete(key)
      return window ?? Buffer.alloc(Math.min(length, (await file.length()) - offset))
    }
  }

  /** Undefined when no sector can be read. */
  async #salvage(file: DiskFile, offset: number, length: number): Promise<Buffer | undefined> {
    const size = Math.min(length, (await file.length()) - offset)
    const window = Buffer.alloc(size)
    let isLost = true
    // By the sectors of the file, so that every way of reading loses the same bytes.
    for (let at = 0; at < size; ) {
      const until = at + sectorBytes - ((offset + at) % sectorBytes)
      const sector = window.subarray(at, until)
      const hasCome = await file.read(sector, offset + at).then(
        () => true,
        () => false,
      )
      if (hasCome) isLost = false
      else sector.fill(0)
      at = until
    }
    return isLost ? undefined : window
  }
}

const keyOf = (name: string, offset: number) => `${name} ${offset}`
