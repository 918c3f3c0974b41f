/**
 * Lists as dialogs save them: messages to publish on an occasion, and pairs of name and value. One
 * reader for dialog and runtime, which imports nothing: the browser gets this very file. It judges
 * the form of each row and works nothing out.
 */

export type PayloadType = 'str' | 'json' | 'jsonata' | 'env'

/** A message to publish, as a dialog saves it. */
export interface MessageRow {
  topic?: string
  payload?: string
  payloadType?: PayloadType
  qos?: '0' | '1' | '2'
  retain?: boolean
}

export interface Announcement {
  readonly topic: string
  readonly payload: string
  readonly payloadType: PayloadType
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export interface PairRow {
  key?: string
  value?: string
}

/** What was read, or the key of the words that say what to write instead. */
export type Rows<Value, Advice> =
  | { readonly ok: true; readonly value: readonly Value[] }
  | { readonly ok: false; readonly advice: Advice }

type MessageAdvice = 'list' | 'topic' | 'topicMissing' | 'payload'

export function announcements(
  input: unknown,
  isTopic: (text: string) => boolean,
): Rows<Announcement, MessageAdvice> {
  if (!Array.isArray(input)) return { ok: false, advice: 'list' }
  const rows = input.map((row) => announcement(row, isTopic))
  const advice = rows.find((row) => typeof row === 'string')
  if (advice !== undefined) return { ok: false, advice }
  return { ok: true, value: Object.freeze(rows.filter((row) => typeof row !== 'string')) }
}

/** At most one message; null for none. */
export function oneAnnouncement(
  input: unknown,
  isTopic: (text: string) => boolean,
): Rows<Announcement, MessageAdvice> {
  return announcements(input === null ? [] : [input], isTopic)
}

/** Name and value of each row. Half a surrogate pair or a control character may not be in them. */
export function pairs(input: unknown): Rows<readonly [string, string], 'properties'> {
  if (!Array.isArray(input)) return { ok: false, advice: 'properties' }
  const read = input.map(pair)
  if (read.includes(undefined)) return { ok: false, advice: 'properties' }
  return { ok: true, value: Object.freeze(read.filter((each) => each !== undefined)) }
}

const payloadTypes: readonly PayloadType[] = ['str', 'json', 'jsonata', 'env']
const unsafe = /[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u

function announcement(
  row: unknown,
  isTopic: (text: string) => boolean,
): Announcement | MessageAdvice {
  const fields = fieldsOf(row)
  if (fields === undefined) return 'list'
  const { topic, payload = '', payloadType, qos, retain } = fields
  if (topic === '') return 'topicMissing'
  if (typeof topic !== 'string' || !isTopic(topic)) return 'topic'
  const type = payloadTypes.find((each) => each === payloadType) ?? 'str'
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  if (type === 'json' && !isJson(text)) return 'payload'
  const level = Number(qos ?? 1)
  return Object.freeze({
    topic,
    payload: text,
    payloadType: type,
    qos: level === 0 || level === 2 ? level : 1,
    retain: retain === true || retain === 'true',
  })
}

function pair(row: unknown): readonly [string, string] | undefined {
  const { key, value = '' } = fieldsOf(row) ?? {}
  if (typeof key !== 'string' || key === '' || unsafe.test(key)) return undefined
  const text = String(value)
  return unsafe.test(text) ? undefined : Object.freeze([key, text] as const)
}

function fieldsOf(row: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? { ...row } : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
