/**
 * The broker's end of a connection, as a test plays it: one set of verbs for the fake in memory and
 * for the scripted broker on a socket, so that one behaviour suite can be run against both.
 */

import type { Packet, ProtocolVersion, Server, Session } from '../../src/mqtt/wire.js'

export interface Peer {
  readonly version: ProtocolVersion
  readonly clientId: string
  /** CONNACK with success. */
  accept(grants?: Partial<Session>): void
  /** CONNACK with a code. */
  refuse(code: number): void
  /** The first `count` PUBLISH packets, once they are here. Properties are not told. */
  received(count: number): Promise<Array<Omit<Packet, 'properties'>>>
  /** Acknowledges the nth PUBLISH, counted from 0, with success unless a code is given. */
  answer(nth: number, code?: number): void
  /** DISCONNECT with a code, MQTT 5. */
  disconnect(code: number): void
  /** Closes the connection without a word. */
  hangUp(): void
  /** Resolves when the client has said DISCONNECT. */
  goodbye(): Promise<void>
}

export interface PlayedBroker {
  readonly server: Server
  /** The nth connection that asked to be let in, counted from 0. */
  peer(nth: number): Promise<Peer>
  stop(): Promise<void>
}
