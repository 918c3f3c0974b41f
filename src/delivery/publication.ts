/**
 * From a flow's message to the packet that will be published, and from there to the bytes that are
 * kept. The same properties of the message count as for core `mqtt out`, but a message that a
 * broker would refuse is refused here, before it is stored; the message itself is never changed.
 */

import { Fault } from '../base/fault.js'
import type { EpochMs } from '../base/units.js'
import { isSafeText, isTopicName } from '../mqtt/topic.js'
import type { Packet, PublishProperties, QoS } from '../mqtt/wire.js'
import type { Message } from '../store/active.js'
import { decode, type Encoded, encode } from '../store/codec.js'
import { laneOf } from '../store/lane.js'
import type { StoredRecord } from '../store/tail.js'
import { encodeTexts, isKeptAsTexts } from '../store/texts.js'
import { jsonText } from './json-text.js'

/** What the dialog fixes; `message` and an empty topic leave it to the message. */
export interface PublicationSettings {
  readonly topic: string
  readonly qos: QoS | 'message'
  readonly retain: boolean | 'message'
  /** Of MQTT 5; each of them wins over that of the message. */
  readonly properties?: PublishProperties
  /** The payload is formed when it is sent: then it must be known that it was no text. */
  readonly isFormedLater?: boolean
}

/** A packet as it is kept until it is sent. */
export interface Publication extends Packet {
  /** The payload is the text of a number or a truth value. */
  readonly isLiteral?: true
}

/** The properties of a message that are looked at. */
export interface FlowMessage {
  readonly [property: string]: unknown
}

/** Throws TOPIC_INVALID {topic} or PAYLOAD_UNSTORABLE {path, kind}. */
export function packetFrom(msg: FlowMessage, settings: PublicationSettings): Publication {
  const topic = settings.topic === '' ? msg['topic'] : settings.topic
  if (typeof topic !== 'string' || !isTopicName(topic)) {
    throw new Fault('TOPIC_INVALID', { topic: typeof topic === 'string' ? topic : '' })
  }
  const { qos, retain } = settings
  const properties = together(propertiesFrom(msg), settings.properties)
  const { payload } = msg
  const isLiteral = typeof payload === 'number' || typeof payload === 'boolean'
  return {
    topic,
    payload: payloadFrom(payload),
    qos: qos === 'message' ? qosFrom(msg['qos']) : qos,
    retain: retain === 'message' ? isTrue(msg['retain']) : retain,
    ...(properties === undefined ? {} : { properties }),
    ...(isLiteral && settings.isFormedLater ? { isLiteral } : {}),
  }
}

/** A message as the journal keeps it; the fields that nearly always have one value are left out. */
interface Kept {
  readonly topic: string
  readonly payload: string | Uint8Array
  readonly qos?: QoS
  readonly retain?: true
  readonly properties?: PublishProperties
  readonly isLiteral?: true
}

export function encodePacket(publication: Publication): Encoded {
  const { topic, payload, qos, retain, properties, isLiteral } = publication
  if (isPlain(publication)) return { codec: 2, bytes: encodeTexts(publication) }
  const kept: Kept = {
    topic,
    payload,
    ...(qos === 1 ? {} : { qos }),
    ...(retain ? { retain } : {}),
    ...(properties === undefined ? {} : { properties }),
    ...(isLiteral ? { isLiteral } : {}),
  }
  return encode(kept)
}

/** Nearly all are: a text for QoS 1 and nothing else, which nobody can change. */
function isPlain(publication: Publication): publication is Publication & { payload: string } {
  const { topic, payload, qos, retain, properties, isLiteral } = publication
  const hasMore = retain || isLiteral || properties !== undefined
  if (typeof payload !== 'string' || qos !== 1 || hasMore) return false
  return isKeptAsTexts({ topic, payload })
}

/** A packet as the queue keeps it; beside its bytes as it is, where nobody can change it. */
export function messageOf(publication: Publication): Message {
  const { codec, bytes } = encodePacket(publication)
  const lane = laneOf(publication.topic)
  if (codec !== 2) return { codec, payload: bytes, lane }
  return { codec, payload: bytes, lane, value: publication }
}

/** The packet of a record. Throws as `decodePacket`. */
export function publicationOf({ value, codec, payload }: StoredRecord): Publication {
  return isPublication(value) ? value : decodePacket(codec, payload)
}

function isPublication(value: unknown): value is Publication {
  return isKept(value) && value.qos !== undefined
}

/** Throws SEGMENT_CORRUPT for bytes that are whole but were never a packet. */
export function decodePacket(codec: number, bytes: Uint8Array): Publication {
  const kept = decode(codec, bytes)
  if (!isKept(kept)) throw new Fault('SEGMENT_CORRUPT')
  const { topic, payload, qos = 1, retain = false, properties, isLiteral } = kept
  return {
    ...{ topic, payload, qos, retain },
    ...(properties === undefined ? {} : { properties }),
    ...(isLiteral ? { isLiteral } : {}),
  }
}

/** Undefined for bytes that were never a packet. */
export function readablePacket(codec: number, bytes: Uint8Array): Packet | undefined {
  try {
    return decodePacket(codec, bytes)
  } catch {
    return undefined // whatever is in it, nobody can say
  }
}

/**
 * The packet with the time that is left of its expiry (MQTT 5, 3.3.2.3.3), or undefined when it
 * has none left.
 */
export function withTimeLeft(
  packet: Publication,
  storedAt: number,
  now: EpochMs,
): Publication | undefined {
  const seconds = packet.properties?.messageExpiryInterval
  if (seconds === undefined) return packet
  const left = seconds - Math.floor(Math.max(0, now - storedAt) / 1000)
  if (left <= 0) return undefined
  return { ...packet, properties: { ...packet.properties, messageExpiryInterval: left } }
}

/**
 * A packet of the backlog that goes out beside new ones: to `topic` if one is given, and in MQTT 5
 * with the user properties `resilience-historical` and `resilience-stored-at` (epoch ms).
 */
export function asHistorical(packet: Publication, storedAt: number, topic: string): Publication {
  const marks = { 'resilience-historical': 'true', 'resilience-stored-at': String(storedAt) }
  const userProperties = { ...packet.properties?.userProperties, ...marks }
  const properties = { ...packet.properties, userProperties }
  return { ...packet, properties, ...(topic === '' ? {} : { topic }) }
}

/**
 * A packet as a flow's message again: number, truth value and JSON object as such, not as text.
 * What a text that is no JSON object said stays text.
 */
export function messageFrom(publication: Publication): FlowMessage {
  const { topic, payload, qos, retain, properties, isLiteral } = publication
  const isJson = isLiteral || (typeof payload === 'string' && /^\s*[[{]/.test(payload))
  return { topic, payload: isJson ? fromJson(payload) : payload, qos, retain, ...properties }
}

function fromJson(payload: string | Uint8Array): unknown {
  if (typeof payload !== 'string') return payload
  try {
    return JSON.parse(payload)
  } catch {
    return payload // text that only begins like an object, NaN or Infinity
  }
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'topic' in value && 'payload' in value
}

function payloadFrom(payload: unknown): string | Uint8Array {
  switch (typeof payload) {
    case 'string':
      return payload
    case 'number':
    case 'boolean':
      return String(payload)
    case 'object':
      if (payload === null) return ''
      return bytesOf(payload) ?? jsonText(payload, 'payload')
    default: {
      const kind = payload === undefined ? 'missing value' : typeof payload
      throw new Fault('PAYLOAD_UNSTORABLE', { path: 'payload', kind })
    }
  }
}

/** Buffers and byte arrays, also those that a function node made in a realm of its own. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (!ArrayBuffer.isView(value) || value.constructor.name !== 'Uint8Array') return undefined
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

function qosFrom(qos: unknown): QoS {
  const number = Number(qos ?? 1)
  return number === 0 || number === 2 ? number : 1
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

/** User properties are joined, name by name. */
function together(
  ofMessage: PublishProperties | undefined,
  fixed: PublishProperties | undefined,
): PublishProperties | undefined {
  if (fixed === undefined || Object.keys(fixed).length === 0) return ofMessage
  if (ofMessage === undefined) return fixed
  const names = { ...ofMessage.userProperties, ...fixed.userProperties }
  const userProperties = Object.keys(names).length > 0 ? { userProperties: names } : {}
  return { ...ofMessage, ...fixed, ...userProperties }
}

/** Values of another type than MQTT 5 knows are left out, as core does. */
function propertiesFrom(msg: FlowMessage): PublishProperties | undefined {
  const { contentType, responseTopic, correlationData, userProperties } = msg
  const asked = contentType ?? responseTopic ?? correlationData ?? userProperties
  if ((asked ?? msg['messageExpiryInterval']) === undefined) return undefined
  const correlation = bytesOf(correlationData)
  const expiry = Number(msg['messageExpiryInterval'] ?? Number.NaN)
  const properties: PublishProperties = {
    ...(typeof contentType === 'string' ? { contentType: safe(contentType, 'contentType') } : {}),
    ...(typeof responseTopic === 'string' && isTopicName(responseTopic) ? { responseTopic } : {}),
    ...(correlation === undefined ? {} : { correlationData: correlation }),
    ...(isUserProperties(userProperties) ? { userProperties } : {}),
    ...(expiry > 0 && expiry <= 0xffffffff ? { messageExpiryInterval: Math.floor(expiry) } : {}),
  }
  for (const [name, value] of Object.entries(properties.userProperties ?? {})) {
    for (const text of [name, value].flat()) safe(text, 'userProperties')
  }
  return Object.keys(properties).length === 0 ? undefined : properties
}

/** A broker may hang up on such a text, and with it on everything behind the message. */
function safe(text: string, path: string): string {
  if (isSafeText(text)) return text
  throw new Fault('PAYLOAD_UNSTORABLE', { path, kind: 'text with control characters' })
}

function isUserProperties(value: unknown): value is Record<string, string | readonly string[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const isText = (v: unknown) => typeof v === 'string'
  return Object.values(value).every((v) => isText(v) || (Array.isArray(v) && v.every(isText)))
}
