/**
 * A transport without a network: the test plays the broker. Everything happens when the test says
 * so, within the call, and nothing is told after the end, as the contract in `wire.ts` promises.
 * QoS 0 is taken by the imaginary socket in the next microtask unless the connection is stalled.
 */

import type { Exchange } from '../../src/base/ports.js'
import * as outcome from '../../src/mqtt/outcome-of.js'
import {
  type Connect,
  type ConnectRequest,
  type Ended,
  type Packet,
  type ProtocolVersion,
  type PublishOutcome,
  packetBytesMax,
  type Server,
  type Session,
  type Transport,
  type TransportEvents,
} from '../../src/mqtt/wire.js'
import { Arrivals } from './arrivals.js'
import type { Peer, PlayedBroker } from './peer.js'

export const limitless: Session = {
  receiveMaximum: 65_535,
  maximumPacketSize: packetBytesMax,
  maximumQoS: 2,
  retainAvailable: true,
}

export class FakeBroker implements PlayedBroker {
  readonly server: Server = { scheme: 'mqtt', host: 'fake', port: 1883, path: '' }
  readonly attempts = new Arrivals<FakeConnection>()

  readonly connect: Connect = (request, events) => {
    const connection = new FakeConnection(request, events)
    this.attempts.add(connection)
    return connection
  }

  get last(): FakeConnection {
    const last = this.attempts.all.at(-1)
    if (last === undefined) throw new Error('nobody has tried to connect')
    return last
  }

  peer(nth: number): Promise<FakeConnection> {
    return this.attempts.nth(nth)
  }

  async stop(): Promise<void> {
    for (const connection of this.attempts.all) connection.hangUp()
  }
}

interface Publication {
  readonly packet: Packet
  readonly settled: (outcome: PublishOutcome) => void
}

export class FakeConnection implements Transport, Peer {
  readonly request: ConnectRequest
  /** How it ended: by the test, by `close` or by `destroy`; undefined while it lives. */
  end: 'ended' | 'closed' | 'destroyed' | undefined
  /** Holds QoS 0 back until `flush`. */
  stalled = false
  /** What `bufferedBytes` says. */
  buffered = 0
  /** Makes `close` wait for ever, as a frozen peer does. */
  frozen = false
  /** Which PUBLISH packets were answered. */
  readonly answered = new Set<number>()
  readonly #events: TransportEvents
  readonly #publications = new Arrivals<Publication>()
  readonly #goodbyes = new Arrivals<'goodbye'>()

  constructor(request: ConnectRequest, events: TransportEvents) {
    this.request = request
    this.#events = events
  }

  get version(): ProtocolVersion {
    return this.request.protocolVersion
  }

  get clientId(): string {
    return this.request.clientId
  }

  get packets(): Packet[] {
    return this.#publications.all.map(({ packet }) => packet)
  }

  /** The payloads of all PUBLISH packets, in order. */
  get payloads(): string[] {
    return this.packets.map(({ payload }) => String(payload))
  }

  // The client's end.

  publish(packet: Packet, settled: (outcome: PublishOutcome) => void): void {
    this.#publications.add({ packet, settled })
    const nth = this.#publications.all.length - 1
    if (packet.qos === 0 && !this.stalled) queueMicrotask(() => this.answer(nth))
  }

  /** Whether what is sent to be heard again comes back. */
  echoes = true

  echo(): Exchange<void> {
    return { answer: new Promise((resolve) => this.echoes && resolve()), stop: () => {} }
  }

  bufferedBytes(): number {
    return this.buffered
  }

  close(): Promise<void> {
    this.end ??= 'closed'
    this.#goodbyes.add('goodbye')
    return this.frozen ? new Promise(() => undefined) : Promise.resolve()
  }

  destroy(): void {
    if (this.end !== 'ended') this.end = 'destroyed'
  }

  // The broker's end.

  accept(grants: Partial<Session> = {}): void {
    if (this.end === undefined) this.#events.connected({ ...limitless, ...grants })
  }

  refuse(code: number): void {
    this.endWith(outcome.connackRefused(code, this.request))
  }

  async received(count: number): Promise<Packet[]> {
    const publications = await this.#publications.first(count)
    return publications.map(({ packet }) => packet)
  }

  answer(nth: number, code = 0): void {
    const publication = this.#publications.all[nth]
    if (publication === undefined) throw new RangeError(`no PUBLISH at ${nth}`)
    if (this.end !== undefined) return
    const { packet, settled } = publication
    this.answered.add(nth)
    settled(outcome.publishOutcome(code, undefined, packet.topic, this.request))
  }

  /** The imaginary socket takes what it held back. */
  flush(): void {
    this.stalled = false
    for (const [nth, { packet }] of this.#publications.all.entries()) {
      if (packet.qos === 0) this.answer(nth)
    }
  }

  disconnect(code: number): void {
    this.endWith(outcome.disconnectedByBroker(code, this.request))
  }

  hangUp(): void {
    this.endWith(outcome.endedInSilence('closed', this.request))
  }

  fail(code: string): void {
    this.endWith(outcome.connectionFailed(Object.assign(new Error(code), { code }), this.request))
  }

  async goodbye(): Promise<void> {
    await this.#goodbyes.first(1)
  }

  endWith(how: Ended): void {
    if (this.end !== undefined) return
    this.end = 'ended'
    this.#events.ended(how)
  }

  /** Tells the end although it is over: a contract breach that the link must survive. */
  endLate(how: Ended): void {
    this.#events.ended(how)
  }

  /** Settles although it is over. */
  answerLate(nth: number): void {
    this.#publications.all[nth]?.settled({ is: 'acknowledged' })
  }

  /** Says CONNACK although it is over. */
  acceptLate(): void {
    this.#events.connected(limitless)
  }
}
