/**
 * The World: everything the engine may touch outside its own memory, as ports. Real ports live in
 * `src/host`, fakes in `test/world`, and one behaviour suite per port runs against both.
 * Nothing here decides anything.
 */

import type { Bytes, EpochMs, Instant, Ms } from './units.js'

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
  /** Share of the memory that this process may use, 0 to 1: of its heap or of all, the larger. */
  memoryUsed(): number
}

/** Certificates and checks of a connection over TLS; absent fields use the system's. */
export interface NetworkTls {
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
  readonly passphrase?: string
  readonly servername?: string
  readonly alpnProtocols?: readonly string[]
  readonly verify: boolean
}

/** One question to another computer. Nobody else ends it: it has no time-out of its own. */
export interface Exchange<Answer> {
  /** Rejects with an Error whose `code` is the system's (`ECONNREFUSED`, `ENOTFOUND`, …). */
  readonly answer: Promise<Answer>
  /** Drops the connection, and settles nothing any more. Harmless when called late or twice. */
  stop(): void
}

export interface HttpRequest {
  /** `http:` or `https:`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: NetworkTls
  /** How much of the body is read; 0: the answer is its head. */
  readonly textBytesMax: Bytes
}

export interface HttpAnswer {
  readonly status: number
  /** As far as it was read, as UTF-8. */
  readonly text: string
  /** Of https: when the certificate of the other side ends. */
  readonly certificateEndsAt?: EpochMs
}

/** A call over HTTP/2, one body each way. */
export interface CallRequest {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly tls?: NetworkTls
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface CallAnswer {
  /** Those before and after the body together. */
  readonly headers: Readonly<Record<string, string>>
  /** 64 KB at most. */
  readonly body: Uint8Array
}

export interface WebSocketRequest {
  /** `ws:` or `wss:`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: NetworkTls
  /** Sent once it is open; '' for nothing. */
  readonly send: string
  /** Absent: nothing need be heard. Asked for each text that comes, of 64 KB at most. */
  readonly isExpected?: (text: string) => boolean
}

/** The only door to other computers. A connection of its own for each exchange, closed after it. */
export interface Network {
  /** GET. Follows no redirect. */
  http(request: HttpRequest): Exchange<HttpAnswer>
  /** Connects and hangs up. */
  tcp(host: string, port: number): Exchange<void>
  call(request: CallRequest): Exchange<CallAnswer>
  /** Rejects with the code `HTTP_<status>` where an HTTP answer comes instead. */
  webSocket(request: WebSocketRequest): Exchange<void>
}

export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  readonly machine: Machine
  readonly network: Network
}
