/**
 * Outcomes that wait to be written, gathered per kind and per segment so that one record tells of
 * many. It keeps them until they are in the file; a second take of the same ones is harmless,
 * because applying an outcome twice changes nothing.
 */

import type { Bytes } from '../base/units.js'
import type { Note } from './active.js'
import { type Outcome, outcomesBytes, type Settled } from './payloads.js'
import { rangesOf } from './ranges.js'
import type { Segment } from './segment.js'

interface Pending {
  unstored: number
  readonly segments: Map<Segment, { ordinals: number[]; liveBytes: Bytes }>
}

export class PendingOutcomes {
  #pending = new Map<Outcome, Pending>()

  add(outcome: Outcome, segment: Segment, ordinal: number, liveBytes: Bytes): void {
    const { segments } = this.#of(outcome)
    const part = segments.get(segment)
    if (part === undefined) segments.set(segment, { ordinals: [ordinal], liveBytes })
    else {
      part.ordinals.push(ordinal)
      part.liveBytes += liveBytes
    }
  }

  /** Counts a message that was accepted and dropped without being kept. */
  addUnstored(outcome: Outcome): void {
    this.#of(outcome).unstored++
  }

  notes(): Note[] {
    return [...this.#pending].map(([outcome, { unstored, segments }]) => {
      const settled = [...segments].map(([{ base }, { ordinals, liveBytes }]): Settled => {
        return { base, liveBytes, ranges: rangesOf(ordinals.sort((a, b) => a - b)) }
      })
      return { kind: 'A', payload: outcomesBytes({ outcome, unstored, settled }), flags: 0 }
    })
  }

  clear(): void {
    this.#pending = new Map()
  }

  #of(outcome: Outcome): Pending {
    let pending = this.#pending.get(outcome)
    if (pending === undefined) {
      pending = { unstored: 0, segments: new Map() }
      this.#pending.set(outcome, pending)
    }
    return pending
  }
}
