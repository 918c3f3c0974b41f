/**
 * A broker that costs next to nothing, in a process of its own: it lets everybody in, acknowledges
 * all that one chunk of bytes brought with one write, and forgets it. What is measured against it
 * is the client. It reads QoS 0 and 1 only, and checks nothing.
 */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

/** Told once, when it listens. */
export interface Listening {
  readonly port: number
}

/** Told when as many messages as were asked for have come: how long they took, from the first. */
export interface Arrived {
  readonly tookMs: number
}

const connect = 1
const publish = 3
const pingRequest = 12
const pingResponse = Buffer.from([0xd0, 0])

/** Watches messages come in, over all connections. */
class Gauge {
  #left = 0
  #firstAt: number | undefined

  await(count: number): void {
    this.#left = count
    this.#firstAt = undefined
  }

  arrived(count: number): void {
    if (this.#left === 0 || count === 0) return
    this.#firstAt ??= performance.now()
    this.#left = Math.max(0, this.#left - count)
    if (this.#left > 0) return
    const arrived: Arrived = { tookMs: performance.now() - this.#firstAt }
    process.send?.(arrived)
  }
}

class Peer {
  readonly #socket: Socket
  readonly #gauge: Gauge
  #rest: Buffer | undefined

  constructor(socket: Socket, gauge: Gauge) {
    this.#socket = socket
    this.#gauge = gauge
    socket.setNoDelay(true)
    socket.on('error', () => undefined) // a client that is ended in the middle of it
    socket.on('data', (chunk) => this.#read(chunk))
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    // The shortest PUBLISH that wants an answer is longer than its acknowledgement.
    const acks = Buffer.allocUnsafe(bytes.length)
    let written = 0
    let messages = 0
    let at = 0
    for (let end = frameEnd(bytes, at); end !== undefined; end = frameEnd(bytes, at)) {
      const first = bytes.readUInt8(at)
      if (first >> 4 === connect) this.#socket.write(welcomeTo(bytes.subarray(at)))
      if (first >> 4 === pingRequest) this.#socket.write(pingResponse)
      if (first >> 4 === publish) {
        messages++
        if ((first & 6) === 2) written = acknowledge(bytes, at, acks, written)
      }
      at = end
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at)
    if (written > 0) this.#socket.write(acks.subarray(0, written))
    this.#gauge.arrived(messages)
  }
}

/** PUBACK with success, which is the same in both versions. */
function acknowledge(bytes: Buffer, at: number, acks: Buffer, written: number): number {
  const topicAt = bodyOf(bytes, at)
  const idAt = topicAt + 2 + bytes.readUInt16BE(topicAt)
  acks.writeUInt16BE(0x4002, written)
  bytes.copy(acks, written + 2, idAt, idAt + 2)
  return written + 4
}

/** CONNACK with success and no limits. */
function welcomeTo(request: Buffer): Buffer {
  const version = request.readUInt8(bodyOf(request, 0) + 6)
  return Buffer.from(version === 5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0])
}

/** Where the variable header begins. */
function bodyOf(bytes: Buffer, at: number): number {
  let end = at + 1
  while (bytes.readUInt8(end) >= 128) end++
  return end + 1
}

/** Undefined when the rest of the packet has not come yet. */
function frameEnd(bytes: Buffer, at: number): number | undefined {
  let length = 0
  for (let next = at + 1, factor = 1; next < bytes.length; next++, factor *= 128) {
    const byte = bytes.readUInt8(next)
    length += (byte & 127) * factor
    if (byte >= 128) continue
    const end = next + 1 + length
    return end <= bytes.length ? end : undefined
  }
  return undefined
}

async function serve(): Promise<void> {
  const gauge = new Gauge()
  const server = createServer((socket) => new Peer(socket, gauge))
  process.on('message', (count: number) => gauge.await(count))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const listening: Listening = { port: (server.address() as AddressInfo).port }
  process.send?.(listening)
}

if (require.main === module) {
  process.on('disconnect', () => process.exit())
  serve().catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
}
