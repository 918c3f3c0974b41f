/**
 * The last ten minutes of every node, for those who look only now and then: how much waited and how
 * much was done, every ten seconds. One timer for all nodes, none while there is no node; nothing
 * is read from a disk, and what it keeps is bounded.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { type Ms, ms } from '../../src/base/units.js'
import type { Plot } from '../../src/observe/status-document.js'
import { workOf } from '../../src/observe/work-of.js'
import type { Roster, RosterEntry } from './roster.js'

const everyMs = ms(10_000)
/** Ten minutes. */
const pointsMax = 60

interface Kept {
  /** The count at the last look; undefined before the first. */
  done: number | undefined
  readonly waiting: number[]
  readonly rate: number[]
}

export class Plots {
  readonly #clock: Clock
  readonly #roster: Roster
  readonly #kept = new Map<string, Kept>()
  readonly #looked = new Set<(span: Ms) => void>()
  #timer: Cancel | undefined
  #isBegun = false

  constructor(clock: Clock, roster: Roster) {
    this.#clock = clock
    this.#roster = roster
  }

  /** From now on it looks. Nothing is kept for a process in which nobody would ask. */
  begin(): void {
    if (this.#isBegun) return
    this.#isBegun = true
    this.#roster.watch(() => this.#wakeWhileNeeded())
    this.#wakeWhileNeeded()
  }

  of(id: string): Plot {
    const { waiting = [], rate = [] } = this.#kept.get(id) ?? {}
    return { everyMs, waiting: [...waiting], rate: [...rate] }
  }

  /**
   * Calls after each look, with the time between two, until what this returns is called. It must
   * not throw.
   */
  watch(looked: (span: Ms) => void): () => void {
    this.#looked.add(looked)
    return () => this.#looked.delete(looked)
  }

  /** What was seen of a node outlives the moment in which a deploy replaces it. */
  #wakeWhileNeeded(): void {
    const isNeeded = this.#roster.size > 0
    if (isNeeded === (this.#timer !== undefined)) return
    this.#timer?.()
    this.#timer = isNeeded ? this.#clock.wake(everyMs, () => this.#look()) : undefined
  }

  #look(): void {
    this.#timer = undefined
    this.#wakeWhileNeeded()
    const all = this.#roster.all
    const ids = new Set(all.map(({ id }) => id))
    for (const id of [...this.#kept.keys()]) if (!ids.has(id)) this.#kept.delete(id)
    for (const entry of all) this.#add(entry)
    for (const looked of this.#looked) looked(everyMs)
  }

  #add(entry: RosterEntry): void {
    const { id } = entry
    const { waiting, done } = workOf(entry.tally())
    const kept = this.#kept.get(id) ?? { done: undefined, waiting: [], rate: [] }
    this.#kept.set(id, kept)
    if (waiting !== undefined) push(kept.waiting, waiting)
    // Fewer than before: it was set up anew, and counts from the start.
    if (done !== undefined && kept.done !== undefined) {
      push(kept.rate, rounded((Math.max(0, done - kept.done) * 1000) / everyMs))
    }
    kept.done = done
  }
}

function push(points: number[], point: number): void {
  points.push(point)
  if (points.length > pointsMax) points.shift()
}

const rounded = (rate: number): number => Math.round(rate * 10) / 10
