/**
 * Makes a stream send what was written to it in one tick as one piece. MQTT.js writes a packet as
 * five or more scraps, each a buffer of its own for the system call, and over WebSocket a frame of
 * its own. Order and bytes stay; what is written alone is passed on as it is.
 */

import type { Writable } from 'node:stream'

/** What Node itself passes with a buffer; its types forgot the word. */
export const asBytes = 'buffer' as BufferEncoding

export interface Scrap {
  readonly chunk: string | Uint8Array
  readonly encoding: BufferEncoding
}

/** Sets the stream's own `_writev`, which Node calls for everything gathered while corked. */
export function joinWrites(stream: Writable): void {
  stream._writev = (scraps: Scrap[], done) => stream._write(joined(scraps), asBytes, done)
}

/** All of them as one piece. */
export function joined(scraps: readonly Scrap[]): Buffer {
  let length = 0
  for (const { chunk, encoding } of scraps) {
    length += typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
  }
  const whole = Buffer.allocUnsafe(length)
  let at = 0
  for (const { chunk, encoding } of scraps) {
    if (typeof chunk === 'string') at += whole.write(chunk, at, encoding)
    else {
      whole.set(chunk, at)
      at += chunk.length
    }
  }
  return whole
}
