/**
 * Words for people, by key, out of the locales: texts of errors, lines for the log. Numbers get
 * their units here; the engine only carries figures.
 */

import type { Event } from '../../src/base/event.js'
import { type Code, type Failure, families, type Values } from '../../src/base/fault.js'
import { commonWords, type Defect } from './fields.js'
import * as figureTexts from './figure-texts.js'
import type { NodeRed } from './node-red.js'

export const { clockText, sizeText, spanText } = figureTexts

const isBytes = new Set(['size', 'free', 'floor', 'bytes'])
const isSpan = new Set([
  'time',
  'latencyMs',
  'waitMs',
  'downMs',
  'tookMs',
  'oldestMs',
  'syncMs',
  'openMs',
])

/** A key of the words that all rooms share. */
export function shared(key: string): string {
  return `${commonWords}${key}`
}

/** What went wrong and what to do, as one sentence. */
export function failureText(RED: NodeRed, failure: Failure): string {
  const { code, values } = failure
  if (code === 'SETTINGS_INVALID') return settingsText(RED, values)
  if (code === 'CHECK_FAILED') {
    return RED._(shared(`errors.${code}`), { what: checkText(RED, values) })
  }
  const key = isGuess(failure) ? `perhaps.${code}` : `errors.${code}`
  const told = withWho(RED, withWhy(RED, withLimit(code, values)))
  return RED._(shared(key), readable(RED, told))
}

/** Reasons that have words of their own; all others are shown as they came. */
const whys: ReadonlySet<unknown> = new Set([
  ...['closed', 'no-connack', 'no-pingresp'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_NOT_YET_VALID'],
])

/** What a broker said with its refusal or its goodbye. */
const reasonOfBroker = /^(connack|disconnect)-(0x[0-9a-f]{2})$/

function withWhy(RED: NodeRed, values: Values): Values {
  const { why } = values
  if (whys.has(why)) return { ...values, why: RED._(shared(`why.${why}`)) }
  const [, said, code = ''] = reasonOfBroker.exec(String(why)) ?? []
  return said === undefined ? values : { ...values, why: RED._(shared(`why.${said}`), { code }) }
}

/** Whose limit it is. A broker is told by its address. */
function withWho(RED: NodeRed, values: Values): Values {
  const { who } = values
  return who === 'queue' || who === 'import'
    ? { ...values, who: RED._(shared(`who.${who}`)) }
    : values
}

/** Nobody said so: it is concluded from what a server does. */
export function isGuess({ code, values }: Failure): boolean {
  return code === 'CLIENT_ID_IN_USE' && 'closes' in values
}

/** The same in a word or two. */
export function failureBrief(RED: NodeRed, { code, values }: Failure): string {
  const isCheck = code === 'CHECK_FAILED'
  const text = isCheck ? checkText(RED, values) : RED._(shared(`brief.${code}`))
  // A code that no link or check brings has no brief word.
  const known = text.includes('brief.') ? code : text
  return known.length > briefMax ? `${known.slice(0, briefMax - 1)}…` : known
}

const briefMax = 16

/** What a check has found, without whose it was. */
function checkText(RED: NodeRed, { why, ...values }: Values): string {
  return RED._(shared(`check.${why}`), readable(RED, values))
}

/** A failure as a message carries it. */
export function failureShown(RED: NodeRed, failure: Failure, at: number): object {
  const { code } = failure
  return { code, kind: families[code], text: failureText(RED, failure), at }
}

/** A field that cannot be used, and what to write instead. */
export function defectText(RED: NodeRed, { label, write, values }: Defect): string {
  return settingsText(RED, { field: label, write, ...values })
}

/** Field and advice are keys of words themselves. */
function settingsText(RED: NodeRed, values: Values): string {
  const field = RED._(String(values['field']))
  const write = RED._(String(values['write']), values)
  return RED._(shared('errors.SETTINGS_INVALID'), { field, write })
}

/** A line for the log. */
export function eventText(RED: NodeRed, event: Event): string {
  const values: Record<string, string | number> = {}
  for (const [key, value] of Object.entries(event)) {
    if (isFailure(value)) values['failure'] = withoutStop(failureText(RED, value), event)
    else if (key === 'watched') values['node'] = nodeName(value)
    else if (key === 'cause' && isOfBreaker(event)) values[key] = RED._(shared(`cause.${value}`))
    else if (typeof value === 'string' || typeof value === 'number') values[key] = value
  }
  if (values['user'] === '') values['user'] = RED._(shared('admin.somebody'))
  const text = RED._(shared(`events.${wordsOf(event)}`), readable(RED, values))
  const key = values['key'] ?? ''
  return key === '' ? text : RED._(shared('ofKey'), { key, text })
}

/** Some kinds read differently by what they tell of, or by what they end; one only ever ends. */
function wordsOf(event: Event): string {
  if ('resolves' in event && event.kind !== 'breaker.closed') return `resolved.${event.resolves}`
  if (event.kind === 'queue.warned' || event.kind === 'queue.full') {
    return `${event.kind}.${event.limit}`
  }
  if (event.kind === 'health.changed') return `${event.kind}.${event.to}`
  if (event.kind === 'redrive.stopped') return `${event.kind}.${event.why}`
  return event.kind === 'store.unsuitable' ? `${event.kind}.${event.risk}` : event.kind
}

/** Within a sentence of ours, another sentence has no end of its own. */
function withoutStop(text: string, { kind }: Event): string {
  return kind.startsWith('health.') ? text.replace(/[.。]$/, '') : text
}

/** What other events call a cause is a fingerprint, which has no words. */
const isOfBreaker = ({ kind }: Event): boolean => kind.startsWith('breaker.')

/** An error as Catch and `done` want it: a text a person can act on, and the code. */
export function flowError(RED: NodeRed, failure: Failure, cause?: unknown): Error & { code: Code } {
  const error = new Error(failureText(RED, failure), cause === undefined ? {} : { cause })
  return Object.assign(error, { code: failure.code })
}

/** The limit of a message or of a queue is a size, unless it counts messages. */
function withLimit(code: Code, values: Values): Values {
  const { limit, of } = values
  const isSize = code === 'PAYLOAD_TOO_LARGE' || (code === 'QUEUE_FULL' && of !== 'messages')
  return isSize && typeof limit === 'number' ? { ...values, limit: sizeText(limit) } : values
}

function readable(RED: NodeRed, values: Values): Record<string, string> {
  const texts = Object.entries(values).map(([key, value]) => {
    if (typeof value === 'string') return [key, value]
    if (isBytes.has(key)) return [key, sizeText(value)]
    if (key === 'pid') return [key, String(value)]
    return [key, isSpan.has(key) ? spanText(value) : figureText(RED, value)]
  })
  return Object.fromEntries(texts)
}

/** `1204` as `1,204`, in German as `1.204`; `12345` as `12k`, `1234567` as `1.2M`. */
export function countText(RED: NodeRed, count: number): string {
  return figureTexts.countText(count, RED._(shared('thousands')))
}

/** `12345` as `12,345`, in German as `12.345`. */
export function figureText(RED: NodeRed, value: number): string {
  return figureTexts.grouped(value, RED._(shared('thousands')))
}

function nodeName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  const [name, type] = ['name', 'type'].map((key) => String(Reflect.get(value, key) ?? ''))
  return name || type || ''
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && 'values' in value
}
