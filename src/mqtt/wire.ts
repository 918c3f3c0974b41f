/**
 * The words spoken between the link and whatever carries its packets: our own types only, so that
 * nothing of the MQTT library shows outside `transport.ts`, and a fake can stand in for it.
 */

import type { Failure } from '../base/fault.js'
import type { Exchange } from '../base/ports.js'
import type { Bytes, Ms } from '../base/units.js'

/** 4 is MQTT 3.1.1, 5 is MQTT 5: the protocol level byte of CONNECT. */
export type ProtocolVersion = 4 | 5
export type QoS = 0 | 1 | 2

/** The longest packet that MQTT can express: five bytes of header and 256 MB less one byte. */
export const packetBytesMax: Bytes = 268_435_460

export interface Server {
  readonly scheme: 'mqtt' | 'mqtts' | 'ws' | 'wss'
  readonly host: string
  readonly port: number
  /** For ws and wss, beginning with `/`; else ''. */
  readonly path: string
}

/** How a server is named to people, and how a URL writes an IPv6 address. */
export function hostPort({ host, port }: Server): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Certificates and checks for mqtts and wss; absent fields use the system's. */
export interface Tls {
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
  readonly passphrase?: string
  readonly servername?: string
  readonly alpnProtocols?: readonly string[]
  readonly verify: boolean
}

/** One attempt to connect. Built anew for each, so that nothing of an old one leaks into it. */
export interface ConnectRequest {
  readonly server: Server
  readonly protocolVersion: ProtocolVersion
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly keepalive: Ms
  /** TCP, TLS and CONNACK together. */
  readonly connectTimeout: Ms
  readonly tls?: Tls
  /** What the broker publishes when this connection ends without a goodbye. */
  readonly will?: Packet
}

/**
 * What the broker granted in CONNACK (MQTT 5, 3.2.2.3). Where it set no limit, the protocol's own
 * stands here: 65,535 messages, `packetBytesMax`, QoS 2, retain.
 */
export interface Session {
  readonly receiveMaximum: number
  readonly maximumPacketSize: Bytes
  readonly maximumQoS: QoS
  readonly retainAvailable: boolean
}

/** MQTT 5 properties of a PUBLISH; left out on 3.1.1. */
export interface PublishProperties {
  readonly contentType?: string
  readonly responseTopic?: string
  readonly correlationData?: Uint8Array
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>
  readonly payloadFormatIndicator?: boolean
  readonly messageExpiryInterval?: number
}

export interface Packet {
  readonly topic: string
  readonly payload: string | Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties?: PublishProperties
}

/**
 * What became of one PUBLISH:
 * - `acknowledged`: PUBACK or PUBCOMP with success; for QoS 0, the socket took the bytes.
 * - `refused`: the broker will never take it (MQTT 5: 0x87, 0x90, 0x95, 0x99, 0x9A, 0x9B).
 * - `busy`: the broker asks to try later (0x80, 0x83, 0x91, 0x97); the link backs off and replays.
 * Nothing at all is also an outcome: the link's own time-out sees to that.
 */
export type PublishOutcome =
  | { readonly is: 'acknowledged' }
  | { readonly is: 'refused'; readonly failure: Failure }
  | { readonly is: 'busy'; readonly failure: Failure }

/**
 * How a connection, or the attempt at one, ended:
 * - `closed`: the other side hung up and gave no reason (it may dislike the protocol version, or
 *   another client may have taken the client id); else like `transient`.
 * - `packet`: the broker ended it over a packet of ours, or answered one with what cannot be read;
 *   else like `transient`.
 * - `older`: the broker does not speak this protocol version.
 * - `permanent`: a person must look.
 */
export interface Ended {
  readonly failure: Failure
  readonly kind: 'transient' | 'closed' | 'packet' | 'permanent' | 'older'
  /** The server that the broker named instead of itself (MQTT 5, 4.11). */
  readonly reference?: Server
}

export interface TransportEvents {
  /** CONNACK with success. At most once, before `ended`. */
  connected(session: Session): void
  /** Exactly once, whatever happened, unless `close` or `destroy` was called first. */
  ended(how: Ended): void
}

/** One connection, used once. After `ended`, `close` or `destroy` no callback is ever called. */
export interface Transport {
  /**
   * Only between `connected` and `ended`. The packet must be valid; `size` is that of the encoded
   * packet, for whoever has worked it out already.
   */
  publish(packet: Packet, settled: (outcome: PublishOutcome) => void, size?: Bytes): void
  /** Subscribes to the topic, publishes the text there and resolves when it has come back. */
  echo(topic: string, text: string): Exchange<void>
  /** Bytes handed over that the socket has not taken yet. */
  bufferedBytes(): Bytes
  /**
   * Says DISCONNECT and closes; resolves when the connection is gone. A peer that does not answer
   * can hold that up for ever: whoever cannot wait calls `destroy`.
   */
  close(): Promise<void>
  /** Drops the connection at once, without a word. */
  destroy(): void
}

export type Connect = (request: ConnectRequest, events: TransportEvents) => Transport
