/**
 * What each tab and each instance of a subflow is called, as they were deployed. Looked up once for
 * each deploy: Node-RED only lets all nodes be walked through, and events and lists ask often.
 */

import type { NodeRed } from './node-red.js'

const known = new WeakMap<object, FlowNames>()

/** The one of this runtime. */
export function flowNamesOf(RED: NodeRed): FlowNames {
  const runtime = RED.events ?? RED
  const found = known.get(runtime) ?? new FlowNames(RED)
  known.set(runtime, found)
  return found
}

export class FlowNames {
  readonly #RED: NodeRed
  /** By id; undefined until somebody asks after a deploy. */
  #names: ReadonlyMap<string, string> | undefined

  constructor(RED: NodeRed) {
    this.#RED = RED
    const forget = () => {
      this.#names = undefined
    }
    RED.events?.on('flows:stopping', forget)
    RED.events?.on('flows:started', forget)
  }

  /** The label of a tab, or the name of a subflow's instance; '' for one without. */
  of(id: string): string {
    this.#names ??= this.#read()
    return this.#names.get(id) ?? ''
  }

  #read(): ReadonlyMap<string, string> {
    const names = new Map<string, string>()
    this.#RED.nodes.eachNode?.((node) => {
      if (node.type !== 'tab' && !node.type?.startsWith('subflow:')) return
      const name = Reflect.get(node, 'label') || Reflect.get(node, 'name')
      if (typeof name === 'string' && name !== '') names.set(node.id, name)
    })
    return names
  }
}
