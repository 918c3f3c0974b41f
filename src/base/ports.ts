/**
 * The World: everything the engine may touch outside its own memory, as ports. Real ports live in
 * `src/host`, fakes in `test/world`, and one behaviour suite per port runs against both.
 * Nothing here decides anything.
 */

import type { EpochMs, Instant, Ms } from './units.js'

/** Cancels what it was returned for. Harmless when called late or twice. */
export type Cancel = () => void

/** The only source of time. */
export interface Clock {
  /** Grows steadily, also when somebody sets the wall clock. For spans and deadlines. */
  monotonic(): Instant
  /** What a calendar would say. For what is written or shown. */
  wall(): EpochMs
  /** Calls once, not before `span` has passed. Does not keep the process alive. */
  wake(span: Ms, call: () => void): Cancel
  /** Calls once in the next turn of the event loop. */
  soon(call: () => void): void
}

/** The only source of chance. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  fraction(): number
  /** `count` random bytes. */
  bytes(count: number): Uint8Array
}

/** An open file. Calls on one file may overlap; each resolves when the system has answered. */
export interface DiskFile {
  /** Reads into the buffer from `position`; resolves with the bytes read, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes the chunks one after another at `position`; resolves with the bytes written, which may be fewer. */
  write(chunks: readonly Uint8Array[], position: number): Promise<number>
  /** fdatasync: what was written before the call survives a power cut once this resolves. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  length(): Promise<number>
  close(): Promise<void>
}

/** How a file is opened: new and not there before, for reading and writing, or for reading. */
export type OpenMode = 'create' | 'edit' | 'read'

export interface DiskSpace {
  /** Bytes that this process may still use. */
  readonly free: number
  readonly total: number
}

/**
 * The only door to files. Paths are joined with `/`. A call that fails rejects with an Error whose
 * `code` is the system's (`ENOENT`, `EEXIST`, `ENOSPC`, `EIO`, `EACCES`, `EMFILE`, …).
 */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>
  /** Names in a directory, in no order. */
  list(directory: string): Promise<string[]>
  /**
   * Makes the directory and its parents; resolves with the topmost one made, undefined when all
   * were there.
   */
  makeDirectory(directory: string): Promise<string | undefined>
  /** Makes creations, renames and removals in this directory survive a power cut. */
  syncDirectory(directory: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Removes a directory that is empty; `ENOTEMPTY` when it is not. */
  removeDirectory(directory: string): Promise<void>
  /** Sets the modification time to now. */
  touch(path: string): Promise<void>
  modifiedAt(path: string): Promise<EpochMs>
  space(directory: string): Promise<DiskSpace>
  /**
   * The kind of file system that a directory lies on, as a short word such as `ext4`, `tmpfs` or
   * `nfs`; `unknown` where the system does not tell, or tells one that has no name here.
   */
  fileSystem(directory: string): Promise<string>
}

/** This computer and this process, as others can recognise them. */
export interface Machine {
  readonly hostName: string
  readonly processId: number
  /** When this process was started, as an opaque text: tells it from another with the same id. */
  processStartedAt(): Promise<string>
  /** Changes with every start of the operating system. */
  bootId(): Promise<string>
  /** Tells this hardware and installation from a copy of its memory card. Opaque. */
  fingerprint(): Promise<string>
  /** Whether that very process still runs on this machine. */
  runs(processId: number, startedAt: string): Promise<boolean>
}

export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  readonly machine: Machine
}
