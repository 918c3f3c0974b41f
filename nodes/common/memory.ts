/**
 * What a node that keeps no messages remembers over restarts, in one small file of its own. A disk
 * that cannot be read or written is complained of once and stops nothing: there is no past then.
 */

import type { Disk } from '../../src/base/ports.js'
import { makeDurableDirectory } from '../../src/store/files.js'
import { StateFile } from '../../src/store/state-file.js'
import type { Context } from './room.js'

type Owner = Pick<Context<never>, 'hall' | 'directory' | 'work'>

export class Memory {
  readonly #disk: Disk
  readonly #directory: string
  readonly #fileName: string
  readonly #file: StateFile
  readonly #complain: (error: unknown) => void
  #made: Promise<void> | undefined
  #hasComplained = false

  constructor({ hall, directory, work }: Owner, fileName: string) {
    const { disk } = hall.world
    this.#disk = disk
    this.#directory = directory
    this.#fileName = fileName
    this.#file = new StateFile(disk, directory, fileName)
    this.#complain = (error) => work.complain(error)
  }

  /** What was written last; undefined when nothing was, or when it cannot be read. */
  async read(): Promise<unknown> {
    return this.#file.read().catch((error: unknown) => this.#failed(error))
  }

  /** Resolves when it is durable, or cannot be. */
  async write(document: object): Promise<void> {
    this.#made ??= makeDurableDirectory(this.#disk, this.#directory, this.#fileName)
    await this.#made
      .then(() => this.#file.write(document))
      .then(
        () => {
          this.#hasComplained = false
        },
        (error: unknown) => {
          this.#made = undefined
          this.#failed(error)
        },
      )
  }

  #failed(error: unknown): undefined {
    if (!this.#hasComplained) this.#complain(error)
    this.#hasComplained = true
  }
}
