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

/** At most so many are named. */
const kindsMax = 20

/**
 * What JSON has no form for, by its path: a person who edits it must know that it was a Date, a Map
 * or a Buffer. The first 20; one in the key of a Map or inside another of these is not named.
 */
export function kindsIn(msg: Message): Readonly<Record<string, string>> {
  const kinds: [string, string][] = []
  const look = (value: unknown, path: string): void => {
    if (kinds.length >= kindsMax) return
    const kind = kindOf(value)
    if (kind === 'Object' || kind === 'Array') {
      const between = (name: string) => (kind === 'Array' ? `[${name}]` : `.${name}`)
      for (const [name, each] of Object.entries(Object(value))) look(each, path + between(name))
    } else if (!jsonKinds.has(kind)) kinds.push([path, kind])
  }
  for (const [name, value] of Object.entries(msg)) look(value, name)
  return Object.fromEntries(kinds)
}

const jsonKinds: ReadonlySet<string> = new Set(['String', 'Boolean', 'Number', 'Null'])

/** Also of what was made elsewhere, in the context of a function node. */
function kindOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return 'Buffer'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'NaN or infinity'
  return Object.prototype.toString.call(value).slice(8, -1)
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
