/**
 * A line between client and broker that fails on command: reset at once or in the middle of a
 * packet, half closed, silent, or without the acknowledgements. Order and bytes of what passes are
 * never changed. It knows where MQTT packets end and nothing more of them.
 */

import { once } from 'node:events'
import { createConnection, createServer, type Server as NetServer, type Socket } from 'node:net'
import type { Server } from '../../src/mqtt/wire.js'
import { freePort, loopback } from '../../tools/common/ports.js'

const puback = 4
const publish = 3

type Passage = (frame: Buffer) => void

export class FaultProxy {
  /** Where clients connect. */
  readonly server: Server
  /** Connections over which a client has published. */
  connections = 0
  /** Acknowledgements kept back so far. */
  swallowed = 0
  readonly #target: Server
  readonly #net: NetServer
  readonly #lines = new Set<Line>()
  #toSwallow = 0
  /** Infinity: never. */
  #breakAfter = Number.POSITIVE_INFINITY
  #isSilent = false

  private constructor(net: NetServer, port: number, target: Server) {
    this.#net = net
    this.#target = target
    this.server = { ...target, host: loopback, port }
    net.on('connection', (client) => this.#meet(client))
  }

  static async before(target: Server): Promise<FaultProxy> {
    const port = await freePort()
    const net = createServer({ allowHalfOpen: true })
    net.listen(port, loopback)
    await once(net, 'listening')
    return new FaultProxy(net, port, target)
  }

  /** Every connection ends with RST, on both sides. */
  reset(): void {
    for (const line of this.#lines) line.reset()
  }

  /** Resets a line in the middle of a PUBLISH, so many packets of that kind from now. */
  resetAfter(publications: number): void {
    this.#breakAfter = publications
  }

  /** Clients are told that nothing more comes; what they still send is read and lost. */
  halfClose(): void {
    for (const line of this.#lines) line.halfClose()
  }

  /** The next so many PUBACK packets never arrive. */
  swallow(acknowledgements: number): void {
    this.#toSwallow += acknowledgements
  }

  /** Nothing passes, and nothing is lost: as when a radio link fades. New lines are silent too. */
  fallSilent(): void {
    this.#isSilent = true
    for (const line of this.#lines) line.pause()
  }

  /** All that waited goes on its way. */
  speak(): void {
    this.#isSilent = false
    for (const line of this.#lines) line.resume()
  }

  async stop(): Promise<void> {
    this.#net.close()
    this.reset()
    if (this.#net.listening) await once(this.#net, 'close')
  }

  #meet(client: Socket): void {
    const broker = createConnection({ host: this.#target.host, port: this.#target.port })
    const line = new Line(client, broker, {
      up: (frame) => this.#up(line, frame),
      down: (frame) => this.#down(line, frame),
    })
    this.#lines.add(line)
    client.once('close', () => this.#lines.delete(line))
    if (this.#isSilent) line.pause()
  }

  #up(line: Line, frame: Buffer): void {
    if (kindOf(frame) === publish) {
      this.#breakAfter--
      if (!line.hasPublished) this.connections++
      line.hasPublished = true
    }
    if (this.#breakAfter > 0) line.toBroker(frame)
    else {
      this.#breakAfter = Number.POSITIVE_INFINITY
      line.toBroker(frame.subarray(0, frame.length >> 1))
      line.reset()
    }
  }

  #down(line: Line, frame: Buffer): void {
    if (this.#toSwallow > 0 && kindOf(frame) === puback) {
      this.#toSwallow--
      this.swallowed++
    } else line.toClient(frame)
  }
}

class Line {
  hasPublished = false
  readonly #client: Socket
  readonly #broker: Socket
  /** The client believes that the other side has hung up. */
  #isHalfClosed = false

  constructor(
    client: Socket,
    broker: Socket,
    pass: { readonly up: Passage; readonly down: Passage },
  ) {
    this.#client = client
    this.#broker = broker
    for (const [from, to, passed] of [
      [client, broker, pass.up],
      [broker, client, pass.down],
    ] as const) {
      const frames = new Frames()
      from.setNoDelay(true)
      from.on('error', () => undefined) // its close, which always follows, tells enough
      from.on('data', (chunk) => {
        for (const frame of frames.add(chunk)) passed(frame)
      })
      from.on('end', () => to.end())
      from.on('close', () => to.destroy())
    }
  }

  toBroker(bytes: Buffer): void {
    if (!this.#isHalfClosed && this.#broker.writable) this.#broker.write(bytes)
  }

  toClient(bytes: Buffer): void {
    if (this.#client.writable) this.#client.write(bytes)
  }

  halfClose(): void {
    this.#isHalfClosed = true
    this.#client.end()
  }

  pause(): void {
    this.#client.pause()
    this.#broker.pause()
  }

  resume(): void {
    this.#client.resume()
    this.#broker.resume()
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#broker.resetAndDestroy()
  }
}

/** Cuts a stream of bytes into MQTT packets. */
class Frames {
  #rest = Buffer.alloc(0)

  add(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: Buffer[] = []
    for (let end = frameEnd(this.#rest); end !== undefined; end = frameEnd(this.#rest)) {
      frames.push(this.#rest.subarray(0, end))
      this.#rest = this.#rest.subarray(end)
    }
    return frames
  }
}

function frameEnd(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1, factor = 1; at < bytes.length; at++, factor *= 128) {
    const byte = bytes.readUInt8(at)
    length += (byte & 127) * factor
    if (byte >= 128) continue
    const end = at + 1 + length
    return end <= bytes.length ? end : undefined
  }
  return undefined
}

const kindOf = (frame: Buffer): number => frame.readUInt8(0) >> 4
