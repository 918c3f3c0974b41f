/**
 * The events of the timeline as the page keeps them: new ones put before those known, what a filter
 * lets pass, what stands in the fields of one. It imports nothing and touches no page.
 */

/** One event, as `GET /resilience/events` lists it. The fields of its kind come besides. */
export interface ToldEvent {
  /** Grows by one with each event of one life of Node-RED. */
  readonly number: number
  readonly kind: string
  /** Epoch ms. */
  readonly at: number
  readonly severity: 'info' | 'warning' | 'error'
  readonly node: {
    readonly id: string
    readonly type: string
    readonly name: string
    readonly flow: string
  }
  readonly text: string
  readonly [field: string]: unknown
}

export const eventsMax = 500

export const eventSigns = { info: 'i', warning: '⚠', error: '✕' } as const

/** Numbers begin anew with each life of Node-RED; the moment tells two lives apart. */
export function keyOf({ number, at }: ToldEvent): string {
  return `${number}@${at}`
}

/**
 * `known` and `read`, newest first, `eventsMax` at most. Undefined when there may be others between
 * them, so that more must be read; after a restart only what was read counts.
 */
export function merged(
  known: readonly ToldEvent[],
  read: readonly ToldEvent[],
  isAll: boolean,
): readonly ToldEvent[] | undefined {
  const keys = new Set(read.map(keyOf))
  const isJoined = known.some((event) => keys.has(keyOf(event)))
  if (isAll) return read.slice(0, eventsMax)
  if (!isJoined) return undefined
  return [...read, ...known.filter((event) => !keys.has(keyOf(event)))].slice(0, eventsMax)
}

/** Kinds that a person looks for together, by what the kind begins with. */
export const families: Readonly<Record<string, readonly string[]>> = {
  link: ['link.'],
  queue: ['queue.', 'messages.'],
  protection: ['breaker.', 'retry.', 'bulkhead.'],
  health: ['health.'],
  letters: ['letters.', 'redrive.'],
  store: ['store.', 'balance.'],
  outcome: ['outcome.'],
  person: ['person.'],
}

export interface EventFilter {
  /** Key of `families`; '' for all. */
  readonly family: string
  /** Id; '' for all. */
  readonly node: string
  readonly severity: '' | 'warning' | 'error'
}

export function passes({ kind, node, severity }: ToldEvent, filter: EventFilter): boolean {
  const isLoud = filter.severity === '' || severity === 'error' || severity === filter.severity
  const begins = families[filter.family]
  const isKind = begins === undefined || begins.some((start) => kind.startsWith(start))
  return isLoud && isKind && (filter.node === '' || node.id === filter.node)
}

/** Nodes that some event tells of, by name. */
export function nodesIn(events: readonly ToldEvent[]): readonly ToldEvent['node'][] {
  const byId = new Map(events.map(({ node }) => [node.id, node]))
  return [...byId.values()].sort((one, other) =>
    (one.name || one.type).localeCompare(other.name || other.type),
  )
}

const shownElsewhere = ['number', 'kind', 'at', 'severity', 'node', 'text', 'calls', 'whatIf']

/** What is known besides its text: plain values only, moments and spans by their names. */
export function fieldsOf(event: ToldEvent): readonly (readonly [string, string | number])[] {
  return Object.entries(event).flatMap(([name, value]): [string, string | number][] => {
    const isPlain = typeof value === 'number' || (typeof value === 'string' && value !== '')
    const isShown = isPlain && (!shownElsewhere.includes(name) || name === 'kind')
    return isShown ? [[name, value]] : []
  })
}

/** A call of a breaker, of those that made it open. */
export interface ToldCall {
  readonly at: number
  readonly is: 'ok' | 'failed' | 'timeout'
  readonly tookMs: number
  readonly code: string
  /** That an HTTP server answered. */
  readonly status?: number
}

/** Oldest first, as they came; none where the event only counts them. */
export function callsIn({ calls }: ToldEvent): readonly ToldCall[] {
  return Array.isArray(calls) ? calls : []
}

/** What other thresholds would have done with these calls. */
export interface ToldWhatIf {
  readonly consecutive: number | 'off'
  readonly failureRate: number | 'off'
  readonly slowRate: number | 'off'
  readonly slowAfterMs: number
  /** Epoch ms; absent or null when these would not have opened it. */
  readonly openedAt?: number | null
}

/** Which word and figure name a threshold: one of them is set, the others are off. */
export function thresholdOf(rules: ToldWhatIf): { readonly key: string; readonly figure: number } {
  if (rules.consecutive !== 'off') return { key: 'whatIf.consecutive', figure: rules.consecutive }
  if (rules.failureRate !== 'off') {
    return { key: 'whatIf.failureRate', figure: Math.round(rules.failureRate * 100) }
  }
  return { key: 'whatIf.slow', figure: rules.slowAfterMs }
}

/** Where this person is: `2026-11-21`. */
export function dayOf(at: number): string {
  return new Date(at).toLocaleDateString('sv-SE')
}
