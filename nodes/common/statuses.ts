/**
 * The last status that each node has shown, by id, as Node-RED tells it: for those who watch nodes
 * of any kind. It keeps colours only, and none of a node that is no more.
 */

import type { NodeRed } from './node-red.js'

const known = new WeakMap<object, Statuses>()

/** The one of this runtime. To be asked for before flows run, or first statuses are missed. */
export function statusesOf(RED: NodeRed): Statuses {
  const runtime = RED.events ?? RED
  const found = known.get(runtime) ?? new Statuses(RED)
  known.set(runtime, found)
  return found
}

export class Statuses {
  readonly #fills = new Map<string, string>()

  constructor(RED: NodeRed) {
    RED.events?.on('node-status', (about) => {
      const { id, status } = about
      if (id !== undefined) this.#hear(id, status?.fill ?? '')
    })
    RED.events?.on('flows:started', () => {
      for (const id of [...this.#fills.keys()]) {
        if (!RED.nodes.getNode(id)) this.#fills.delete(id)
      }
    })
  }

  /** '' for none. */
  fillOf(id: string): string {
    return this.#fills.get(id) ?? ''
  }

  #hear(id: string, fill: string): void {
    if (fill === '') this.#fills.delete(id)
    else this.#fills.set(id, fill)
  }
}
