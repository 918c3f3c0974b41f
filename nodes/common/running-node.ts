/**
 * Any node that runs just now, by its id: whether it can be handed messages, and what its flow is
 * called. A node that is disabled or gone does not run. It changes nothing.
 */

import { flowNamesOf } from './flow-names.js'
import type { FlowNode, Message, NodeRed } from './node-red.js'

export interface RunningNode {
  /** The tab, or the instance of a subflow, that it is on. */
  readonly z: string
  /** Absent for a node without an input, such as a config node. */
  readonly receive?: (msg: Message) => void
}

/** Handlers of `input` are private, in 4.1 and 5.0; every node has a `receive`. */
export function runningNode(RED: NodeRed, id: string): RunningNode | undefined {
  const node = RED.nodes.getNode(id)
  if (typeof node !== 'object' || node === null) return undefined
  const [one, several, receive] = ['_inputCallback', '_inputCallbacks', 'receive'].map((name) =>
    Reflect.get(node, name),
  )
  const hasInput = typeof one === 'function' || Array.isArray(several)
  return {
    z: String(Reflect.get(node, 'z') ?? ''),
    ...(typeof receive === 'function' && hasInput
      ? { receive: (msg) => Reflect.apply(receive, node, [msg]) }
      : {}),
  }
}

/** How many nodes get what this one sends to its first output, found as Node-RED finds them. */
export function receiversOf({ wires, _flow }: FlowNode): number {
  let count = 0
  for (const id of wires?.[0] ?? []) if (_flow === undefined || _flow.getNode(id)) count++
  return count
}

/** The label of its tab, or the name of the subflow's instance; else the id of either. */
export function flowNameOf(RED: NodeRed, id: string): string {
  const z = runningNode(RED, id)?.z ?? ''
  return flowNamesOf(RED).of(z) || z
}
