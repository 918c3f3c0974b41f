/**
 * Would this broker take this packet at all? Answered before sending, because a broker's own answer
 * to a packet over its limits is to close the connection, again at every replay. It refuses what
 * the session rules out and changes nothing: no silent downgrade, no truncation.
 */

import type { Failure } from '../base/fault.js'
import type { Bytes } from '../base/units.js'
import { refusedFor } from './outcome-of.js'
import { isTopicName } from './topic.js'
import type { Packet, PublishProperties, Session } from './wire.js'

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

function fieldsOf(properties: PublishProperties): Array<string | Uint8Array> {
  const { contentType = '', responseTopic = '', correlationData = '' } = properties
  const pairs = Object.entries(properties.userProperties ?? {}).flat(2)
  return [contentType, responseTopic, correlationData, ...pairs]
}
