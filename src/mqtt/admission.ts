/**
 * Would this broker take this packet at all? Answered before sending, because a broker's own answer
 * to a packet over its limits is to close the connection, again at every replay. It refuses what
 * the session rules out and changes nothing: no silent downgrade, no truncation.
 */

import type { Failure } from '../base/fault.js'
import type { Bytes } from '../base/units.js'
import { refusedFor } from './outcome-of.js'
import { isTopicName } from './topic.js'
import type { Packet, ProtocolVersion, PublishProperties, Session } from './wire.js'

/** Two bytes tell the length of every string and every binary property. */
const fieldBytesMax = 65_535
const malformed = 0x81
const retainNotSupported = 0x9a
const qosNotSupported = 0x9b
const expiryMax = 0xffff_ffff

/** Why the packet must not be sent in this session; undefined when it may. `size` as encoded. */
export function refusalOf(
  packet: Packet,
  size: Bytes,
  session: Session,
  server: string,
): Failure | undefined {
  const { topic, qos, retain, properties } = packet
  if (!isTopicName(topic)) return { code: 'TOPIC_INVALID', values: { topic } }
  if (qos > session.maximumQoS) return refusedFor(qosNotSupported)
  if (retain && !session.retainAvailable) return refusedFor(retainNotSupported)
  if (size > session.maximumPacketSize) return tooLarge(size, session.maximumPacketSize, server)
  return properties === undefined ? undefined : refusalOfProperties(properties, size)
}

function refusalOfProperties(properties: PublishProperties, size: Bytes): Failure | undefined {
  const expiry = properties.messageExpiryInterval
  if (expiry !== undefined && !(Number.isInteger(expiry) && expiry >= 0 && expiry <= expiryMax)) {
    return refusedFor(malformed, 'messageExpiryInterval')
  }
  // No part is longer than the whole.
  if (size <= fieldBytesMax) return undefined
  let longest = 0
  for (const field of fieldsOf(properties)) longest = Math.max(longest, Buffer.byteLength(field))
  return longest > fieldBytesMax ? tooLarge(longest, fieldBytesMax, 'MQTT') : undefined
}

const tooLarge = (size: Bytes, limit: Bytes, who: string): Failure => ({
  code: 'PAYLOAD_TOO_LARGE',
  values: { size, limit, who },
})

/** Bytes of the whole PUBLISH on the wire (MQTT 5, 3.3; 3.1.1, 3.3). */
export function encodedSize(packet: Packet, version: ProtocolVersion): Bytes {
  let rest = 2 + Buffer.byteLength(packet.topic) + Buffer.byteLength(packet.payload)
  if (packet.qos > 0) rest += 2
  if (version === 5) {
    const length = packet.properties === undefined ? 0 : propertiesSize(packet.properties)
    rest += lengthBytes(length) + length
  }
  return 1 + lengthBytes(rest) + rest
}

function propertiesSize(properties: PublishProperties): Bytes {
  let size = 0
  if (properties.payloadFormatIndicator !== undefined) size += 2
  if (properties.messageExpiryInterval !== undefined) size += 5
  for (const field of [properties.contentType, properties.responseTopic]) {
    if (field !== undefined) size += 3 + Buffer.byteLength(field)
  }
  if (properties.correlationData !== undefined) size += 3 + properties.correlationData.byteLength
  for (const [name, values] of Object.entries(properties.userProperties ?? {})) {
    for (const value of typeof values === 'string' ? [values] : values) {
      size += 5 + Buffer.byteLength(name) + Buffer.byteLength(value)
    }
  }
  return size
}

function fieldsOf(properties: PublishProperties): Array<string | Uint8Array> {
  const { contentType = '', responseTopic = '', correlationData = '' } = properties
  const pairs = Object.entries(properties.userProperties ?? {}).flat(2)
  return [contentType, responseTopic, correlationData, ...pairs]
}

/** Bytes of a variable byte integer (MQTT 5, 1.5.5). */
function lengthBytes(value: number): number {
  if (value < 128) return 1
  if (value < 16_384) return 2
  return value < 2_097_152 ? 3 : 4
}
