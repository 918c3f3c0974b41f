/**
 * The real disk, and the only place of the package that touches files. Every call goes to the
 * system as it is and its errors come back as they are: no retry, no cache, nothing synchronous.
 */

import * as fs from 'node:fs'
import type { Disk, DiskFile, DiskSpace, OpenMode } from '../base/ports.js'
import { type EpochMs, epochMs } from '../base/units.js'
import { realClock } from './clock.js'
import { fileSystemNamed } from './file-system.js'

type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void

const flags = { create: 'wx+', edit: 'r+', read: 'r' } as const satisfies Record<OpenMode, string>

/** Windows opens no directory for syncing: its file system keeps names in order by itself. */
const directorySyncRefusals: readonly unknown[] = ['EPERM', 'EISDIR', 'EINVAL']

export const realDisk: Disk = {
  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return new RealFile(await answer<number>((done) => fs.open(path, flags[mode], done)))
  },

  list: (directory) => answer<string[]>((done) => fs.readdir(directory, done)),

  makeDirectory: (directory) =>
    answer<string | undefined>((done) => fs.mkdir(directory, { recursive: true }, done)),

  async syncDirectory(directory) {
    try {
      const descriptor = await answer<number>((done) => fs.open(directory, 'r', done))
      try {
        await answer<void>((done) => fs.fsync(descriptor, done))
      } finally {
        await answer<void>((done) => fs.close(descriptor, done))
      }
    } catch (error) {
      if (process.platform === 'win32' && isRefusal(error)) return
      throw error
    }
  },

  rename: (from, to) => answer<void>((done) => fs.rename(from, to, done)),

  remove: (path) => answer<void>((done) => fs.unlink(path, done)),

  removeDirectory: (directory) => answer<void>((done) => fs.rmdir(directory, done)),

  touch(path) {
    const seconds = realClock.wall() / 1000
    return answer<void>((done) => fs.utimes(path, seconds, seconds, done))
  },

  async modifiedAt(path): Promise<EpochMs> {
    return epochMs((await answer<fs.Stats>((done) => fs.stat(path, done))).mtimeMs)
  },

  /** `bavail`, not `bfree`: what the system keeps for root is no use to this process. */
  async space(directory): Promise<DiskSpace> {
    const { bavail, blocks, bsize } = await answer<fs.StatsFs>((done) => fs.statfs(directory, done))
    return { free: bavail * bsize, total: blocks * bsize }
  },

  /** Elsewhere the number means something else, or nothing. */
  async fileSystem(directory): Promise<string> {
    const options = { bigint: true } as const
    const { type } = await answer<fs.BigIntStatsFs>((done) => fs.statfs(directory, options, done))
    return process.platform === 'linux' ? fileSystemNamed(type) : 'unknown'
  },
}

class RealFile implements DiskFile {
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return answer((done) => fs.read(this.#descriptor, into, 0, into.length, position, done))
  }

  write(chunks: readonly Uint8Array[], position: number): Promise<number> {
    const [first] = chunks
    if (first === undefined) return Promise.resolve(0)
    if (chunks.length > 1) {
      return answer((done) => fs.writev(this.#descriptor, chunks, position, done))
    }
    return answer((done) => fs.write(this.#descriptor, first, 0, first.length, position, done))
  }

  sync(): Promise<void> {
    return answer((done) => fs.fdatasync(this.#descriptor, done))
  }

  truncate(length: number): Promise<void> {
    return answer((done) => fs.ftruncate(this.#descriptor, length, done))
  }

  async length(): Promise<number> {
    return (await answer<fs.Stats>((done) => fs.fstat(this.#descriptor, done))).size
  }

  close(): Promise<void> {
    return answer((done) => fs.close(this.#descriptor, done))
  }
}

/** The answer of one call with a callback, as a promise. */
function answer<T>(call: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null || error === undefined) resolve(value)
      else reject(error)
    })
  })
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && directorySyncRefusals.includes(error.code)
}
