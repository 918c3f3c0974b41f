/**
 * Whether a disk is so slow that a person should know: more than a second in the middle of the last
 * ten syncs, or one of more than five seconds among them. Told once, and at most once an hour; the
 * end is told when ten syncs were quick again. It has no clock: times are handed in.
 */

import { type Instant, type Ms, ms, since } from '../base/units.js'

/** What a person is to be told now: that the disk is slow, or that it no longer is. */
export type Pace = 'slow' | 'quick' | undefined

/** A sync that takes longer than this is worth a word of its own. */
export const longest = ms(5000)
const slowMedian = ms(1000)
const sample = 10
const toldEvery = ms(3_600_000)

export class Slowness {
  /** The last syncs, newest last. */
  #recent: Ms[] = []
  #toldAt: Instant | undefined
  /** A warning stands. */
  #isTold = false

  /** A sync has taken this long. */
  ended(span: Ms, now: Instant): Pace {
    this.#recent = [...this.#recent.slice(1 - sample), span]
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
    const sorted = [...this.#recent].sort((a, b) => a - b)
    if ((sorted.at(-1) ?? 0) > longest) return true
    return sorted.length === sample && (sorted[sample / 2] ?? 0) > slowMedian
  }

  #tell(now: Instant): Pace {
    if (this.#isTold) return undefined
    if (this.#toldAt !== undefined && since(this.#toldAt, now) < toldEvery) return undefined
    this.#toldAt = now
    this.#isTold = true
    return 'slow'
  }
}
