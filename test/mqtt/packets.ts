/** Chance packets that a link may send: every field, present and absent, of every kind. */

import fc from 'fast-check'
import type { Packet, PublishProperties, QoS } from '../../src/mqtt/wire.js'

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const properties: fc.Arbitrary<PublishProperties> = fc.record(
  {
    contentType: text,
    responseTopic: text,
    correlationData: fc.uint8Array({ maxLength: 40 }),
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: fc.nat(0xffff_ffff),
    userProperties: fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 }))),
  },
  { requiredKeys: [] },
)
export const anyPacket: fc.Arbitrary<Packet> = fc.record(
  {
    topic: text,
    payload: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.uint8Array()),
    qos: fc.constantFrom<QoS>(0, 1, 2),
    retain: fc.boolean(),
    properties,
  },
  { requiredKeys: ['topic', 'payload', 'qos', 'retain'] },
)
