/**
 * The few packets that a scripted broker must read and write, in MQTT 3.1.1 and 5. Written from the
 * specification and independent of any library, so that a test does not confirm a library's
 * mistakes. It checks nothing.
 */

import type { ProtocolVersion, QoS, Session } from '../../src/mqtt/wire.js'
import { readProperties } from './mqtt-properties.js'

export interface HeardWill {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
}

export type Heard =
  | {
      readonly is: 'connect'
      readonly version: ProtocolVersion
      readonly clientId: string
      readonly keepalive: number
      readonly will: HeardWill | undefined
    }
  | {
      readonly is: 'publish'
      readonly id: number
      readonly topic: string
      readonly payload: Buffer
      readonly qos: QoS
      readonly retain: boolean
      readonly dup: boolean
      /** By their names in the specification; user properties as `key=value`. */
      readonly properties: readonly string[]
    }
  | { readonly is: 'pubrel'; readonly id: number }
  | { readonly is: 'ping' | 'disconnect' | 'other' }

/** Cuts a stream of bytes into packets. */
export class PacketReader {
  #rest = Buffer.alloc(0)
  #version: ProtocolVersion = 4

  read(chunk: Uint8Array): Heard[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const heard: Heard[] = []
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) {
      const packet = this.#packet(frame.first, frame.body)
      if (packet.is === 'connect') this.#version = packet.version
      heard.push(packet)
    }
    return heard
  }

  #frame(): { first: number; body: Buffer } | undefined {
    const length = variableLength(this.#rest, 1)
    if (length === undefined || this.#rest.length < length.end + length.value) return undefined
    const first = this.#rest.readUInt8(0)
    const body = this.#rest.subarray(length.end, length.end + length.value)
    this.#rest = this.#rest.subarray(length.end + length.value)
    return { first, body }
  }

  #packet(first: number, body: Buffer): Heard {
    switch (first >> 4) {
      case 1:
        return connectOf(body)
      case 3:
        return publishOf(first, body, this.#version)
      case 6:
        return { is: 'pubrel', id: body.readUInt16BE(0) }
      case 12:
        return { is: 'ping' }
      case 14:
        return { is: 'disconnect' }
      default:
        return { is: 'other' }
    }
  }
}

function connectOf(body: Buffer): Heard {
  const version = body.readUInt8(6) === 5 ? 5 : 4
  const flags = body.readUInt8(7)
  const afterProperties = (at: number) => {
    const length = version === 5 ? variableLength(body, at) : undefined
    return length === undefined ? at : length.end + length.value
  }
  const idAt = afterProperties(10)
  const clientId = textAt(body, idAt)
  const hasWill = (flags & 4) === 4
  const willAt = afterProperties(idAt + 2 + body.readUInt16BE(idAt))
  const will = hasWill ? willOf(body, willAt, flags) : undefined
  return { is: 'connect', version, clientId, keepalive: body.readUInt16BE(8), will }
}

function willOf(body: Buffer, at: number, flags: number): HeardWill {
  const topic = textAt(body, at)
  const payload = textAt(body, at + 2 + body.readUInt16BE(at))
  return { topic, payload, qos: (flags >> 3) & 3, retain: (flags & 32) === 32 }
}

function publishOf(first: number, body: Buffer, version: ProtocolVersion): Heard {
  const bits = (first >> 1) & 3
  const qos: QoS = bits === 2 ? 2 : bits === 1 ? 1 : 0
  let at = 2 + body.readUInt16BE(0)
  const id = qos === 0 ? 0 : body.readUInt16BE(at)
  if (qos > 0) at += 2
  const length = version === 5 ? variableLength(body, at) : undefined
  if (length !== undefined) at = length.end + length.value
  const properties = length === undefined ? [] : readProperties(body.subarray(length.end, at))
  const retain = (first & 1) === 1
  const dup = (first & 8) === 8
  const topic = textAt(body, 0)
  return { is: 'publish', id, topic, payload: body.subarray(at), qos, retain, dup, properties }
}

const textAt = (body: Buffer, at: number): string =>
  body.toString('utf8', at + 2, at + 2 + body.readUInt16BE(at))

function variableLength(bytes: Buffer, from: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = from, factor = 1; at < bytes.length; at++, factor *= 128) {
    const byte = bytes.readUInt8(at)
    value += (byte & 127) * factor
    if (byte < 128) return { value, end: at + 1 }
  }
  return undefined
}

/** What a broker may say in CONNACK besides the limits that make a session. */
export interface Further {
  /** Seconds. */
  readonly serverKeepAlive?: number
  readonly serverReference?: string
}

export function connack(
  version: ProtocolVersion,
  code: number,
  grants: Partial<Session> & Further,
): Buffer {
  if (version === 4) return Buffer.from([0x20, 2, 0, code])
  const { receiveMaximum, maximumPacketSize, maximumQoS, retainAvailable } = grants
  const { serverKeepAlive, serverReference } = grants
  const properties = [
    ...(receiveMaximum === undefined ? [] : [0x21, ...twoBytes(receiveMaximum)]),
    ...(maximumQoS === undefined || maximumQoS === 2 ? [] : [0x24, maximumQoS]),
    ...(retainAvailable === undefined ? [] : [0x25, retainAvailable ? 1 : 0]),
    ...(maximumPacketSize === undefined ? [] : [0x27, ...fourBytes(maximumPacketSize)]),
    ...(serverKeepAlive === undefined ? [] : [0x13, ...twoBytes(serverKeepAlive)]),
    ...reference(serverReference),
  ]
  return Buffer.from([0x20, 3 + properties.length, 0, code, properties.length, ...properties])
}

const twoBytes = (value: number): number[] => [value >> 8, value & 255]
const fourBytes = (value: number): number[] =>
  [...twoBytes(value >>> 16), ...twoBytes(value)].map((byte) => byte & 255)

function reference(text: string | undefined): number[] {
  if (text === undefined) return []
  const bytes = Buffer.from(text)
  return [0x1c, ...twoBytes(bytes.length), ...bytes]
}

type Ack = 'puback' | 'pubrec' | 'pubcomp'
const firstBytes: Readonly<Record<Ack, number>> = { puback: 0x40, pubrec: 0x50, pubcomp: 0x70 }

/** Only MQTT 5 has codes. */
export function ack(kind: Ack, id: number, code: number): Buffer {
  const [high, low] = [id >> 8, id & 255]
  const first = firstBytes[kind]
  return Buffer.from(code === 0 ? [first, 2, high, low] : [first, 3, high, low, code])
}

export const pingResponse = Buffer.from([0xd0, 0])

export function disconnect(code: number, serverReference?: string): Buffer {
  const properties = reference(serverReference)
  if (properties.length === 0) return Buffer.from([0xe0, 1, code])
  return Buffer.from([0xe0, 2 + properties.length, code, properties.length, ...properties])
}
