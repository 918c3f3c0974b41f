/**
 * The checks of a health monitor as its dialog saves them, read into what the probes need. One
 * reader for dialog and runtime; it imports types only, since the browser gets this very file, and
 * is handed the parsers. It says which row is wrong and what to write there.
 */

import type { At, CheckKind, CheckSpec, Common, Kinds } from './checks.js'
import type { Figure, Range, StatusRange } from './grammar.js'

/** What a row leaves out. */
export const checkDefaults = {
  timeout: '5s',
  expectStatus: '2xx',
  certificateDays: '14',
  within: '30s',
  phi: 'off',
  loopDelay: '500ms',
  memory: '90%',
  oldestAge: '1h',
  freeDisk: '10%',
} as const

export const checkRanges = {
  timeout: { min: '100ms', max: '5m' },
  certificateDays: { min: '0', max: '3650' },
  within: { min: '1s', max: '30d' },
  phi: { min: '1', max: '100' },
  loopDelay: { min: '10ms', max: '1m' },
  oldestAge: { min: '1s', max: '3650d' },
} as const

export interface Parsers {
  readonly grammar: typeof import('./grammar.js')
  readonly address: typeof import('./address.js')
}

export type CheckAdvice =
  | 'oneCheck'
  | 'url'
  | 'webSocketUrl'
  | 'hostPort'
  | 'topic'
  | 'service'
  | 'duration'
  | 'count'
  | 'countOrOff'
  | 'share'
  | 'statusList'
  | 'environment'

export interface WrongRow {
  readonly ok: false
  readonly advice: CheckAdvice
  readonly values: Readonly<Record<string, string>>
  /** From 0; absent where there is no row. */
  readonly row?: number
  readonly field?: string
}

export type CheckList = { readonly ok: true; readonly value: readonly CheckSpec[] } | WrongRow

export function checkRows(input: unknown, parsers: Parsers): CheckList {
  const rows: readonly unknown[] = Array.isArray(input) ? input : []
  if (rows.length === 0) return { ok: false, advice: 'oneCheck', values: {} }
  const value: CheckSpec[] = []
  for (const [at, row] of rows.entries()) {
    const reader = new RowReader(row, parsers)
    const spec = specOf(reader)
    if (reader.wrong !== undefined) return { ...reader.wrong, row: at }
    value.push(Object.freeze(spec))
  }
  return { ok: true, value: Object.freeze(value) }
}

/** Whether any check is of that kind; what cannot be read has none. */
export function hasKind(input: unknown, kind: CheckKind): boolean {
  return Array.isArray(input) && input.some((row) => fieldsOf(row)['kind'] === kind)
}

function specOf(row: RowReader): CheckSpec {
  const timeout = row.duration('timeout')
  const isCritical = row.flag('critical', true)
  const kind = kindOf(row.text('kind'))
  const own: Omit<CheckSpec, keyof Common> = read[kind](row)
  const label = row.text('label') || nameOf(own as CheckSpec)
  return { ...own, label, timeout, isCritical } as CheckSpec
}

const read: { [Kind in CheckKind]: (row: RowReader) => Omit<Kinds[Kind], keyof Common> } = {
  http: (row) => ({
    kind: 'http',
    url: row.url(/^https?:/i, 'url'),
    expectStatus: row.statuses('expectStatus'),
    expectText: row.text('expectText'),
    certificateDays: row.count('certificateDays'),
  }),
  tcp: (row) => ({ kind: 'tcp', ...row.hostPort() }),
  mqtt: (row) => ({ kind: 'mqtt', topic: row.topic() }),
  grpc: (row) => ({
    ...{ kind: 'grpc', ...row.hostPort(), service: row.service() },
    isSecure: row.flag('secure', false),
  }),
  websocket: (row) => ({
    ...{ kind: 'websocket', url: row.url(/^wss?:/i, 'webSocketUrl') },
    ...{ send: row.text('send'), expectText: row.text('expectText') },
  }),
  flow: () => ({ kind: 'flow' }),
  heartbeat: (row) => ({ kind: 'heartbeat', within: row.duration('within'), phi: row.phi() }),
  nodes: () => ({ kind: 'nodes' }),
  runtime: (row) => ({
    ...{ kind: 'runtime', loopDelay: row.duration('loopDelay'), memory: row.share('memory') },
    ...{ oldestAge: row.duration('oldestAge'), freeDisk: row.share('freeDisk') },
    openBreakers: row.flag('openBreakers', true),
  }),
}

/** What no dialog saves is taken for the first kind, whose address is missing then. */
function kindOf(word: string): CheckKind {
  return Object.hasOwn(read, word) ? (word as CheckKind) : 'http'
}

/** What a check without a label is called. */
function nameOf(spec: CheckSpec): string {
  if (spec.kind === 'http' || spec.kind === 'websocket') {
    return /^\w+:\/\/([^/?#]+)/.exec(spec.url)?.[1] ?? spec.kind
  }
  if (spec.kind === 'tcp' || spec.kind === 'grpc') return `${spec.host}:${spec.port}`
  return spec.kind === 'mqtt' && spec.topic !== '' ? spec.topic : spec.kind
}

/** The fields of one row. The first that is wrong is kept. */
class RowReader {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #parsers: Parsers
  wrong: WrongRow | undefined

  constructor(row: unknown, parsers: Parsers) {
    this.#fields = fieldsOf(row)
    this.#parsers = parsers
  }

  text(field: string): string {
    const value = this.#fields[field]
    const name = this.#parsers.grammar.environmentName(value)
    if (name !== undefined) this.#refuse(field, 'environment', { name })
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  }

  flag(field: string, otherwise: boolean): boolean {
    const value = this.#fields[field]
    return value === undefined ? otherwise : value === true || value === 'true'
  }

  duration(field: 'timeout' | 'within' | 'loopDelay' | 'oldestAge'): number {
    const range = checkRanges[field]
    const read = (input: unknown) => this.#parsers.grammar.duration(input, range)
    return this.#figure(field, 'duration', read, range)
  }

  count(field: 'certificateDays'): number {
    const range = checkRanges[field]
    const read = (input: unknown) => this.#parsers.grammar.count(input, range)
    return this.#figure(field, 'count', read, range)
  }

  share(field: 'memory' | 'freeDisk'): number {
    return this.#figure(field, 'share', this.#parsers.grammar.share)
  }

  statuses(field: 'expectStatus'): readonly StatusRange[] {
    return this.#figure(field, 'statusList', this.#parsers.grammar.statusList)
  }

  phi(): number | 'off' {
    const { count, orWord } = this.#parsers.grammar
    const range = checkRanges.phi
    const read = (input: unknown) => orWord('off', input, (figure) => count(figure, range))
    return this.#figure('phi', 'countOrOff', read, range)
  }

  /** A user name and a password have no place in it: they would stand in the exported flow. */
  url(scheme: RegExp, advice: CheckAdvice): string {
    const url = this.text('url')
    const isUrl = /^\w+:\/\/[^\s/?#@]+([/?#]\S*)?$/.test(url) && URL.canParse(url)
    if (!isUrl || !scheme.test(url)) this.#refuse('url', advice)
    return url
  }

  hostPort(): At {
    const found = this.#parsers.address.hostPort(this.text('address'))
    if (found === undefined) this.#refuse('address', 'hostPort')
    return found ?? { host: '', port: 0 }
  }

  /** Empty for none. */
  topic(): string {
    const topic = this.text('topic')
    if (topic !== '' && !this.#parsers.address.isTopic(topic)) this.#refuse('topic', 'topic')
    return topic
  }

  /** As gRPC names services; empty for the server as a whole. */
  service(): string {
    const service = this.text('service')
    if (!/^[\w./-]{0,200}$/.test(service)) this.#refuse('service', 'service')
    return service
  }

  /** Absent or empty is the default. */
  #figure<Value>(
    field: keyof typeof checkDefaults,
    advice: CheckAdvice,
    read: (input: unknown) => Figure<Value>,
    values: Range | undefined = undefined,
  ): Value {
    const written = this.text(field)
    const figure = read(written === '' ? checkDefaults[field] : written)
    if (figure.ok) return figure.value
    this.#refuse(field, advice, { ...values })
    const otherwise = read(checkDefaults[field])
    if (!otherwise.ok) throw new Error(`the default of ${field} is not a figure`)
    return otherwise.value
  }

  #refuse(field: string, advice: CheckAdvice, values: Record<string, string> = {}): void {
    this.wrong ??= { ok: false, advice, values, field }
  }
}

function fieldsOf(row: unknown): Readonly<Record<string, unknown>> {
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? { ...row } : {}
}
