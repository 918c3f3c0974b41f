/**
 * Figures as people write them: `30s`, `256MB`, `100/s, 512KB/s`, `50%`, `5xx,429`. One parser for
 * the dialog and the runtime, so that what one accepts the other understands. It never guesses a
 * unit that was not written, holds no default and imports nothing: the browser gets this very file.
 */

/** What was written, as a value and in its one canonical spelling; or not understood. */
export type Figure<Value> =
  | { readonly ok: true; readonly value: Value; readonly canonical: string }
  | { readonly ok: false }

/** Both ends belong to it. Written like the figure itself, so that texts can quote them. */
export interface Range {
  readonly min: string
  readonly max: string
}

export interface Rate {
  readonly messagesPerSecond?: number
  readonly bytesPerSecond?: number
}

export interface StatusRange {
  readonly from: number
  readonly to: number
}

const refused = { ok: false } as const

/** 1 KB = 1024 B, as disks are measured by those who fill them. */
const bytesOf = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }
const msOf = { MS: 1, S: 1000, M: 60_000, H: 3_600_000, D: 86_400_000 }
const secondsOf = { S: 1, M: 60, H: 3600 }

/** **D**: one number and one unit. In milliseconds, rounded. */
export function duration(input: unknown, range: Range): Figure<number> {
  return within(inMs, input, range)
}

/** **B**: in bytes, rounded. */
export function size(input: unknown, range: Range): Figure<number> {
  return within(inBytes, input, range)
}

/** **R**: messages per second, minute or hour, a size per second, or both; or `unlimited`. */
export function rate(input: unknown): Figure<Rate> {
  const text = plain(input)
  if (text === undefined) return refused
  if (text === 'UNLIMITED') return { ok: true, value: {}, canonical: 'unlimited' }
  const terms = text.split(',')
  const messages = terms.map(messageRate).filter((term) => term.ok)
  const bytes = terms.map(byteRate).filter((term) => term.ok)
  const [ofMessages, ofBytes] = [messages[0], bytes[0]]
  if (messages.length > 1 || bytes.length > 1) return refused
  if (messages.length + bytes.length !== terms.length) return refused
  return {
    ok: true,
    value: {
      ...(ofMessages?.ok ? { messagesPerSecond: ofMessages.value } : {}),
      ...(ofBytes?.ok ? { bytesPerSecond: ofBytes.value } : {}),
    },
    canonical: [...messages, ...bytes].map((term) => term.canonical).join(', '),
  }
}

/** **P**: 0 to 100 %, as a number from 0 to 1. */
export function share(input: unknown): Figure<number> {
  const text = plain(input)
  const digits = text?.endsWith('%') ? decimal(text.slice(0, -1)) : undefined
  if (digits === undefined || Number(digits) > 100) return refused
  return { ok: true, value: Number(digits) / 100, canonical: `${digits}%` }
}

/** **N**: a whole number, no separators. The only figure that may arrive as a number. */
export function count(input: unknown, range: Range): Figure<number> {
  return within(whole, input, range)
}

/** A number with or without decimals, such as a factor. */
export function number(input: unknown, range: Range): Figure<number> {
  return within(anyNumber, input, range)
}

/** **S**: codes, classes and ranges of HTTP status, by commas; or `off`, which is an empty list. */
export function statusList(input: unknown): Figure<readonly StatusRange[]> {
  const text = plain(input)
  if (text === undefined) return refused
  if (text === 'OFF') return { ok: true, value: [], canonical: 'off' }
  const terms = text.split(',')
  const ranges = terms.map(statusRange).filter((range) => range !== undefined)
  if (ranges.length !== terms.length) return refused
  return { ok: true, value: ranges, canonical: terms.join(',').toLowerCase() }
}

export interface RetryCodes {
  readonly codes: readonly string[]
  readonly statuses: readonly StatusRange[]
}

/** Error codes such as `ENOENT` and HTTP status, by commas; nothing is an empty list. */
export function retryCodes(input: unknown): Figure<RetryCodes> {
  const text = plain(input)
  if (text === undefined) return refused
  const terms = text === '' ? [] : text.split(',')
  const isCode = (term: string) => /^[A-Z][A-Z0-9_]{1,59}$/.test(term)
  const statuses = terms.filter((term) => !isCode(term)).map(statusRange)
  const known = statuses.filter((range) => range !== undefined)
  if (known.length < statuses.length) return refused
  const value = { codes: terms.filter(isCode), statuses: known }
  return { ok: true, value, canonical: terms.map((term) => spelledCode(term)).join(',') }
}

/** Classes of status are written in lower case. */
const spelledCode = (term: string): string => (/^\dXX$/.test(term) ? term.toLowerCase() : term)

export type Schedule =
  | { readonly is: 'every'; readonly everyMs: number }
  /** Minute, hour, day, month, day of the week; local time. */
  | { readonly is: 'cron'; readonly line: string }
  | { readonly is: 'off' }

/** How often: a time with a unit, five fields as crontab(5) has them, or `off`. */
export function schedule(input: unknown, range: Range): Figure<Schedule> {
  if (plain(input) === 'OFF') return { ok: true, value: { is: 'off' }, canonical: 'off' }
  const every = duration(input, range)
  if (every.ok) return { ...every, value: { is: 'every', everyMs: every.value } }
  const text = typeof input === 'string' ? input.trim().toUpperCase() : ''
  const fields = text.replace(/\b0+(?=\d)/g, '').split(/\s+/)
  if (fields.length !== cronFields.length || fields.join(' ').length > 200) return refused
  if (!fields.every((field, at) => isCronField(field, cronFields[at] ?? []))) return refused
  const line = fields.join(' ')
  return { ok: true, value: { is: 'cron', line }, canonical: line }
}

/** The word itself, or else a figure. For `off` and `unlimited`. */
export function orWord<Word extends string, Value>(
  word: Word,
  input: unknown,
  figure: (input: unknown) => Figure<Value>,
): Figure<Word | Value> {
  if (plain(input) !== word.toUpperCase()) return figure(input)
  return { ok: true, value: word, canonical: word }
}

/** The first that understands it. For fields with two kinds of figure. */
export function either<One, Other>(one: Figure<One>, other: Figure<Other>): Figure<One | Other> {
  return one.ok ? one : other
}

/** The name in `${NAME}` or `$(NAME)` when that is all: Node-RED replaces no other form. */
export function environmentName(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined
  return (/^\$\{(\S+)\}$/.exec(input) ?? /^\$\((\S+)\)$/.exec(input))?.[1]
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
/** What each field may hold, in its order; names count from the first. */
const cronFields: readonly (readonly string[])[] = [
  numbers(0, 59),
  numbers(0, 23),
  numbers(1, 31),
  [...numbers(1, 12), ...months],
  [...numbers(0, 7), ...days],
]

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at))
}

/** `*`, `5`, `1-5`, `MON-FRI`, each perhaps with `/2` after a range, by commas. */
function isCronField(field: string, allowed: readonly string[]): boolean {
  return field.split(',').every((term) => {
    const [, all, from = '', to, step] =
      /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(term) ?? []
    const isStepped = step === undefined || (Number(step) > 0 && (all ?? to) !== undefined)
    if (all !== undefined) return isStepped
    const [first, last] = [from, to ?? from].map((one) => allowed.indexOf(one))
    return isStepped && first !== undefined && last !== undefined && first >= 0 && last >= first
  })
}

type Read = (input: unknown) => Figure<number>

function within(read: Read, input: unknown, { min, max }: Range): Figure<number> {
  const [figure, low, high] = [read(input), read(min), read(max)]
  if (!figure.ok || !low.ok || !high.ok) return refused
  return figure.value >= low.value && figure.value <= high.value ? figure : refused
}

/** Upper case without spaces; nothing for what cannot be a figure, as two numbers side by side. */
function plain(input: unknown): string | undefined {
  const text = typeof input === 'number' ? String(input) : input
  if (typeof text !== 'string' || text.length > 200 || /[\d.]\s+[\d.]/.test(text)) return undefined
  return text.replace(/\s/g, '').toUpperCase()
}

/** Digits with or without decimals in their shortest form, or nothing. */
function decimal(text: string): string | undefined {
  const [, whole, fraction] = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? []
  if (whole === undefined) return undefined
  const [front, back] = [whole.replace(/^0+(?=\d)/, ''), fraction?.replace(/0+$/, '')]
  return back === undefined || back === '' ? front : `${front}.${back}`
}

const inMs: Read = (input) => withUnit(input, msOf, (unit) => unit.toLowerCase())
const inBytes: Read = (input) => withUnit(input, bytesOf, (unit) => unit)

function withUnit(
  input: unknown,
  units: Readonly<Record<string, number>>,
  spelled: (unit: string) => string,
): Figure<number> {
  const [, digits, unit] = /^([\d.]+)([A-Z]+)$/.exec(plain(input) ?? '') ?? []
  const factor = unit === undefined ? undefined : units[unit]
  const shortest = digits === undefined ? undefined : decimal(digits)
  if (unit === undefined || factor === undefined || shortest === undefined) return refused
  const value = Math.round(Number(shortest) * factor)
  return { ok: true, value, canonical: shortest + spelled(unit) }
}

function messageRate(term: string): Figure<number> {
  const [, digits, unit] = /^([\d.]+)\/([SMH])$/.exec(term) ?? []
  const seconds = unit === 'S' || unit === 'M' || unit === 'H' ? secondsOf[unit] : undefined
  const shortest = digits === undefined ? undefined : decimal(digits)
  if (unit === undefined || seconds === undefined || shortest === undefined) return refused
  const value = Number(shortest) / seconds
  return value > 0 ? { ok: true, value, canonical: `${shortest}/${unit.toLowerCase()}` } : refused
}

function byteRate(term: string): Figure<number> {
  const amount = term.endsWith('/S') ? inBytes(term.slice(0, -2)) : refused
  return amount.ok && amount.value > 0 ? { ...amount, canonical: `${amount.canonical}/s` } : refused
}

function whole(input: unknown): Figure<number> {
  const text = plain(input) ?? ''
  if (!/^\d{1,15}$/.test(text)) return refused
  return { ok: true, value: Number(text), canonical: String(Number(text)) }
}

function anyNumber(input: unknown): Figure<number> {
  const digits = decimal(plain(input) ?? '')
  return digits === undefined ? refused : { ok: true, value: Number(digits), canonical: digits }
}

/** `429`, `5XX` or `400-499`; codes are 100 to 599 (RFC 9110, 15). */
function statusRange(term: string): StatusRange | undefined {
  const [, first] = /^([1-5])XX$/.exec(term) ?? []
  if (first !== undefined) return { from: Number(first) * 100, to: Number(first) * 100 + 99 }
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(term) ?? []
  if (from === undefined || to === undefined || Number(from) > Number(to)) return undefined
  return { from: Number(from), to: Number(to) }
}
