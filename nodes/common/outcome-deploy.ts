/**
 * Which nodes a deploy stops: the runtime's own rules, read from what it tells when it begins. In
 * doubt a node counts as stopped, because what it has in hand may be lost.
 */

import type { NodeRef } from '../../src/policy/outcome.js'
import type { Deploy } from './node-red.js'

/** Changes that stop a node, by type of deploy; all others stop everything. */
const stopping: Readonly<Record<string, readonly string[]>> = {
  nodes: ['changed', 'removed'],
  flows: ['changed', 'removed', 'linked', 'rewired'],
}
/** A tab or subflow that is itself among these stops whole. */
const ofFlows = ['flowChanged', 'added', 'removed']

export function stoppedBy({ type, diff }: Deploy): (node: NodeRef) => boolean {
  const kinds = stopping[type]
  if (kinds === undefined || diff === undefined || diff['globalConfigChanged']) return () => true
  const ids = new Set([...kinds, ...ofFlows].flatMap((kind) => idsIn(diff[kind])))
  return ({ id, path }) => ids.has(id) || path?.split('/').some((each) => ids.has(each)) === true
}

function idsIn(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []
}
