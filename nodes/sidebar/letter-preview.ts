/**
 * Values of a message in short: what stands on one line of the tree, what stands below it, and what
 * is wrong with a text that should be JSON. However large a value is, only a few of its parts are
 * looked at. It imports nothing, so that the browser gets this very file.
 */

/** Of the text of one line. */
const lengthMax = 60
const partsMax = 5

export interface Part {
  readonly name: string
  readonly value: unknown
}

/** Whether there is anything below it. */
export function isOpenable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

/** From `at` on, `count` of them. */
export function partsOf(value: object, at: number, count: number): readonly Part[] {
  if (Array.isArray(value)) {
    return value.slice(at, at + count).map((each, n) => ({ name: String(at + n), value: each }))
  }
  const names = Object.keys(value).slice(at, at + count)
  return names.map((name) => ({ name, value: Reflect.get(value, name) }))
}

export const sizeOf = (value: object): number => Object.keys(value).length

/** The bytes of a Buffer, as Node-RED writes it into JSON; undefined for anything else. */
export function bufferOf(value: unknown): readonly number[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const data: unknown = Reflect.get(value, 'data')
  return Reflect.get(value, 'type') === 'Buffer' && Array.isArray(data) ? data : undefined
}

/** One line, in full where it is short: `{order: 4710, lines: […]}`. */
export function previewOf(value: unknown): string {
  const bytes = bufferOf(value)
  if (bytes !== undefined) return cut(bytesText(bytes))
  if (typeof value !== 'object' || value === null) return cut(scalarText(value))
  const parts = partsOf(value, 0, partsMax)
  const isList = Array.isArray(value)
  const inside = parts.map((part) => `${isList ? '' : `${part.name}: `}${shortText(part.value)}`)
  const all = [...inside, ...(sizeOf(value) > partsMax ? ['…'] : [])].join(', ')
  return cut(isList ? `[${all}]` : `{${all}}`)
}

/** In full, for what has no parts: texts keep their line breaks. */
export function fullText(value: unknown): string {
  return typeof value === 'string' ? value : previewOf(value)
}

function shortText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '[…]'
  if (bufferOf(value) !== undefined) return 'Buffer'
  if (typeof value !== 'object' || value === null) return scalarText(value)
  return isOpenable(value) ? '{…}' : '{}'
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, lengthMax)) : String(value)
}

/** As text where it reads as such, else in hexadecimal. */
function bytesText(bytes: readonly number[]): string {
  const first = bytes.slice(0, lengthMax)
  const isPlain = first.every((byte) => byte >= 32 && byte < 127)
  const text = isPlain
    ? JSON.stringify(String.fromCharCode(...first))
    : first.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return `Buffer ${bytes.length} B ${text}`
}

function cut(text: string): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}

/** What a person wrote as JSON: the message, or where it is none. */
export type Written =
  | { readonly msg: object }
  | { readonly why: 'not-json' | 'not-object'; readonly line: number; readonly column: number }

/** The place is where the browser says; without its word the end of the text. */
export function readMessage(text: string): Written {
  try {
    const msg: unknown = JSON.parse(text)
    const isMessage = typeof msg === 'object' && msg !== null && !Array.isArray(msg)
    return isMessage ? { msg } : { why: 'not-object', line: 1, column: 1 }
  } catch (error) {
    return { why: 'not-json', ...placeIn(text, String(error)) }
  }
}

/** Chromium tells a position or nothing, Firefox a line and a column. */
function placeIn(text: string, told: string): { line: number; column: number } {
  const [, line, column] = /line (\d+) column (\d+)/.exec(told) ?? []
  if (line !== undefined) return { line: Number(line), column: Number(column) }
  const [, position] = /position (\d+)/.exec(told) ?? []
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** Where in the text that is, for the caret. */
export function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
}
