/**
 * Values of messages as JSON: what JSON has no form for becomes text or a list. Buffers are written
 * as Node-RED does it.
 */

/** For JSON.stringify. */
export function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return [...value]
  if (value instanceof Set) return [...value]
  return value
}
