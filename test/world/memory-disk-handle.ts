/**
 * An open file of the memory disk: checks what a real descriptor would, and leaves the rest to the
 * disk. It holds no bytes.
 */

import type { DiskFile, OpenMode } from '../../src/base/ports.js'
import type { MemoryDisk, Place } from './memory-disk.js'
import { type OperationKind, systemError } from './memory-disk-faults.js'
import type { MemoryFile } from './memory-disk-file.js'
import { below } from './seeded-random.js'

const nowhere: Place = {}

export class MemoryHandle implements DiskFile {
  readonly #disk: MemoryDisk
  readonly #path: string
  readonly #file: MemoryFile
  readonly #mode: OpenMode
  #isOpen = true

  constructor(disk: MemoryDisk, path: string, file: MemoryFile, mode: OpenMode) {
    this.#disk = disk
    this.#path = path
    this.#file = file
    this.#mode = mode
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#perform('read', { position, bytes: into.length }, () =>
      this.#file.current.read(into, position),
    )
  }

  write(chunks: readonly Uint8Array[], position: number): Promise<number> {
    const data = Buffer.concat(chunks)
    return this.#perform('write', { position, bytes: data.length }, () => {
      this.#mustBeWritable('write')
      const fitting = this.#fitting(position, data.length)
      this.#file.write(position, data.subarray(0, fitting))
      this.#disk.stamp(this.#file)
      return fitting
    })
  }

  sync(): Promise<void> {
    const upTo = this.#file.changes
    const effect = () => {
      if (!this.#disk.syncsLie) this.#file.sync(upTo)
    }
    return this.#perform('sync', nowhere, effect, () => this.#file.forget())
  }

  truncate(length: number): Promise<void> {
    return this.#perform('truncate', { position: length }, () => {
      this.#mustBeWritable('truncate')
      this.#disk.recycle(this.#file.truncate(length))
      this.#disk.stamp(this.#file)
    })
  }

  length(): Promise<number> {
    return this.#perform('length', nowhere, () => this.#file.length)
  }

  close(): Promise<void> {
    return this.#perform('close', nowhere, () => {
      this.#isOpen = false
    })
  }

  #perform<T>(kind: OperationKind, place: Place, effect: () => T, failed?: () => void): Promise<T> {
    const effectIfOpen = () => {
      if (!this.#isOpen) throw systemError('EBADF', kind, this.#path)
      return effect()
    }
    return this.#disk.perform(kind, this.#path, place, effectIfOpen, failed)
  }

  /** How much of a write there is room and mood for. */
  #fitting(position: number, bytes: number): number {
    const room = this.#disk.free() + Math.max(0, this.#file.length - position)
    if (bytes > 0 && room <= 0) throw systemError('ENOSPC', 'write', this.#path)
    const { shortWrites } = this.#disk
    const wanted = shortWrites === undefined ? bytes : bytes - below(shortWrites, bytes)
    return Math.min(room, wanted)
  }

  #mustBeWritable(call: string): void {
    if (this.#mode === 'read') throw systemError('EBADF', call, this.#path)
  }
}
