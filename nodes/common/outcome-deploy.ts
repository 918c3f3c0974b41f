/**
 * Which nodes a deploy stops, and which run after it: the runtime's own rules, read from what it
 * tells. In doubt a node counts as stopped, because what it has in hand may be lost.
 */

import type { NodeRef } from '../../src/policy/outcome.js'
import type { Deploy, NodeRed } from './node-red.js'

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

/** Which nodes run with the flows; a runtime that cannot tell has all of them. */
export function knownTo({ nodes }: NodeRed): (id: string) => boolean {
  const tabs = new Map<string, string | undefined>()
  const disabled = new Set<string>()
  nodes.eachNode?.(({ id, z, d, disabled: isOff }) => {
    tabs.set(id, z)
    if (d === true || isOff === true) disabled.add(id)
  })
  const isOff = (id: string | undefined) => id !== undefined && disabled.has(id)
  if (nodes.eachNode === undefined) return () => true
  return (id) => tabs.has(id) && !isOff(id) && !isOff(tabs.get(id))
}
