/**
 * Reads fields out of plain data that somebody else wrote, perhaps long ago or half. What is not
 * there, or not what was expected, is undefined; nothing is converted and nothing is thrown.
 */

/** Of the object itself: nothing inherited is read. */
export function fieldOf(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined
  return Object.getOwnPropertyDescriptor(from, name)?.value
}

export function textOf(from: unknown, name: string): string | undefined {
  const value = fieldOf(from, name)
  return typeof value === 'string' ? value : undefined
}

export function numberOf(from: unknown, name: string): number | undefined {
  const value = fieldOf(from, name)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Not negative. */
export function spanOf(from: unknown, name: string): number | undefined {
  const value = numberOf(from, name)
  return value !== undefined && value >= 0 ? value : undefined
}

/** Whole and not negative. */
export function countOf(from: unknown, name: string): number | undefined {
  const value = numberOf(from, name)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
