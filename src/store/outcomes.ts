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

interface Pending {
  unstored: number
  readonly segments: Map<Segment, { readonly ordinals: number[]; liveBytes: Bytes }>
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
    addTo(this.#pending, outcome, segment, [ordinal], liveBytes)
  }

  /** Counts a message that was accepted and dropped without being kept. */
  addUnstored(outcome: Outcome): void {
    pendingOf(this.#pending, outcome).unstored++
  }

  /** Resolves with whether the file tells of all that was added so far: a full disk may not. */
  told(): Promise<boolean> {
    if (this.#pending.size === 0 && this.#taken.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Everything that waits; the same again, and more, until `written`. */
  take(): Note[] {
    for (const [outcome, { unstored, segments }] of this.#pending) {
      pendingOf(this.#taken, outcome).unstored += unstored
      for (const [segment, { ordinals, liveBytes }] of segments) {
        addTo(this.#taken, outcome, segment, ordinals, liveBytes)
      }
    }
    this.#pending = new Map()
    this.#takenWaiters.push(...this.#waiters.splice(0))
    return [...this.#taken].map(([outcome, { unstored, segments }]) => {
      const settled = [...segments].map(([{ base }, { ordinals, liveBytes }]): Settled => {
        return { base, liveBytes, ranges: rangesOf(ordinals.sort((a, b) => a - b)) }
      })
      return { kind: 'A', payload: outcomesBytes({ outcome, unstored, settled }), flags: 0 }
    })
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
    this.#taken = new Map()
    for (const tell of this.#takenWaiters.splice(0)) tell(true)
  }

  /** It cannot be written now: whoever waits for it is told. */
  giveUp(): void {
    for (const tell of [...this.#takenWaiters.splice(0), ...this.#waiters.splice(0)]) tell(false)
  }
}

function addTo(
  map: Map<Outcome, Pending>,
  outcome: Outcome,
  segment: Segment,
  ordinals: readonly number[],
  liveBytes: Bytes,
): void {
  const { segments } = pendingOf(map, outcome)
  const part = segments.get(segment)
  if (part === undefined) segments.set(segment, { ordinals: [...ordinals], liveBytes })
  else {
    for (const ordinal of ordinals) part.ordinals.push(ordinal)
    part.liveBytes += liveBytes
  }
}

function pendingOf(map: Map<Outcome, Pending>, outcome: Outcome): Pending {
  let pending = map.get(outcome)
  if (pending === undefined) {
    pending = { unstored: 0, segments: new Map() }
    map.set(outcome, pending)
  }
  return pending
}
