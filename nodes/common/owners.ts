/**
 * Which deployed node owns a directory below the root of a store, disabled nodes and those within
 * subflows included. What cannot be told counts as owned.
 */

import { type Hall, rootOf } from './hall.js'
import type { DeployedNode, NodeRed } from './node-red.js'

export interface Root {
  /** Id of the store; '' for what is built in. */
  readonly store: string
  readonly directory: string
}

export class Owners {
  /** Each directory once. */
  readonly roots: readonly Root[]
  readonly #deployed = new Map<string, DeployedNode>()
  readonly #hall: Hall

  constructor(RED: NodeRed, hall: Hall) {
    this.#hall = hall
    const places = hall.stores.places(rootOf(RED))
    const isFirst = ({ directory }: Root, at: number) =>
      places.findIndex((other) => other.directory === directory) === at
    this.roots = places.filter(isFirst)
    RED.nodes.eachNode?.((node) => this.#deployed.set(node.id, node))
  }

  /** `elsewhere`: its node is deployed and keeps its messages below another root. */
  of(nodeId: string, root: Root): 'here' | 'elsewhere' | 'nobody' {
    const node = this.#deployed.get(nodeId) ?? this.#templateOf(nodeId)
    if (node === undefined) return this.#hall.roster.of(nodeId) === undefined ? 'nobody' : 'here'
    const directory = this.#directoryFor(node)
    return directory === undefined || directory === root.directory ? 'here' : 'elsewhere'
  }

  /**
   * Node-RED makes the id of a node within a subflow's instance out of that of the instance and
   * that of the template, with a hyphen; instances within instances add theirs in front.
   */
  #templateOf(nodeId: string): DeployedNode | undefined {
    const parts = nodeId.split('-')
    const isInstance = parts.length > 1 && parts.every((part) => this.#deployed.has(part))
    return isInstance ? this.#deployed.get(parts.at(-1) ?? '') : undefined
  }

  /** Root of the store that the node names; undefined for one that does not run, or a variable. */
  #directoryFor(node: DeployedNode): string | undefined {
    const store: unknown = Reflect.get(node, 'store') ?? ''
    const places = this.#hall.stores.places(this.roots[0]?.directory ?? '')
    return places.find((place) => place.store === store)?.directory
  }
}
