/**
 * A disk that is only looked at: what is read is there, and whatever would change it is answered as
 * done and is not. For whoever wants to know what a directory holds and may not open it for work.
 */

import type { Disk, DiskFile, DiskSpace, OpenMode } from '../base/ports.js'
import type { EpochMs } from '../base/units.js'

export class LookingDisk implements Disk {
  readonly #disk: Disk

  constructor(disk: Disk) {
    this.#disk = disk
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return mode === 'create' ? nowhere : new LookedAt(await this.#disk.open(path, 'read'))
  }

  list(directory: string): Promise<string[]> {
    return this.#disk.list(directory)
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

  async makeDirectory(): Promise<undefined> {}
  async syncDirectory(): Promise<void> {}
  async rename(): Promise<void> {}
  async remove(): Promise<void> {}
  async removeDirectory(): Promise<void> {}
  async touch(): Promise<void> {}
}

class LookedAt implements DiskFile {
  readonly #file: DiskFile

  constructor(file: DiskFile) {
    this.#file = file
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#file.read(into, position)
  }

  length(): Promise<number> {
    return this.#file.length()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  write = nowhere.write
  sync = nowhere.sync
  truncate = nowhere.truncate
}

const nowhere: DiskFile = {
  read: async () => 0,
  write: async (chunks) => chunks.reduce((sum, { length }) => sum + length, 0),
  sync: async () => {},
  truncate: async () => {},
  length: async () => 0,
  close: async () => {},
}
