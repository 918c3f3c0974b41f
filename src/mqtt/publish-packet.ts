/**
 * PUBLISH as it lies on the wire: how long it is, and its bytes (MQTT 5, 3.3; 3.1.1, 3.3). Both
 * walk the same fields in the same order. It checks nothing: the packet must be one that
 * `refusalOf` lets pass.
 */

import type { Bytes } from '../base/units.js'
import type { Packet, ProtocolVersion, PublishProperties } from './wire.js'

/** Property identifiers (MQTT 5, 2.2.2.2). */
const payloadFormatId = 0x01
const expiryId = 0x02
const contentTypeId = 0x03
const responseTopicId = 0x08
const correlationDataId = 0x09
const userPropertyId = 0x26

/** Bytes of the whole packet. */
export function encodedSize(packet: Packet, version: ProtocolVersion): Bytes {
  const rest = restSize(packet, version)
  return 1 + lengthBytes(rest) + rest
}

/** One sending of a packet. */
export interface Sending {
  readonly packet: Packet
  /** As `encodedSize` says. */
  readonly size: Bytes
  /** Of no meaning for QoS 0. */
  readonly id: number
}

/** Writes the packet into `into` at `at`, where there must be room for it. */
export function writePublish(
  into: Buffer,
  at: number,
  { packet, size, id }: Sending,
  version: ProtocolVersion,
): void {
  const { topic, payload, qos, retain, properties } = packet
  into[at] = 0x30 | (qos << 1) | (retain ? 1 : 0)
  let end = writeLength(into, at + 1, restOf(size))
  end = writeField(into, end, topic)
  if (qos > 0) end = into.writeUInt16BE(id, end)
  if (version === 5) end = writeProperties(into, end, properties)
  if (typeof payload === 'string') into.write(payload, end)
  else into.set(payload, end)
}

/** What is behind the length of a packet of this size. */
function restOf(size: Bytes): Bytes {
  let rest = size - 2
  while (1 + lengthBytes(rest) + rest > size) rest--
  return rest
}

/** Bytes behind the length of the packet. */
function restSize({ topic, payload, qos, properties }: Packet, version: ProtocolVersion): Bytes {
  const size = 2 + Buffer.byteLength(topic) + Buffer.byteLength(payload) + (qos > 0 ? 2 : 0)
  if (version === 4) return size
  const length = properties === undefined ? 0 : propertiesSize(properties)
  return size + lengthBytes(length) + length
}

function propertiesSize(properties: PublishProperties): Bytes {
  const { contentType, responseTopic, correlationData, userProperties } = properties
  let size = 0
  if (properties.payloadFormatIndicator !== undefined) size += 2
  if (properties.messageExpiryInterval !== undefined) size += 5
  if (contentType !== undefined) size += 3 + Buffer.byteLength(contentType)
  if (responseTopic !== undefined) size += 3 + Buffer.byteLength(responseTopic)
  if (correlationData !== undefined) size += 3 + correlationData.byteLength
  for (const name in userProperties) {
    const values = userProperties[name] ?? []
    if (typeof values === 'string') size += pairSize(name, values)
    else for (const value of values) size += pairSize(name, value)
  }
  return size
}

const pairSize = (name: string, value: string): Bytes =>
  5 + Buffer.byteLength(name) + Buffer.byteLength(value)

/** Their length is known when they are written; one of more than a byte moves them on. */
function writeProperties(into: Buffer, at: number, properties?: PublishProperties): number {
  if (properties === undefined) return writeLength(into, at, 0)
  const from = at + 1
  const end = writeEach(into, from, properties)
  const more = lengthBytes(end - from) - 1
  if (more > 0) into.copyWithin(from + more, from, end)
  writeLength(into, at, end - from)
  return end + more
}

function writeEach(into: Buffer, at: number, properties: PublishProperties): number {
  const { payloadFormatIndicator, messageExpiryInterval, correlationData } = properties
  let end = at
  if (payloadFormatIndicator !== undefined) {
    end = into.writeUInt8(payloadFormatId, end)
    end = into.writeUInt8(payloadFormatIndicator ? 1 : 0, end)
  }
  if (messageExpiryInterval !== undefined) {
    end = into.writeUInt8(expiryId, end)
    end = into.writeUInt32BE(messageExpiryInterval, end)
  }
  const { contentType, responseTopic, userProperties } = properties
  if (contentType !== undefined) end = writeProperty(into, end, contentTypeId, contentType)
  if (responseTopic !== undefined) end = writeProperty(into, end, responseTopicId, responseTopic)
  if (correlationData !== undefined) {
    end = writeProperty(into, end, correlationDataId, correlationData)
  }
  for (const name in userProperties) {
    const values = userProperties[name] ?? []
    if (typeof values === 'string') end = writePair(into, end, name, values)
    else for (const value of values) end = writePair(into, end, name, value)
  }
  return end
}

/** A name with several values goes out once for each (MQTT 5, 3.3.2.3.7). */
function writePair(into: Buffer, at: number, name: string, value: string): number {
  return writeField(into, writeProperty(into, at, userPropertyId, name), value)
}

function writeProperty(into: Buffer, at: number, id: number, value: string | Uint8Array): number {
  return writeField(into, into.writeUInt8(id, at), value)
}

/** Two bytes of length, then the text or the bytes (MQTT 5, 1.5.4 and 1.5.6). */
function writeField(into: Buffer, at: number, value: string | Uint8Array): number {
  const start = at + 2
  let end = start + value.length
  if (typeof value === 'string') end = start + into.write(value, start)
  else into.set(value, start)
  into.writeUInt16BE(end - start, at)
  return end
}

/** A variable byte integer (MQTT 5, 1.5.5). */
function writeLength(into: Buffer, at: number, value: number): number {
  let end = at
  let rest = value
  for (; rest > 127; rest >>= 7) into[end++] = (rest & 127) | 128
  into[end++] = rest
  return end
}

function lengthBytes(value: number): number {
  if (value < 128) return 1
  if (value < 16_384) return 2
  return value < 2_097_152 ? 3 : 4
}
