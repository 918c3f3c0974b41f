/**
 * One small value of a node that must survive restarts and power cuts, such as "paused": a JSON
 * file that is replaced as a whole. A reader finds the old value or the new one, never a part; a
 * file without sense counts as none. Not for messages, and not for what changes often.
 */

import { systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import { diskFault, readWhole, writeNew } from './files.js'

export class StateFile {
  readonly #disk: Disk
  readonly #directory: string
  readonly #path: string
  #next: unknown
  #writing: Promise<void> | undefined

  /** The directory must be there. */
  constructor(disk: Disk, directory: string, name = 'STATE.json') {
    this.#disk = disk
    this.#directory = directory
    this.#path = `${directory}/${name}`
  }

  /** The last value written; undefined when there is none. Rejects with DISK_UNWRITABLE. */
  async read(): Promise<unknown> {
    try {
      return JSON.parse((await readWhole(this.#disk, this.#path)).toString())
    } catch (error) {
      if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined
      throw diskFault(error, this.#directory)
    }
  }

  /**
   * Resolves when this value, or a later one, is durable. Rejects with DISK_FULL or
   * DISK_UNWRITABLE; then the value before still stands, and the next write tries again.
   */
  async write(value: unknown): Promise<void> {
    this.#next = value
    if (this.#writing !== undefined) await this.#writing.catch(() => {}) // told to its own caller
    this.#writing ??= this.#replace().finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #replace(): Promise<void> {
    const fresh = `${this.#path}.tmp`
    try {
      await this.#disk.remove(fresh).catch(ignoreMissing)
      await writeNew(this.#disk, fresh, Buffer.from(`${JSON.stringify(this.#next)}\n`))
      await this.#disk.rename(fresh, this.#path)
      await this.#disk.syncDirectory(this.#directory)
    } catch (error) {
      throw diskFault(error, this.#directory)
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error
}
