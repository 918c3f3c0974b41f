/**
 * A socket as MQTT.js is given it: what is written goes to the socket, and what the socket brings
 * goes through a filter first. Back-pressure, end, error and close are those of the socket, in the
 * same order. It holds nothing back of its own and knows no packet.
 */

import { Duplex } from 'node:stream'
import { asBytes, joined, type Scrap } from './joined-writes.js'

type Done = (error?: Error | null) => void

export class FilteredStream extends Duplex {
  readonly #socket: Duplex

  /** `filter`: what is left of each chunk, perhaps nothing. Called once for each, in order. */
  constructor(socket: Duplex, filter: (chunk: Buffer) => Buffer) {
    super({ allowHalfOpen: false, decodeStrings: false })
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      const rest = filter(chunk)
      if (rest.length > 0 && !this.push(rest)) socket.pause()
    })
    let isEnded = false
    socket.on('end', () => {
      isEnded = true
      this.push(null)
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => {
      // What came before the end is read first.
      if (isEnded && !this.readableEnded) this.once('end', () => this.destroy())
      else this.destroy()
    })
  }

  override _read(): void {
    this.#socket.resume()
  }

  /**
   * A write that fails ends the socket, and by the 'error' or 'close' of that this stream: told
   * once, and not to the callback of the write.
   */
  override _write(chunk: string | Uint8Array, encoding: BufferEncoding, done: Done): void {
    this.#socket.write(chunk, encoding, (error) => {
      if (!error) done()
    })
  }

  /** What was written in one tick is one piece for the socket. */
  override _writev(scraps: Scrap[], done: Done): void {
    this._write(joined(scraps), asBytes, done)
  }

  override _final(done: Done): void {
    if (this.#socket.destroyed) done()
    else this.#socket.end(() => done())
  }

  /** It is closed when the socket is. */
  override _destroy(error: Error | null, done: Done): void {
    if (this.#socket.closed) done(error)
    else this.#socket.destroy().once('close', () => done(error))
  }
}
