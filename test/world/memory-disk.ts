/**
 * A disk in memory that is also the crash simulator. It behaves as the real one does, and builds
 * any number of states in which a power cut may leave it, without being disturbed itself.
 * It never loses what was synced, unless a test orders it to lie.
 *
 * A power cut (`crash`) may do, in any combination:
 * - to each 512-byte sector changed since the file's last sync: keep it as it was, have it as it is
 *   now or was on the way, or fill it with garbage (only beyond the synced end and within what was
 *   written): zeros, noise, or bytes of a removed file or a cut-off end, as a recycled sector has;
 * - to the file's length: leave it anywhere between the shortest and longest since the sync;
 * - to each name made, removed or renamed since its directory's last sync: do it or undo it. A
 *   rename is done whole or not at all; a file whose name is lost is lost with it.
 * A killed process (`kill`) loses nothing that was written, and a later power cut still may.
 *
 * A test may also order: an error at any operation (`failNext`; a failed sync makes the system
 * forget what was to be synced, so no later sync saves it), short writes, a full disk (`capacity`),
 * slow writes and syncs, syncs that lie, and rot of durable bytes.
 */

import type { Clock, Disk, DiskFile, DiskSpace, OpenMode, Random } from '../../src/base/ports.js'
import { type EpochMs, epochMs, type Ms } from '../../src/base/units.js'
import { Content } from './memory-disk-content.js'
import {
  Faults,
  type Operation,
  type OperationKind,
  outcomeOf,
  systemError,
  type Which,
} from './memory-disk-faults.js'
import { MemoryFile, type Recycled } from './memory-disk-file.js'
import { MemoryHandle } from './memory-disk-handle.js'
import { MemoryNames, parentOf } from './memory-disk-names.js'
import type { MemoryDiskOptions } from './memory-disk-options.js'

export type { MemoryDiskOptions }

/** Where an operation acts, as far as it has a place. */
export type Place = Pick<Operation, 'position' | 'bytes'>

const nowhere: Place = {}
const recycledMax = 8
/** Told as the size of a disk without a limit. */
const plenty = 2 ** 40

export class MemoryDisk implements Disk {
  readonly #options: MemoryDiskOptions
  readonly #names: MemoryNames
  readonly #faults = new Faults()
  #recycled: readonly Recycled[]
  /** Operations begun so far. */
  operations = 0
  capacity: number
  /** While set, each write writes as much as chance will have it. */
  shortWrites: Random | undefined
  /** Called when an operation has taken effect, before its promise resolves. */
  afterOperation: ((operation: Operation) => void) | undefined

  constructor(
    options: MemoryDiskOptions = {},
    names = new MemoryNames(),
    recycled: readonly Recycled[] = [],
  ) {
    this.#options = options
    this.#names = names
    this.#recycled = recycled
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.perform(mode === 'create' ? 'create' : 'open', path, nowhere, () => {
      if (mode === 'create') return new MemoryHandle(this, path, this.#create(path), mode)
      return new MemoryHandle(this, path, this.#names.file(path, 'open'), mode)
    })
  }

  list(directory: string): Promise<string[]> {
    return this.perform('list', directory, nowhere, () => {
      this.#names.mustBeDirectory(directory, 'list')
      return this.#names.in(directory)
    })
  }

  makeDirectory(directory: string): Promise<string | undefined> {
    return this.perform('makeDirectory', directory, nowhere, () => {
      const missing: string[] = []
      let path = directory
      for (; this.#names.get(path) === undefined; path = parentOf(path)) missing.push(path)
      if (this.#names.get(path) !== 'directory') {
        throw systemError(missing.length > 0 ? 'ENOTDIR' : 'EEXIST', 'makeDirectory', path)
      }
      for (const made of missing.toReversed()) this.#names.add(made, 'directory')
      return missing.at(-1)
    })
  }

  syncDirectory(directory: string): Promise<void> {
    return this.perform('syncDirectory', directory, nowhere, () => {
      this.#names.mustBeDirectory(directory, 'syncDirectory')
      if (this.#options.lyingDirectorySync !== true) this.#names.sync(directory)
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.perform('rename', from, nowhere, () => {
      const file = this.#names.file(from, 'rename')
      if (this.#names.get(parentOf(to)) === undefined) throw systemError('ENOENT', 'rename', to)
      const replaced = this.#names.get(to)
      if (replaced === 'directory') throw systemError('EISDIR', 'rename', to)
      this.#names.rename(from, to, file)
      if (replaced !== undefined && replaced !== file) this.#recycleWhole(replaced)
    })
  }

  remove(path: string): Promise<void> {
    return this.perform('remove', path, nowhere, () => {
      const file = this.#names.file(path, 'remove')
      this.#names.remove(path)
      this.#recycleWhole(file)
    })
  }

  removeDirectory(directory: string): Promise<void> {
    return this.perform('removeDirectory', directory, nowhere, () => {
      this.#names.mustBeDirectory(directory, 'removeDirectory')
      if (this.#names.in(directory).length > 0) {
        throw systemError('ENOTEMPTY', 'removeDirectory', directory)
      }
      this.#names.remove(directory)
    })
  }

  touch(path: string): Promise<void> {
    return this.perform('touch', path, nowhere, () => this.stamp(this.#names.file(path, 'touch')))
  }

  modifiedAt(path: string): Promise<EpochMs> {
    return this.perform('modifiedAt', path, nowhere, () =>
      epochMs(this.#names.file(path, 'modifiedAt').modifiedAt),
    )
  }

  space(directory: string): Promise<DiskSpace> {
    return this.perform('space', directory, nowhere, () => {
      if (this.#names.get(directory) === undefined) throw systemError('ENOENT', 'space', directory)
      return { free: Math.min(this.free(), plenty), total: Math.min(this.capacity, plenty) }
    })
  }

  fileSystem(directory: string): Promise<string> {
    return this.perform('fileSystem', directory, nowhere, () => {
      this.#names.mustBeDirectory(directory, 'fileSystem')
      return this.#options.fileSystem ?? 'ext4'
    })
  }

  /** One state in which a power cut may leave this disk, as a new disk where all is durable. */
  crash(random: Random, clock = this.#options.clock): MemoryDisk {
    const left = new Map<MemoryFile, MemoryFile>()
    const names = this.#names.afterPowerCut(random, (file) => {
      const known = left.get(file) ?? file.afterPowerCut(random, this.#recycled)
      left.set(file, known)
      return known
    })
    return this.#next(names, clock)
  }

  /** What a killed process leaves: all that was written, synced or not. */
  kill(clock = this.#options.clock): MemoryDisk {
    const copies = new Map<MemoryFile, MemoryFile>()
    const names = this.#names.copy((file) => {
      const copy = copies.get(file) ?? file.copy()
      copies.set(file, copy)
      return copy
    })
    return this.#next(names, clock)
  }

  /** Lets the operation with this number, or the next `times` that match, fail with the code. */
  failNext(which: number | Which, code: string, times = 1): void {
    this.#faults.add(which, code, times)
  }

  /** Takes back all that was ordered with `failNext`. */
  heal(): void {
    this.#faults.clear()
  }

  /** Puts a durable file there, with the directories above it, as if it had always been there. */
  put(path: string, bytes: Uint8Array): void {
    for (
      let above = parentOf(path);
      this.#names.get(above) === undefined;
      above = parentOf(above)
    ) {
      this.#names.add(above, 'directory')
    }
    this.#names.add(path, new MemoryFile(Content.of(bytes.slice())))
    this.#names.syncAll()
  }

  /** Replaces durable bytes behind everybody's back. */
  rot(path: string, position: number, bytes: Uint8Array): void {
    this.#names.file(path, 'rot').rot(position, bytes)
  }

  /** What stands in a file now. Not an operation. */
  bytesOf(path: string): Buffer {
    return Buffer.from(this.#names.file(path, 'read').current.view())
  }

  /** Every name in a directory now, sorted. Not an operation. */
  namesIn(directory: string): string[] {
    return this.#names.in(directory).sort()
  }

  /**
   * Counts an operation, fails it when that was ordered, else lets it take effect; at once, or when
   * its time is over.
   */
  perform<T>(
    kind: OperationKind,
    path: string,
    place: Place,
    effect: () => T,
    failed = () => {},
  ): Promise<T> {
    const number = ++this.operations
    const { clock } = this.#options
    const span = this.#spanOf(kind)
    const isWatched = this.afterOperation !== undefined || this.#faults.areOrdered
    if (span === undefined && !isWatched) return outcomeOf(effect)
    const operation = { number, kind, path, ...place }
    const fault = this.#faults.take(operation)
    if (fault !== undefined) failed()
    const answer = () =>
      fault === undefined ? this.#finish(operation, effect) : Promise.reject(fault)
    if (clock === undefined || span === undefined) return answer()
    return new Promise<void>((over) => clock.wake(span, over)).then(answer)
  }

  get syncsLie(): boolean {
    return this.#options.lyingSync === true
  }

  stamp(file: MemoryFile): void {
    file.modifiedAt = this.#options.clock?.wall() ?? 0
  }

  free(): number {
    if (this.capacity === Number.POSITIVE_INFINITY) return this.capacity
    let used = 0
    for (const file of this.#names.files()) used += file.length
    return Math.max(0, this.capacity - used)
  }

  recycle(old: Recycled | undefined): void {
    if (old !== undefined) this.#recycled = [old, ...this.#recycled.slice(0, recycledMax - 1)]
  }

  /** The same kind of disk with what is left on it; but a quick one, as its reader has no clock. */
  #next(names: MemoryNames, clock: Clock | undefined): MemoryDisk {
    const { lyingSync = false, lyingDirectorySync = false } = this.#options
    const options = { lyingSync, lyingDirectorySync, capacity: this.capacity }
    const timed = clock === undefined ? options : { clock, ...options }
    return new MemoryDisk(timed, names, this.#recycled)
  }

  #spanOf(kind: OperationKind): Ms | undefined {
    if (kind === 'write') return this.#options.writeTakes
    return kind === 'sync' || kind === 'syncDirectory' ? this.#options.syncTakes : undefined
  }

  #finish<T>(operation: Operation, effect: () => T): Promise<T> {
    return outcomeOf(() => {
      const result = effect()
      this.afterOperation?.(operation)
      return result
    })
  }

  #create(path: string): MemoryFile {
    if (this.#names.get(path) !== undefined) throw systemError('EEXIST', 'create', path)
    this.#names.mustBeDirectory(parentOf(path), 'create')
    const file = new MemoryFile()
    this.stamp(file)
    this.#names.add(path, file)
    return file
  }

  #recycleWhole(file: MemoryFile): void {
    this.recycle({ from: 0, bytes: file.current.share().view() })
  }
}
