/**
 * A disk whose syncs take their turn among those of all queues of the process, so that other flows'
 * file calls find a free thread. Nothing that already has a turn may sync through it: it would wait
 * for itself.
 */

import type { Disk, DiskFile, DiskSpace, OpenMode } from '../base/ports.js'
import type { EpochMs } from '../base/units.js'
import type { Budget } from './budget.js'

export class SharedDisk implements Disk {
  readonly #disk: Disk
  readonly #budget: Budget

  constructor(disk: Disk, budget: Budget) {
    this.#disk = disk
    this.#budget = budget
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return new SharedFile(await this.#disk.open(path, mode), this.#budget)
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#budget.sync(() => this.#disk.syncDirectory(directory))
  }

  list(directory: string): Promise<string[]> {
    return this.#disk.list(directory)
  }

  makeDirectory(directory: string): Promise<string | undefined> {
    return this.#disk.makeDirectory(directory)
  }

  removeDirectory(directory: string): Promise<void> {
    return this.#disk.removeDirectory(directory)
  }

  rename(from: string, to: string): Promise<void> {
    return this.#disk.rename(from, to)
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path)
  }

  touch(path: string): Promise<void> {
    return this.#disk.touch(path)
  }

  modifiedAt(path: string): Promise<EpochMs> {
    return this.#disk.modifiedAt(path)
  }

  space(directory: string): Promise<DiskSpace> {
    return this.#disk.space(directory)
  }

  fileSystem(directory: string): Promise<string> {
    return this.#disk.fileSystem(directory)
  }
}

class SharedFile implements DiskFile {
  readonly #file: DiskFile
  readonly #budget: Budget

  constructor(file: DiskFile, budget: Budget) {
    this.#file = file
    this.#budget = budget
  }

  sync(): Promise<void> {
    return this.#budget.sync(() => this.#file.sync())
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#file.read(into, position)
  }

  write(chunks: readonly Uint8Array[], position: number): Promise<number> {
    return this.#file.write(chunks, position)
  }

  truncate(length: number): Promise<void> {
    return this.#file.truncate(length)
  }

  length(): Promise<number> {
    return this.#file.length()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
