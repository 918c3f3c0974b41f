/**
 * Whether a disk is so slow that a person should know: half of the last ten syncs took more than a
 * second, or one of them more than five. Told once, and at most once an hour; the end is told when
 * neither holds any more. It has no clock: times are handed in.
 */

import { type Instant, type Ms, ms, since } from '../base/units.js'

/** What a person is to be told now: that the disk is slow, or that it no longer is. */
export type Pace = 'slow' | 'quick' | undefined

/** A sync that takes longer than this is worth a word of its own. */
export const longest = ms(5000)
const slowAbove = ms(1000)
const sample = 10
const toldEvery = ms(3_600_000)

export class Slowness {
  /** The last syncs, in a ring. */
  readonly #recent: Ms[] = []
  #next = 0
  #toldAt: Instant | undefined
  /** A warning stands. */
  #isTold = false

  /** A sync has taken this long. */
  ended(span: Ms, now: Instant): Pace {
    this.#recent[this.#next] = span
    this.#next = (this.#next + 1) % sample
    if (this.#isSlow) return this.#tell(now)
    if (!this.#isTold || this.#recent.length < sample) return undefined
    this.#isTold = false
    return 'quick'
  }

  /** A sync has taken `longest` already, and goes on. */
  stalled(now: Instant): Pace {
    return this.#tell(now)
  }

  get #isSlow(): boolean {
    let slow = 0
    for (const span of this.#recent) {
      if (span > longest) return true
      if (span > slowAbove) slow++
    }
    return this.#recent.length === sample && slow >= sample / 2
  }

  #tell(now: Instant): Pace {
    if (this.#isTold) return undefined
    if (this.#toldAt !== undefined && since(this.#toldAt, now) < toldEvery) return undefined
    this.#toldAt = now
    this.#isTold = true
    return 'slow'
  }
}
