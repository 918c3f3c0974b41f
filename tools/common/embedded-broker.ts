/**
 * An MQTT broker inside this process that can be cut off, brought back and made to fall silent,
 * the way a network does it: without a goodbye. It keeps sessions while it is away, as a broker
 * behind a broken line would. It speaks MQTT 3.1.1 and listens on the loopback interface only.
 */

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Aedes } from 'aedes'
import { Line } from './line.js'
import { loopback } from './ports.js'

/** Called for every message that a client published, in the order of arrival. */
export type Arrival = (topic: string, payload: Buffer) => void

export class EmbeddedBroker {
  readonly port: number
  readonly #broker: Aedes
  readonly #server: Server
  readonly #lines = new Set<Line>()
  #silent = false

  private constructor(port: number, broker: Aedes, arrived: Arrival) {
    this.port = port
    this.#broker = broker
    this.#server = createServer((socket) => this.#accept(socket))
    broker.on('publish', (packet, client) => {
      if (client !== null) arrived(packet.topic, Buffer.from(packet.payload))
    })
  }

  static async open(port: number, arrived: Arrival = () => undefined): Promise<EmbeddedBroker> {
    // aedes is an ES module: only import() reaches it from here on every Node.js 20.
    const { Aedes } = await import('aedes')
    const broker = new EmbeddedBroker(port, await Aedes.createBroker(), arrived)
    await broker.bringBack()
    return broker
  }

  /** Clients that have said CONNECT and were let in. */
  get clients(): number {
    return this.#broker.connectedClients
  }

  get isAway(): boolean {
    return !this.#server.listening
  }

  /** Ends every connection over which such a message comes, without a word. */
  hangUpOn(isBad: (payload: Buffer) => boolean): void {
    this.#broker.authorizePublish = (client, packet, done) => {
      if (client === null || !isBad(Buffer.from(packet.payload))) done(null)
      else client.close()
    }
  }

  /** Closes the port and breaks every connection. */
  async cut(): Promise<void> {
    this.#silent = false
    if (this.isAway) return
    this.#server.close()
    for (const line of this.#lines) line.destroy()
    await once(this.#server, 'close')
  }

  async bringBack(): Promise<void> {
    if (!this.isAway) return
    this.#server.listen(this.port, loopback)
    await once(this.#server, 'listening')
  }

  /** Connections stay and new ones are accepted, but nothing is read or answered until the cut. */
  fallSilent(): void {
    this.#silent = true
    for (const line of this.#lines) line.fallSilent()
  }

  async close(): Promise<void> {
    await this.cut()
    await new Promise<void>((resolve) => this.#broker.close(resolve))
  }

  #accept(socket: Socket): void {
    const line = new Line(socket)
    if (this.#silent) line.fallSilent()
    this.#lines.add(line)
    line.once('close', () => this.#lines.delete(line))
    this.#broker.handle(line)
  }
}
