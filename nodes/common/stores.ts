/**
 * Where the nodes of this process keep their messages: the stores that config nodes declare, by id,
 * and what is built in for nodes that name none. It opens no directory and makes none.
 */

import { Fault } from '../../src/base/fault.js'
import type { Limits } from '../../src/store/limits.js'
import type { Durability } from '../../src/store/syncer.js'
import { builtInDurability, builtInLimits, type GivenLimits, limitsWith } from './limits.js'
import { shared } from './words.js'

/** What a store says for all nodes that use it. */
export interface Store {
  /** Absolute; undefined: the built-in one. */
  readonly root: string | undefined
  readonly limits: Limits
  readonly durability: Durability
}

/** What a node of its own says; what it leaves out is its store's. */
export interface StorageSettings {
  /** Id of a store; '' for none. */
  readonly store: string
  readonly limits: GivenLimits
  readonly durability: Durability | undefined
}

/** What is in force for one node. */
export interface Storage {
  readonly directory: string
  readonly limits: Limits
  readonly durability: Durability
}

const builtIn: Store = {
  root: undefined,
  limits: builtInLimits,
  durability: builtInDurability,
}

/** Messages that a node left in a directory when it closed. */
interface Left {
  readonly directory: string
  readonly messages: number
}

export class Stores {
  readonly #stores = new Map<string, Store>()
  /** By node, of those that may be opened again. */
  readonly #left = new Map<string, Left>()

  /** Until what this returns is called. */
  declare(id: string, store: Store): () => void {
    this.#stores.set(id, store)
    return () => {
      if (this.#stores.get(id) === store) this.#stores.delete(id)
    }
  }

  /** A node closes its directory with so many messages in it. */
  closed(nodeId: string, left: Left): void {
    if (left.messages > 0) this.#left.set(nodeId, left)
  }

  /** What a node that opens in this directory has left in another one; told once. */
  leftBehind(nodeId: string, directory: string): Left | undefined {
    const left = this.#left.get(nodeId)
    this.#left.delete(nodeId)
    return left?.directory === directory ? undefined : left
  }

  /** Where each keeps messages, the built-in one first. */
  places(builtInRoot: string): { readonly store: string; readonly directory: string }[] {
    const all = [['', builtIn] as const, ...this.#stores]
    return all.map(([store, { root }]) => ({ store, directory: root ?? builtInRoot }))
  }

  /**
   * Throws SETTINGS_INVALID for a store that is missing, disabled or wrong: in another directory
   * its messages would be out of sight.
   */
  storageOf(
    { store, limits, durability }: StorageSettings,
    directoryIn: (root: string | undefined) => string,
  ): Storage {
    const found = store === '' ? builtIn : this.#stores.get(store)
    if (found === undefined) {
      throw new Fault('SETTINGS_INVALID', {
        field: shared('label.store'),
        write: shared('write.store'),
      })
    }
    return Object.freeze({
      directory: directoryIn(found.root),
      limits: limitsWith(limits, found.limits),
      durability: durability ?? found.durability,
    })
  }
}
