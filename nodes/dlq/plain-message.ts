/**
 * A message as JSON for a person's browser, and what that person sent back laid over the message
 * that it was: a property that was not touched keeps its kind, a Buffer or a Date for example.
 */

import { fieldOf } from '../../src/policy/plain-data.js'
import type { Message } from '../common/node-red.js'
import { plain } from '../common/plain-json.js'

export function plainMessage(msg: Message): unknown {
  return JSON.parse(JSON.stringify(msg, plain) ?? '{}')
}

/** The edited message; properties that are left out are gone. */
export function editedMessage(original: Message, edited: object): Message {
  const entries = Object.entries(edited).map(([name, value]) => {
    const before = JSON.stringify(fieldOf(original, name), plain)
    const isUntouched = before !== undefined && before === JSON.stringify(value)
    return [name, isUntouched ? fieldOf(original, name) : revived(value)]
  })
  return Object.fromEntries(entries)
}

/** `{type: 'Buffer', data: […]}` wherever it stands. */
function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(revived)
  const data = fieldOf(value, 'data')
  const isBytes = fieldOf(value, 'type') === 'Buffer' && Array.isArray(data)
  if (isBytes && data.every(isByte)) return Buffer.from(data)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revived(each)]))
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255
}
