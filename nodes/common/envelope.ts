/**
 * What travels under `msg.resilience`: read from a message, and put on a message that a node passes
 * on. It never changes the message that it was given, nor anything outside `msg.resilience`
 * (design.md 3 and 8.4).
 */

import type { Message } from './node-red.js'

export interface Envelope {
  readonly [field: string]: unknown
}

/** Fields that speak to one node only: they never travel on. */
export const passing = ['command', 'answer', 'outcome', 'reason', 'failure'] as const

/** Empty when there is none. */
export function envelopeOf({ resilience }: Message): Envelope {
  const isEnvelope = typeof resilience === 'object' && resilience !== null
  return isEnvelope ? { ...resilience } : {}
}

/** The message as a node passes it on: these fields replaced, what spoke to the node removed. */
export function passedOn(msg: Message, fields: Envelope): Message {
  return enveloped(msg, travelling(msg, fields, passing))
}

/** The message with this envelope. */
export function enveloped(msg: Message, resilience: Envelope): Message {
  // A property that follows a spread takes the runtime ten times as long as one before it.
  const copy = { resilience, ...msg }
  copy.resilience = resilience
  return copy
}

/** What the message has in its envelope without some fields, and with others replaced. */
export function travelling(
  { resilience }: Message,
  fields: Envelope,
  without: readonly string[],
): Envelope {
  if (typeof resilience !== 'object' || resilience === null) return { ...fields }
  // Assigned, as what is added to a spread takes longer; but that name would not be a property.
  let isPlain = !Object.hasOwn(resilience, '__proto__')
  for (const field of without) if (field in resilience) isPlain = false
  if (isPlain) return Object.assign({}, resilience, fields)
  const rest = Object.entries(resilience).filter(([field]) => !without.includes(field))
  return Object.assign(Object.fromEntries(rest), fields)
}
