/**
 * The stable id of a message on its way out, so that a receiver recognises what came twice: as a
 * user property of MQTT 5, or as a key inside a JSON object. It never writes over what is there,
 * and leaves a payload that is no JSON object alone.
 */

import type { Packet } from '../mqtt/wire.js'

/** `property`: MQTT 5 only. `payload`: for receivers on 3.1.1 too. */
export type MessageId = 'off' | 'property' | 'payload'

const property = 'resilience-id'
const key = 'resilienceId'

/** The packet with the id in it, or as it was. */
export function identified(packet: Packet, id: string, where: MessageId): Packet {
  if (where === 'property') return withProperty(packet, id)
  return where === 'payload' ? withKey(packet, id) : packet
}

function withProperty(packet: Packet, id: string): Packet {
  const { topic, payload, qos, retain, properties } = packet
  if (properties === undefined) {
    return { topic, payload, qos, retain, properties: { userProperties: { [property]: id } } }
  }
  const { userProperties = {} } = properties
  if (Object.hasOwn(userProperties, property)) return packet
  const both = { ...userProperties, [property]: id }
  return { ...packet, properties: { ...properties, userProperties: both } }
}

/** Written into the text, so that the rest of it stays as it was to the byte. */
function withKey(packet: Packet, id: string): Packet {
  const { payload } = packet
  if (typeof payload !== 'string') return packet
  const [open] = /^\s*\{/.exec(payload) ?? []
  const object = open === undefined ? undefined : objectIn(payload)
  if (open === undefined || object === undefined || Object.hasOwn(object, key)) return packet
  const comma = Object.keys(object).length > 0 ? ',' : ''
  const rest = payload.slice(open.length)
  return { ...packet, payload: `${open}"${key}":${JSON.stringify(id)}${comma}${rest}` }
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined // text that only begins like an object
  }
}
