/**
 * Validators for the fields of our dialogs, built on the runtime's own grammar, so that a dialog
 * accepts what the node understands and nothing else. They answer with the words for what is
 * wrong; a field that is missing from a hand-written flow is never wrong.
 */

import type { Figure } from './grammar.js'

type Read = (input: unknown) => Figure<unknown>

const { grammar, address, figures, rows } = Resilience
const { ranges } = figures

/** Behind the validators of figures, for the canonical spelling. */
const readers = new WeakMap<Validate, Read>()

interface Leeway {
  readonly values?: Readonly<Record<string, string>>
  /** Empty means inherited. */
  readonly mayBeEmpty?: boolean
}

function figure(advice: string, read: Read, { values = {}, mayBeEmpty = false }: Leeway): Validate {
  const validate: Validate = (value, _options) =>
    isLeftOut(value, mayBeEmpty) || read(value).ok || Resilience.say(`write.${advice}`, values)
  readers.set(validate, read)
  return validate
}

function text(advice: string, isFine: (value: string) => boolean): Validate {
  return (value, _options) =>
    isLeftOut(value, false) || isFine(String(value)) || Resilience.say(`write.${advice}`)
}

/** Absent is the default; a variable is read when the flow starts. */
function isLeftOut(value: unknown, mayBeEmpty: boolean): boolean {
  if (value === undefined || value === null) return true
  return grammar.environmentName(value) !== undefined || (mayBeEmpty && value === '')
}

type Ranged = keyof typeof ranges

const duration = (field: Ranged): Validate =>
  figure('duration', (input) => grammar.duration(input, ranges[field]), { values: ranges[field] })

const count = (field: Ranged, mayBeEmpty = false): Validate =>
  figure('count', (input) => grammar.count(input, ranges[field]), {
    values: ranges[field],
    mayBeEmpty,
  })

function age(input: unknown): Figure<unknown> {
  const read = (other: unknown) => grammar.duration(other, ranges.maxAge)
  return grammar.orWord('unlimited', input, read)
}

function free(input: unknown): Figure<unknown> {
  return grammar.either(grammar.share(input), grammar.size(input, ranges.freeDisk))
}

function warning(input: unknown): Figure<unknown> {
  const read = (other: unknown) => grammar.count(other, ranges.warnMessages)
  return grammar.orWord('off', input, read)
}

function durability(input: unknown): Figure<unknown> {
  const every = (other: unknown) => grammar.duration(other, ranges.durability)
  return grammar.orWord('each', input, (other) => grammar.orWord('system', other, every))
}

/** Without servers there is nothing to do: absent is wrong here. */
const servers: Validate = (value, _options) => {
  if (grammar.environmentName(value) !== undefined) return true
  return address.servers(String(value ?? '')) !== undefined || Resilience.say('write.servers')
}

const broker: Validate = (value, _options) => {
  if (grammar.environmentName(value) !== undefined) return true
  const node = typeof value === 'string' ? RED.nodes.node(value) : undefined
  if (!node) return Resilience.say('write.broker')
  return node.valid === false ? Resilience.say('write.brokerSettings') : true
}

function attempts(input: unknown): Figure<unknown> {
  const read = (other: unknown) => grammar.count(other, ranges.attempts)
  return grammar.orWord('unlimited', input, read)
}

type Found = { readonly ok: true } | { readonly ok: false; readonly advice: string }

/** Lists are saved as such, and stand in the dialog as JSON text. */
function list(read: (input: unknown) => Found): Validate {
  return (value, _options) => {
    if (isLeftOut(value, false)) return true
    const found = read(typeof value === 'string' ? parsed(value) : value)
    return found.ok || Resilience.say(`write.${found.advice}`)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Only where its typed input is set to an expression. */
const expression = (field: string): Validate =>
  function (value, _options) {
    if (Resilience.now(this, `${field}Type`) !== 'jsonata') return true
    const why = faultIn(String(value ?? ''))
    return why === undefined || Resilience.say('write.expression', { why })
  }

function faultIn(text: string): string | undefined {
  try {
    jsonata(text)
    return undefined
  } catch (error) {
    return String(Reflect.get(Object(error), 'message')).replace(/\.$/, '')
  }
}

const anyLongestWait = duration('backoffMax')

const backoffMax: Validate = function (value, options) {
  const verdict = anyLongestWait.call(this, value, options)
  if (verdict !== true || isLeftOut(value, false)) return verdict
  // As at run time: a first wait that is wrong gives way to its default.
  const written = Resilience.now(this, 'backoffInitial')
  const first = [written, this._def.defaults['backoffInitial']?.value].find(isFirstWait)
  return isShorter(value, first) ? Resilience.say('write.notShorter') : true
}
readers.set(backoffMax, (input) => grammar.duration(input, ranges.backoffMax))

function isFirstWait(value: unknown): boolean {
  return grammar.duration(value, ranges.backoffInitial).ok
}

function isShorter(longest: unknown, first: unknown): boolean {
  const [long, short] = [longest, first].map((each) => grammar.duration(each, ranges.backoffMax))
  return long?.ok === true && short?.ok === true && long.value < short.value
}

const valid = {
  servers,
  topic: text('topic', (value) => value === '' || address.isTopic(value)),
  responseTopic: text('topic', (value) => value === '' || address.isTopic(value)),
  plainText: text('text', address.isPlainText),
  clientId: text('clientId', address.isClientId),
  broker,
  keepalive: duration('keepalive'),
  connectTimeout: duration('connectTimeout'),
  ackTimeout: duration('ackTimeout'),
  backoffInitial: duration('backoffInitial'),
  backoffFactor: figure('number', (input) => grammar.number(input, ranges.backoffFactor), {
    values: ranges.backoffFactor,
  }),
  backoffMax,
  backoffJitter: figure('share', grammar.share, {}),
  attempts: figure('countOrUnlimited', attempts, { values: ranges.attempts }),
  liveShare: figure('share', grammar.share, {}),
  maxInFlight: count('maxInFlight'),
  rateLimit: figure('rate', grammar.rate, {}),
  announcements: list((input) => rows.announcements(input, address.isTopic)),
  oneAnnouncement: list((input) => rows.oneAnnouncement(input, address.isTopic)),
  pairs: list(rows.pairs),
  onSend: expression('onSend'),
  messageExpiry: figure('duration', (input) => grammar.duration(input, ranges.messageExpiry), {
    values: ranges.messageExpiry,
    mayBeEmpty: true,
  }),
  maxMessages: count('maxMessages', true),
  maxSize: figure('size', (input) => grammar.size(input, ranges.maxSize), {
    values: ranges.maxSize,
    mayBeEmpty: true,
  }),
  maxAge: figure('durationOrUnlimited', age, { values: ranges.maxAge, mayBeEmpty: true }),
  freeDisk: figure('shareOrSize', free, { mayBeEmpty: true }),
  warnMessages: figure('countOrOff', warning, { values: ranges.warnMessages, mayBeEmpty: true }),
  durability: figure('duration', durability, { values: ranges.durability, mayBeEmpty: true }),
}

/** The value as it is saved, when it is a figure. */
function canonical(validate: Validate | undefined, value: string): string {
  const read = validate === undefined ? undefined : readers.get(validate)
  const written = value === '' ? undefined : read?.(value)
  return written?.ok ? written.canonical : value
}

Object.assign(Resilience, {
  valid,
  canonical,
  checks: { figure, duration, count, isLeftOut, readers },
})
