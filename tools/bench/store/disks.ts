/**
 * The real disk with something in between: one that counts what passes, and one whose syncs take
 * their time on a thread of the pool, as those of a memory card do. Nothing else is changed.
 */

import type { Disk, DiskFile } from '../../../src/base/ports.js'
import { realDisk } from '../../../src/host/disk.js'
import type { HeldThread } from './held-thread.js'

type WrapFile = (file: DiskFile) => DiskFile

export interface Passed {
  written: number
  read: number
  /** Characters of the names that were listed. */
  listed: number
  syncs: number
}

/** Adds up in `passed`. */
export function countingDisk(passed: Passed): Disk {
  const countFile: WrapFile = (file) => ({
    ...methodsOf(file),
    async read(into, position) {
      const read = await file.read(into, position)
      passed.read += read
      return read
    },
    async write(chunks, position) {
      const written = await file.write(chunks, position)
      passed.written += written
      return written
    },
    sync() {
      passed.syncs++
      return file.sync()
    },
  })
  return {
    ...realDisk,
    open: async (path, mode) => countFile(await realDisk.open(path, mode)),
    async list(directory) {
      const names = await realDisk.list(directory)
      passed.listed += names.join('\n').length
      return names
    },
  }
}

export const nothingPassed = (): Passed => ({ written: 0, read: 0, listed: 0, syncs: 0 })

/** Syncs take as long as `thread` is held; the bytes themselves are not forced to the disk. */
export function slowDisk(thread: HeldThread): Disk {
  const slowFile: WrapFile = (file) => ({ ...methodsOf(file), sync: () => thread.hold() })
  return {
    ...realDisk,
    open: async (path, mode) => slowFile(await realDisk.open(path, mode)),
    syncDirectory: () => thread.hold(),
  }
}

function methodsOf(file: DiskFile): DiskFile {
  return {
    read: (into, position) => file.read(into, position),
    write: (chunks, position) => file.write(chunks, position),
    sync: () => file.sync(),
    truncate: (length) => file.truncate(length),
    length: () => file.length(),
    close: () => file.close(),
  }
}
