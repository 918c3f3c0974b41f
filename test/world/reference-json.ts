/**
 * The JSON texts in REFERENCE.md, and whether what a node writes has the same fields with values of
 * the same kind. It compares shapes, never values.
 */

import should from 'should'
import { textOf } from '../house/sources.js'

/** The first JSON text below the line in REFERENCE.md that begins like this. */
export function written(title: string): unknown {
  const below = textOf('REFERENCE.md').split(`\n${title}`)[1] ?? ''
  return JSON.parse(/```json\n(.*?)```/s.exec(below)?.[1] ?? '')
}

/** The same fields, with values of the same kind. */
export function isLike(given: unknown, expected: unknown): void {
  should(shapeOf(given)).eql(shapeOf(expected))
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  const fields = Object.entries(value).filter(
    ([name, each]) => name !== '_msgid' && each !== undefined,
  )
  return Object.fromEntries(fields.map(([name, each]) => [name, shapeOf(each)]))
}
