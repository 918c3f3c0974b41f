/**
 * The few packets that a scripted broker must read and write, in MQTT 3.1.1 and 5. Written from the
 * specification and independent of any library, so that a test does not confirm a library's
 * mistakes. It reads no properties and checks nothing.
 */

import type { ProtocolVersion, QoS, Session } from '../../src/mqtt/wire.js'

export type Heard =
  | { readonly is: 'connect'; readonly version: ProtocolVersion; readonly clientId: string }
  | {
      readonly is: 'publish'
      readonly id: number
      readonly topic: string
      readonly payload: Buffer
      readonly qos: QoS
      readonly retain: boolean
      readonly dup: boolean
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
  const properties = version === 5 ? variableLength(body, 10) : undefined
  const at = properties === undefined ? 10 : properties.end + properties.value
  return { is: 'connect', version, clientId: textAt(body, at) }
}

function publishOf(first: number, body: Buffer, version: ProtocolVersion): Heard {
  const bits = (first >> 1) & 3
  const qos: QoS = bits === 2 ? 2 : bits === 1 ? 1 : 0
  let at = 2 + body.readUInt16BE(0)
  const id = qos === 0 ? 0 : body.readUInt16BE(at)
  if (qos > 0) at += 2
  const properties = version === 5 ? variableLength(body, at) : undefined
  if (properties !== undefined) at = properties.end + properties.value
  const retain = (first & 1) === 1
  const dup = (first & 8) === 8
  const topic = textAt(body, 0)
  return { is: 'publish', id, topic, payload: body.subarray(at), qos, retain, dup }
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

export function connack(version: ProtocolVersion, code: number, grants: Partial<Session>): Buffer {
  if (version === 4) return Buffer.from([0x20, 2, 0, code])
  const properties: number[] = []
  const { receiveMaximum, maximumPacketSize, maximumQoS, retainAvailable } = grants
  if (receiveMaximum !== undefined) {
    properties.push(0x21, receiveMaximum >> 8, receiveMaximum & 255)
  }
  if (maximumQoS !== undefined && maximumQoS < 2) properties.push(0x24, maximumQoS)
  if (retainAvailable !== undefined) properties.push(0x25, retainAvailable ? 1 : 0)
  if (maximumPacketSize !== undefined) {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(maximumPacketSize)
    properties.push(0x27, ...size)
  }
  return Buffer.from([0x20, 3 + properties.length, 0, code, properties.length, ...properties])
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
export const disconnect = (code: number): Buffer => Buffer.from([0xe0, 1, code])
