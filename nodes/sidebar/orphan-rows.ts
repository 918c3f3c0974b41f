/**
 * What the overview says of directories that no node owns, and which nodes may adopt them. It
 * touches no page, asks nobody and imports nothing: browser and tests run this same file.
 */

import type { OrphanReport } from '../common/orphans.js'
import type { NodeRow, Said } from './overview-rows.js'

/** Types of nodes by the kinds of orphans that they take in. */
const adopts: Readonly<Record<string, readonly OrphanReport['kind'][]>> = {
  'persistent-queue': ['persistent-queue', 'resilient-mqtt-out'],
  'resilient-mqtt-out': ['resilient-mqtt-out'],
  dlq: ['dlq', 'persistent-queue', 'resilient-mqtt-out'],
}

export function adoptersOf(
  { kind }: Pick<OrphanReport, 'kind'>,
  nodes: readonly NodeRow[],
): readonly NodeRow[] {
  return nodes.filter(({ type }) => adopts[type]?.includes(kind))
}

/** Whether there is anything in it to carry away; the state of a breaker is not. */
export function hasMessages({ kind }: Pick<OrphanReport, 'kind'>): boolean {
  return Object.values(adopts).some((kinds) => kinds.includes(kind))
}

export type OrphanOrder = 'adopt' | 'export' | 'purge'

/** What may be done about it, by somebody who may change anything. */
export function ordersOf(orphan: Pick<OrphanReport, 'kind'>): readonly OrphanOrder[] {
  return hasMessages(orphan) ? ['adopt', 'export', 'purge'] : ['purge']
}

export function orphanLine(orphan: OrphanReport): Said {
  const { node, kind, messages } = orphan
  if (!hasMessages(orphan)) return { key: 'orphan.state', values: { id: node, kind } }
  return { key: 'orphan.line', values: { id: node, count: messages ?? '?' } }
}
