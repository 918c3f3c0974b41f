/**
 * Which events somebody wants to hear of: by kind or family of kinds, by node, and from what
 * severity on. It reads events and changes none.
 */

import { type EventKind, type Severity, severities } from '../base/event.js'

export interface EventFilter {
  /** Kinds, or families of kinds such as `breaker`; empty for all. */
  readonly kinds: readonly string[]
  /** Ids; empty for all. */
  readonly nodes: readonly string[]
  /** This one and what is worse. */
  readonly from: Severity
}

interface Heard {
  readonly kind: EventKind
  readonly severity: Severity
  readonly node: { readonly id: string }
}

/** Each is worse than the one before. */
export const severityOrder: readonly Severity[] = ['info', 'warning', 'error']

/**
 * Good news of something worse than itself is heard by whoever heard of that: `resolves` names the
 * kind that is over.
 */
export function isWanted(event: Heard, { kinds, nodes, from }: EventFilter): boolean {
  return (
    isLoud(event, from) &&
    (nodes.length === 0 || nodes.includes(event.node.id)) &&
    (kinds.length === 0 || kinds.some((kind) => isOf(event.kind, kind)))
  )
}

function isLoud(event: Heard, from: Severity): boolean {
  const rank = (severity: Severity) => severityOrder.indexOf(severity)
  const resolves: unknown = Reflect.get(event, 'resolves')
  const over = Object.entries(severities).find(([kind]) => kind === resolves)?.[1] ?? 'info'
  return Math.max(rank(event.severity), rank(over)) >= rank(from)
}

/** A kind, or one of a family. */
function isOf(kind: EventKind, kindOrFamily: string): boolean {
  return kind === kindOrFamily || kind.startsWith(`${kindOrFamily}.`)
}

/** Families in the order of the table, each with its kinds. */
export const families: ReadonlyMap<string, readonly string[]> = familiesOf(Object.keys(severities))

function familiesOf(kinds: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>()
  for (const kind of kinds) {
    const [family = ''] = kind.split('.')
    all.set(family, [...(all.get(family) ?? []), kind])
  }
  return all
}

/** Whether there is such a kind or family. */
export function isKnownKind(text: string): boolean {
  return families.has(text) || Object.hasOwn(severities, text)
}
