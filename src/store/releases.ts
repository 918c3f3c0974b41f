/**
 * Who may have been out when the process died. Before messages are released the journal is told up
 * to where, in blocks of 256; after a crash the first of them, or of each lane, are suspects and go
 * out one at a time, each announced by itself, so that a second crash names the one that was out
 * alone. Pure bookkeeping: it writes nothing (design.md 9.3).
 */

import type { Sequence } from '../base/units.js'
import type { Opening } from './opening.js'
import type { Released } from './payloads.js'
import type { Recovered } from './recovery.js'

const block = 256

export class Releases {
  readonly #atMost: number
  #suspects: { readonly upTo: Sequence; left: number } | undefined
  #told: Released | undefined
  /** Up to where the journal has been told, or is being told now. */
  #telling: Sequence = -1
  /** It was out alone when this boot's process died, and is to be set aside. */
  readonly poison: Sequence | undefined

  /** `atMost`: how many may be out at once. */
  constructor(atMost: number, suspects: Opening['suspects']) {
    this.#atMost = atMost
    if (suspects === undefined || suspects.atMost === 0) return
    this.#suspects = { upTo: suspects.upTo, left: suspects.atMost }
    if (suspects.isSameBoot) this.poison = suspects.alone
  }

  /** Whether messages go out one at a time because one of them may have ended the process. */
  get isSingly(): boolean {
    return this.#suspects !== undefined
  }

  /** Whether this message may go out now, with so many out. */
  permits(sequence: Sequence, inFlight: number): boolean {
    if (inFlight >= (this.isSingly ? 1 : this.#atMost)) return false
    this.#suspect(sequence)
    const { upTo = -1, alone } = this.#told ?? {}
    return this.isSingly ? alone === sequence : alone === undefined && sequence <= upTo
  }

  /** What the journal has to be told before this message may go out. */
  next(sequence: Sequence): Released {
    this.#suspect(sequence)
    if (this.#suspects === undefined) return this.#upTo(sequence + block - 1)
    return { upTo: this.#suspects.upTo, atMost: this.#suspects.left, alone: sequence }
  }

  /**
   * What the journal is to be told once this message is out, so that the next block need not wait
   * for a write; undefined while that is under way, or one goes at a time. Not for lanes, where
   * each message that was let go is a suspect after a crash.
   */
  ahead(sequence: Sequence): Released | undefined {
    if (this.#told === undefined || this.#told.alone !== undefined || this.isSingly)
      return undefined
    return this.#telling - sequence < block ? this.#upTo(this.#telling + block) : undefined
  }

  /** The journal has been told. */
  readonly told = (released: Released): void => {
    this.#told = released
  }

  /** A suspect has ended, and no lanes tell which are left. */
  ended(): void {
    if (this.#suspects === undefined) return
    this.#suspects.left--
    if (this.#suspects.left === 0) this.#suspects = undefined
  }

  /** No message that waits is a suspect any more. */
  endSuspicion(): void {
    this.#suspects = undefined
  }

  /** Never less than before: the last word counts. */
  #upTo(sequence: Sequence): Released {
    this.#telling = Math.max(this.#telling, sequence)
    return { upTo: this.#telling, atMost: this.#atMost }
  }

  /** A message beyond the suspects is the next one: all of them have ended. */
  #suspect(sequence: Sequence): void {
    if (this.#suspects !== undefined && sequence > this.#suspects.upTo) this.#suspects = undefined
  }
}

/**
 * What an opening takes over of what was out: nothing after a clean close; after a power cut nobody
 * was alone, for that is never a message's fault.
 */
export function takenOver(
  { released, wasClean, boot }: Pick<Recovered, 'released' | 'wasClean' | 'boot'>,
  bootNow: string,
): Released {
  if (wasClean) return { upTo: 0, atMost: 0 }
  return boot === bootNow ? released : { upTo: released.upTo, atMost: released.atMost }
}
