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
const passing = ['command', 'answer', 'outcome', 'reason', 'failure'] as const

/** Empty when there is none. */
export function envelopeOf({ resilience }: Message): Envelope {
  const isEnvelope = typeof resilience === 'object' && resilience !== null
  return isEnvelope ? { ...resilience } : {}
}

/** The message as a node passes it on: these fields replaced, what spoke to the node removed. */
export function passedOn(msg: Message, fields: Envelope): Message {
  const kept: Record<string, unknown> = { ...envelopeOf(msg) }
  for (const field of passing) delete kept[field]
  return { ...msg, resilience: { ...kept, ...fields } }
}
