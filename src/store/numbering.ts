/**
 * Numbers that count the messages of a key and never go back: a message keeps its number over all
 * attempts and over a crash of the process, and no other message gets it, not even after a power
 * cut. Then alone some numbers may be left out. It does not know what is counted, or why.
 */

import { systemCode } from '../base/fault.js'
import type { Disk, DiskFile } from '../base/ports.js'
import { diskFault, readSalvaging, replace, type Salvaged, writeAll } from './files.js'
import { InTurn } from './in-turn.js'
import { blockSize, type Counter, Ledger } from './numbering-ledger.js'

/** The file is written anew above this. */
const bytesMax = 1_048_576

export const numbersName = 'NUMBERS.log'

export class Numbering {
  readonly #disk: Disk
  readonly #directory: string
  readonly #bootId: string
  readonly #ledger: Ledger
  readonly #turns = new InTurn()
  #file: DiskFile | undefined
  #length = 0

  private constructor(disk: Disk, directory: string, bootId: string, ledger: Ledger) {
    this.#disk = disk
    this.#directory = directory
    this.#bootId = bootId
    this.#ledger = ledger
  }

  /**
   * The directory must be there. `bootId` changes with every start of the operating system: while
   * it is the same, what was written is there even if it was never synced. Rejects with DISK_FULL
   * or DISK_UNWRITABLE.
   */
  static async open(disk: Disk, directory: string, bootId: string): Promise<Numbering> {
    try {
      const { bytes } = await readSalvaging(disk, `${directory}/${numbersName}`).catch(nothing)
      const ledger = Ledger.from(bytes.toString(), bootId)
      const numbering = new Numbering(disk, directory, bootId, ledger)
      await numbering.#rewrite()
      return numbering
    } catch (error) {
      throw diskFault(error, directory)
    }
  }

  /**
   * The number of this message: its own if it has one, else the next of its key, counted from 1.
   * Undefined for one key too many (10,000).
   */
  of(key: string, id: string): number | undefined {
    return this.#ledger.of(key, id)
  }

  /**
   * Makes that number the message's own; it may be used once this has resolved. Rejects with
   * DISK_FULL or DISK_UNWRITABLE: then it must not be used.
   */
  take(key: string, id: string): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#ledger.has(key, id)) return
      try {
        const counter = this.#ledger.counter(key)
        if (counter.next >= counter.reservedTo) await this.#reserve(key, counter)
        await this.#append(this.#ledger.takenLine(key, id))
        this.#ledger.take(key, id)
        if (this.#length > bytesMax) await this.#rewrite()
      } catch (error) {
        throw diskFault(error, this.#directory)
      }
    })
  }

  /** The message will not be sent again. */
  forget(id: string): void {
    this.#ledger.forget(id)
  }

  /** Afterwards no number is left out, whatever happens. */
  close(): Promise<void> {
    return this.#turns.take(async () => {
      const file = this.#file
      if (file === undefined) return
      this.#file = undefined
      try {
        await writeAll(file, [Buffer.from(this.#ledger.closedLine())], this.#length)
        await file.sync()
      } catch (error) {
        throw diskFault(error, this.#directory)
      } finally {
        await file.close()
      }
    })
  }

  async #reserve(key: string, counter: Counter): Promise<void> {
    const reservedTo = counter.next + blockSize
    await this.#append(this.#ledger.reservedLine(key, reservedTo))
    await this.#file?.sync()
    counter.reservedTo = reservedTo
  }

  async #append(line: string): Promise<void> {
    const bytes = Buffer.from(line)
    if (this.#file === undefined) throw new Error('the numbers are closed')
    await writeAll(this.#file, [bytes], this.#length)
    this.#length += bytes.length
  }

  /** What must be known, and nothing else, in a new file. */
  async #rewrite(): Promise<void> {
    const path = `${this.#directory}/${numbersName}`
    const bytes = Buffer.from(this.#ledger.text(this.#bootId))
    await replace(this.#disk, path, bytes)
    await this.#disk.syncDirectory(this.#directory)
    await this.#file?.close()
    this.#file = undefined
    this.#file = await this.#disk.open(path, 'edit')
    this.#length = bytes.length
  }
}

function nothing(error: unknown): Salvaged {
  if (systemCode(error) !== 'ENOENT') throw error
  return { bytes: Buffer.alloc(0), unreadableTo: 0 }
}
