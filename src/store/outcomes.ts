/**
 * Outcomes that wait to be written, gathered per kind and per segment so that one record tells of
 * many. It keeps them until they are in the file; a second take of the same ones is harmless,
 * because applying an outcome twice changes nothing.
 */

import type { Bytes } from '../base/units.js'
import type { Note } from './active.js'
import { type Outcome, outcomesBytes, type Settled, type Totals } from './payloads.js'
import { rangesOf } from './ranges.js'
import type { Segment } from './segment.js'

type Told = (isTold: boolean) => void

interface Part {
  readonly ordinals: number[]
  liveBytes: Bytes
}

interface Pending {
  unstored: number
  readonly segments: Map<Segment, Part>
}

export class PendingOutcomes {
  /** Not yet handed to a write. */
  #pending = new Map<Outcome, Pending>()
  /** Handed to a write that has not succeeded yet. */
  #taken = new Map<Outcome, Pending>()
  /** Who asked for what was not handed to a write then, and for what was. */
  #waiters: Told[] = []
  #takenWaiters: Told[] = []

  add(outcome: Outcome, segment: Segment, ordinal: number, liveBytes: Bytes): void {
    const part = partOf(this.#pending, outcome, segment)
    part.ordinals.push(ordinal)
    part.liveBytes += liveBytes
  }

  /** Counts a message that was accepted and dropped without being kept. */
  addUnstored(outcome: Outcome): void {
    pendingOf(this.#pending, outcome).unstored++
  }

  /** Resolves with whether the file tells of all that was added so far: a full disk may not. */
  told(): Promise<boolean> {
    if (this.#pending.size === 0 && this.#taken.size === 0) return Promise.resolve(true)
    // What was handed to a write ends with it: there may be no other write for a long time.
    const waiters = this.#pending.size === 0 ? this.#takenWaiters : this.#waiters
    return new Promise((resolve) => waiters.push(resolve))
  }

  /** Everything that waits; the same again, and more, until `written`. */
  take(): Note[] {
    if (this.#pending.size > 0) this.#gather()
    if (this.#waiters.length > 0) this.#takenWaiters.push(...this.#waiters.splice(0))
    return [...this.#taken].map(([outcome, { unstored, segments }]) => {
      const settled = [...segments].map(([{ base }, { ordinals, liveBytes }]): Settled => {
        return { base, liveBytes, ranges: rangesOf(ordinals.sort((a, b) => a - b)) }
      })
      return { kind: 'A', payload: outcomesBytes({ outcome, unstored, settled }), flags: 0 }
    })
  }

  /** What waits is taken, beside what could not be written before. */
  #gather(): void {
    const pending = this.#pending
    this.#pending = new Map()
    if (this.#taken.size === 0) {
      this.#taken = pending
      return
    }
    for (const [outcome, { unstored, segments }] of pending) {
      pendingOf(this.#taken, outcome).unstored += unstored
      for (const [segment, { ordinals, liveBytes }] of segments) {
        const part = partOf(this.#taken, outcome, segment)
        for (const ordinal of ordinals) part.ordinals.push(ordinal)
        part.liveBytes += liveBytes
      }
    }
  }

  /**
   * The totals less what this file does not tell of yet: an unstored message is counted by its
   * record, and a checkpoint made before that record must not count it as well.
   */
  without(totals: Totals): Totals {
    const told = { ...totals }
    for (const [outcome, { unstored }] of [...this.#pending, ...this.#taken]) {
      if (unstored === 0) continue
      told.accepted -= unstored
      told[outcome] = (told[outcome] ?? 0) - unstored
    }
    return told
  }

  /** What was taken is in the file. */
  written(): void {
    if (this.#taken.size > 0) this.#taken = new Map()
    for (const tell of this.#takenWaiters.splice(0)) tell(true)
  }

  /** It cannot be written now: whoever waits for it is told. */
  giveUp(): void {
    for (const tell of [...this.#takenWaiters.splice(0), ...this.#waiters.splice(0)]) tell(false)
  }
}

function partOf(map: Map<Outcome, Pending>, outcome: Outcome, segment: Segment): Part {
  const { segments } = pendingOf(map, outcome)
  let part = segments.get(segment)
  if (part === undefined) {
    part = { ordinals: [], liveBytes: 0 }
    segments.set(segment, part)
  }
  return part
}

function pendingOf(map: Map<Outcome, Pending>, outcome: Outcome): Pending {
  let pending = map.get(outcome)
  if (pending === undefined) {
    pending = { unstored: 0, segments: new Map() }
    map.set(outcome, pending)
  }
  return pending
}
