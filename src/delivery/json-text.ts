/**
 * The JSON text of an object as it goes on the wire, or the path of what JSON would lose without a
 * word: functions, sockets and other objects of a class, maps and sets, circles. Objects that say
 * themselves how they look in JSON (`toJSON`: dates, buffers) are taken at their word.
 */

import { Fault } from '../base/fault.js'

/** Rejects with PAYLOAD_UNSTORABLE {path, kind}; `root` is what the path begins with. */
export function jsonText(value: object, root: string): string {
  const paths = new Map<unknown, string>([[value, root]])
  try {
    const text: string | undefined = JSON.stringify(
      value,
      function (this: unknown, key, v: unknown) {
        const path = key === '' ? root : pathIn(paths.get(this) ?? root, this, key)
        const kind = unstorableKind(v)
        if (kind !== undefined) throw new Fault('PAYLOAD_UNSTORABLE', { path, kind })
        if (typeof v === 'object' && v !== null) paths.set(v, path)
        return v
      },
    )
    if (text !== undefined) return text
  } catch (error) {
    if (error instanceof Fault) throw error
    const kind = error instanceof RangeError ? 'too deeply nested value' : 'circular reference'
    throw new Fault('PAYLOAD_UNSTORABLE', { path: root, kind }, error)
  }
  throw new Fault('PAYLOAD_UNSTORABLE', { path: root, kind: 'object without a JSON text' })
}

function pathIn(parent: string, holder: unknown, key: string): string {
  return Array.isArray(holder) ? `${parent}[${key}]` : `${parent}.${key}`
}

function unstorableKind(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    return typeof value
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // A function node has an Object of its own: what counts is that nothing stands above it.
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined
  return value.constructor?.name ?? 'object of a class'
}
