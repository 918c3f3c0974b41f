/**
 * Asks what chosen nodes say about themselves: a red status is down, a yellow one degraded. Nodes
 * that say nothing are taken for well. It hears only colours and reads no text of a status.
 */

import type { Found } from '../policy/health-state.js'
import { because, failedFor, type Trial, trialAtOnce } from './probe.js'

/** What is known of one watched node. */
export interface NodeView {
  readonly name: string
  /** It is part of the flows that run. */
  readonly isThere: boolean
  /** '' for none. */
  readonly fill: string
}

export function probeNodes(look: () => readonly NodeView[]): Trial {
  return trialAtOnce(() => judged(look()))
}

function judged(nodes: readonly NodeView[]): Found {
  const gone = nodes.find(({ isThere }) => !isThere)
  if (gone !== undefined) return failedFor(because('node-gone', { node: gone.name }))
  const red = nodes.find(({ fill }) => fill === 'red')
  if (red !== undefined) return failedFor(because('node-red', { node: red.name }))
  const yellow = nodes.find(({ fill }) => fill === 'yellow')
  if (yellow === undefined) return { is: 'ok' }
  return { is: 'poor', why: because('node-yellow', { node: yellow.name }) }
}
