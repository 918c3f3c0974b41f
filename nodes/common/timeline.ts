/**
 * The last events of all nodes of this process, and those who want to hear of the next ones: the
 * sidebar, the node `resilience-events`, the counts of the metrics. Kept in memory only, a bounded
 * number of them; it words nothing and decides nothing.
 */

import type { EventKind, Severity } from '../../src/base/event.js'
import type { EpochMs } from '../../src/base/units.js'
import type { NodePlace } from './announced.js'

/** An event as it is told to others (dialogs.md section 8). The fields of its kind come besides. */
export interface Told {
  /** Grows by one with each event of this process. */
  readonly number: number
  readonly kind: EventKind
  readonly at: EpochMs
  readonly severity: Severity
  readonly node: NodePlace
  /** As in the log. */
  readonly text: string
  readonly [field: string]: unknown
}

/** The newest are kept. */
export const toldMax = 500

export class Timeline {
  #last: Told[] = []
  #count = 0
  readonly #counts = new Map<EventKind, number>()
  readonly #listeners = new Set<(told: Told) => void>()

  /** `told`: all but its number. */
  add(told: Omit<Told, 'number'> & Pick<Told, 'kind'>): void {
    this.#count += 1
    const whole = { ...told, number: this.#count } as Told
    this.#counts.set(whole.kind, (this.#counts.get(whole.kind) ?? 0) + 1)
    this.#last.push(whole)
    // Cut seldom: it copies what stays.
    if (this.#last.length >= 2 * toldMax) this.#last = this.#last.slice(-toldMax)
    for (const heard of this.#listeners) heard(whole)
  }

  /** Oldest first, `toldMax` at most. */
  get last(): readonly Told[] {
    return this.#last.slice(-toldMax)
  }

  /** Of all kinds, since the process began: the number of the newest. */
  get count(): number {
    return this.#count
  }

  /** Those with a greater number, as far as they are kept; oldest first. */
  after(number: number): readonly Told[] {
    return this.#last.slice(Math.max(0, this.#last.length - (this.#count - number))).slice(-toldMax)
  }

  /** Of each kind that there was, since the process began. */
  get counts(): ReadonlyMap<EventKind, number> {
    return this.#counts
  }

  /** Calls with each event, which must not throw, until what this returns is called. */
  watch(heard: (told: Told) => void): () => void {
    this.#listeners.add(heard)
    return () => this.#listeners.delete(heard)
  }
}
