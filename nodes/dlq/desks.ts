/**
 * The dead letter nodes that are open just now, for the admin routes: by id, with what a person may
 * look at and order. A node leaves when it closes; nothing is kept of it.
 */

import type { Emit } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import type { Letters } from '../../src/delivery/letters.js'
import type { Redriver } from '../../src/delivery/redriver.js'

/** One dead letter node at work. */
export interface Desk {
  readonly id: string
  readonly name: string
  /** What its flow is called. */
  readonly flow: string
  readonly letters: Letters
  readonly redriver: Redriver
  readonly emit: Emit
  /** Its status may differ from now on. */
  readonly changed: () => void
}

export class Desks {
  readonly #desks = new Map<string, Desk>()

  /** Until what this returns is called. */
  open(desk: Desk): () => void {
    this.#desks.set(desk.id, desk)
    return () => {
      if (this.#desks.get(desk.id) === desk) this.#desks.delete(desk.id)
    }
  }

  /** Throws NOT_FOUND for a node that is gone, disabled, or could not be opened. */
  of(id: string): Desk {
    const desk = this.#desks.get(id)
    if (desk === undefined) throw new Fault('NOT_FOUND', { what: `dlq ${id}` })
    return desk
  }

  /** By id. */
  all(): readonly Desk[] {
    return [...this.#desks.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}
