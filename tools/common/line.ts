/**
 * One connection between a client and the embedded broker, with a switch that makes it silent:
 * still open, but nothing more passes in either direction. It looks at no byte.
 */

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

type Written = (error?: Error | null) => void

export class Line extends Duplex {
  readonly #socket: Socket
  #silent = false

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause()
    })
    socket.on('end', () => this.push(null))
    // The close that always follows carries all there is to know.
    socket.on('error', () => undefined)
    socket.on('close', () => this.destroy())
  }

  fallSilent(): void {
    this.#silent = true
    this.#socket.pause()
  }

  override _read(): void {
    if (!this.#silent) this.#socket.resume()
  }

  /** A silent line keeps the writer waiting for ever, as a full send buffer does. */
  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Written): void {
    if (!this.#silent) this.#socket.write(chunk, (error) => written(error))
  }

  override _final(done: Written): void {
    if (!this.#silent) this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: Written): void {
    this.#socket.destroy()
    done(error)
  }
}
