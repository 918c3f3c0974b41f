/**
 * A socket without a network: keeps what is written to it, brings what it is told to, and takes
 * writes at once or when asked. Like a real one it closes when both directions are over.
 */

import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

export class PlayedSocket extends Duplex {
  /** As many pieces as there were writes. */
  readonly written: Buffer[] = []
  /** Set: writes are not taken until `taken`. */
  isSlow = false
  /** Whether its reader wants more. */
  isAsked = false
  #done: Done | undefined

  constructor() {
    super({ allowHalfOpen: false })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.written)
  }

  /** False when its reader cannot take more. */
  brings(bytes: Uint8Array): boolean {
    this.isAsked = false
    return this.push(bytes)
  }

  taken(error?: Error): void {
    const done = this.#done
    this.#done = undefined
    done?.(error)
  }

  override _read(): void {
    this.isAsked = true
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.written.push(chunk)
    if (this.isSlow) this.#done = done
    else done()
  }
}
