/**
 * Which messages of one journal may be out at the same time: one of each lane, so that order holds
 * within a lane while others overtake it. Per lane it keeps whether one is out and where the next
 * was passed over; it keeps no list of messages, and never more than 1,000 lanes.
 */

import type { Sequence } from '../base/units.js'

interface Lane {
  isOut: boolean
  /** Where its next message is to be looked for; undefined when none was passed over. */
  from: Sequence | undefined
}

export const lanesMax = 1000
/** Messages of one lane that are fetched at once when it may go on. */
export const perLane = 16

export class Lanes {
  readonly #lanes = new Map<number, Lane>()
  /** Ended, and blocked until `goOn`. */
  #resting: number[] = []

  /** Lanes that are out or have messages that were passed over. */
  get size(): number {
    return this.#lanes.size
  }

  /** Whether this message is the next of its lane and nothing of the lane is out. */
  isNext(lane: number, sequence: Sequence): boolean {
    const known = this.#lanes.get(lane)
    if (known === undefined) return this.#lanes.size < lanesMax
    return !known.isOut && (known.from === undefined || sequence < known.from)
  }

  /** Whether a message that is met while reading on must be passed over for now. */
  isHeld(lane: number): boolean {
    return this.#lanes.has(lane)
  }

  /** A message of this lane is out. */
  out(lane: number): void {
    const known = this.#lanes.get(lane)
    if (known === undefined) this.#lanes.set(lane, { isOut: true, from: undefined })
    else known.isOut = true
  }

  /** The message of this lane that was out has ended; `rests`: the next must wait for `goOn`. */
  ended(lane: number, rests = false): void {
    if (rests) {
      this.#resting.push(lane)
      return
    }
    const known = this.#lanes.get(lane)
    if (known === undefined) return
    known.isOut = false
    if (known.from === undefined) this.#lanes.delete(lane)
  }

  /** Lanes that rest may go on. */
  goOn(): void {
    const resting = this.#resting
    this.#resting = []
    for (const lane of resting) this.ended(lane)
  }

  /** A message was passed over, or is no longer in memory: its lane goes on there. */
  passed(lane: number, sequence: Sequence): void {
    const known = this.#lanes.get(lane)
    if (known === undefined) this.#lanes.set(lane, { isOut: false, from: sequence })
    else known.from = Math.min(known.from ?? sequence, sequence)
  }

  /** Lanes with nothing out whose next message was passed over, the oldest first. */
  passedOver(): { readonly lane: number; readonly from: Sequence }[] {
    const free: { lane: number; from: Sequence }[] = []
    for (const [lane, { isOut, from }] of this.#lanes) {
      if (!isOut && from !== undefined) free.push({ lane, from })
    }
    return free.sort((a, b) => a.from - b.from)
  }

  /** Its messages below `from` are in memory now; undefined: all that were passed over. */
  lookedUp(lane: number, from: Sequence | undefined): void {
    const known = this.#lanes.get(lane)
    if (known === undefined) return
    known.from = from
    if (from === undefined && !known.isOut) this.#lanes.delete(lane)
  }
}
