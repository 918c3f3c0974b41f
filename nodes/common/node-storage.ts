/**
 * Where one node keeps its messages, from one deploy to the next: when its directory was changed,
 * what waits in the old one stays there and is not sent, and the log says how much that is. It
 * moves nothing.
 */

import { directoryOf, type Hall } from './hall.js'
import type { FlowNode, NodeRed } from './node-red.js'
import type { Storage, StorageSettings } from './stores.js'
import { countText, shared } from './words.js'

export class NodeStorage {
  readonly #RED: NodeRed
  readonly #hall: Hall
  readonly #node: FlowNode
  /** Undefined until it was asked for. */
  #directory: string | undefined

  constructor(RED: NodeRed, hall: Hall, node: FlowNode) {
    this.#RED = RED
    this.#hall = hall
    this.#node = node
  }

  /** Throws SETTINGS_INVALID without the store that is named. */
  of(settings: StorageSettings): Storage {
    const { id } = this.#node
    const { stores } = this.#hall
    const storage = stores.storageOf(settings, (root) => directoryOf(this.#RED, id, root))
    this.#directory = storage.directory
    const left = stores.leftBehind(id, storage.directory)
    if (left !== undefined) {
      const values = { count: countText(this.#RED, left.messages), directory: left.directory }
      this.#node.warn(this.#RED._(shared('leftBehind'), values))
    }
    return storage
  }

  /** The node closes with so many messages in its directory. */
  closed(messages: number): void {
    const directory = this.#directory
    if (directory !== undefined) this.#hall.stores.closed(this.#node.id, { directory, messages })
  }
}
