/**
 * Which nodes of ours run in this process, what each shows and counts, and what may be ordered of
 * it: the sidebar, the metrics, the status document and the admin routes all ask here. It knows no
 * kind of node, keeps nothing of one that has left, and never shows a payload.
 */

import type { Emit } from '../../src/base/event.js'
import type { Tally } from '../../src/base/tally.js'
import type { EpochMs } from '../../src/base/units.js'
import type { Adoption } from '../../src/store/adoption.js'
import type { NodePlace } from './announced.js'
import type { ShownBadge } from './badge.js'
import type { Order } from './commands.js'
import type { Message } from './node-red.js'
import type { OrphanKind } from './orphan-kinds.js'

/** One node at work, or kept from it. */
export interface RosterEntry {
  readonly id: string
  /** Its flow may be renamed by a deploy. */
  place(): NodePlace
  /** False while it opens, and while something keeps it from opening. */
  isOpen(): boolean
  /** What stands below it on the canvas; undefined until there is something to say. */
  badge(): ShownBadge | undefined
  /** Empty while it is not open. Cheap: nothing is read from a disk. */
  tally(): Tally
  /** When the oldest message that waits was accepted. Rejects when a disk fails. */
  oldestAt(): Promise<EpochMs | undefined>
  /** The result of its command `status`; undefined while it is not open, or without one. */
  report(): Promise<unknown>
  /** Names of the commands that it knows; none while it is not open. */
  commands(): readonly string[]
  /** Events of it. */
  readonly emit: Emit
  /** Resolves with the message that answers. Rejects as the command does, or with its fault. */
  obey(order: Order): Promise<Message>
  /**
   * Takes over what waits in a directory without an owner. Rejects with COMMAND_INVALID when it
   * cannot take that kind, else as `adopt` of the store.
   */
  adopt(directory: string, kind: OrphanKind): Promise<Adoption>
}

export class Roster {
  readonly #entries = new Map<string, RosterEntry>()
  /** How often each node has been set up in this process: its settings may differ each time. */
  readonly #versions = new Map<string, number>()
  readonly #listeners = new Set<() => void>()

  /** Until what this returns is called. */
  enter(entry: RosterEntry): () => void {
    const { id } = entry
    this.#entries.set(id, entry)
    this.#versions.set(id, this.versionOf(id) + 1)
    this.changed()
    return () => {
      if (this.#entries.get(id) !== entry) return
      this.#entries.delete(id)
      this.changed()
    }
  }

  /** In the order in which they came. */
  get all(): readonly RosterEntry[] {
    return [...this.#entries.values()]
  }

  get size(): number {
    return this.#entries.size
  }

  of(id: string): RosterEntry | undefined {
    return this.#entries.get(id)
  }

  /** Version of the settings in force: 1 at first, one more with each deploy of the node. */
  versionOf(id: string): number {
    return this.#versions.get(id) ?? 0
  }

  /** Something that is shown of some node may differ from now on. */
  changed(): void {
    for (const heard of this.#listeners) heard()
  }

  /** Calls at each change, which must not throw, until what this returns is called. */
  watch(heard: () => void): () => void {
    this.#listeners.add(heard)
    return () => this.#listeners.delete(heard)
  }
}
