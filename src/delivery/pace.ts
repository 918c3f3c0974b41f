/**
 * How fast a queue fills and empties, averaged over the last seconds, and when a backlog is gone.
 * Pure bookkeeping over figures that are handed in; without a steady pace it gives no forecast.
 */

import { type Instant, type Ms, ms, since } from '../base/units.js'
import type { Limits } from '../store/limits.js'

/** What there is at one moment. */
export interface Figures {
  readonly waiting: number
  readonly bytes: number
  /** Ever delivered. */
  readonly delivered: number
}

/** What a second leaves of the averages before it. */
const leftPerSecond = 0.7
const sampleEvery = ms(1000)
/** A backlog this small is ordinary traffic. */
const backlogMin = 100
/**
 * Of the nearest limit. Below that a forecast would carry the pace of some seconds on for a hundred
 * times what there is: a burst of five into a queue of 10,000 was "full in 2.7 h".
 */
const forecastShareMin = 0.01

export class Pace {
  #at: Instant
  #last: Figures
  /** Per ms: messages delivered, growth of messages, growth of bytes. */
  #rates: readonly [number, number, number] = [0, 0, 0]
  #isFresh = true
  #backlog: { readonly since: Instant; count: number } | undefined

  constructor(figures: Figures, now: Instant) {
    this.#at = now
    this.#last = figures
  }

  /** Takes note of what there is now. */
  sample(figures: Figures, now: Instant): void {
    const span = since(this.#at, now)
    if (span < sampleEvery) return
    const { waiting, bytes, delivered } = this.#last
    const [oldOut, oldMessages, oldBytes] = this.#rates
    const share = this.#isFresh ? 1 : 1 - leftPerSecond ** (span / 1000)
    const mixed = (old: number, change: number) => old * (1 - share) + (change / span) * share
    this.#rates = [
      mixed(oldOut, figures.delivered - delivered),
      mixed(oldMessages, figures.waiting - waiting),
      mixed(oldBytes, figures.bytes - bytes),
    ]
    this.#isFresh = false
    this.#at = now
    this.#last = figures
  }

  get deliveredPerSecond(): number {
    return this.#rates[0] * 1000
  }

  /**
   * When it is full at this pace; undefined while it does not fill, and while less than a hundredth
   * of either limit is used.
   */
  fullIn(
    { waiting, bytes }: Omit<Figures, 'delivered'>,
    { maxMessages, maxBytes }: Pick<Limits, 'maxMessages' | 'maxBytes'>,
  ): Ms | undefined {
    if (Math.max(waiting / maxMessages, bytes / maxBytes) < forecastShareMin) return undefined
    const [, messageRate, byteRate] = this.#rates
    const spans = [
      ...(messageRate > 0 ? [(maxMessages - waiting) / messageRate] : []),
      ...(byteRate > 0 ? [(maxBytes - bytes) / byteRate] : []),
    ]
    return spans.length === 0 ? undefined : ms(Math.max(0, Math.min(...spans)))
  }

  /** When nothing waits any more at this pace; undefined while it does not shrink. */
  emptyIn(waiting: number): Ms | undefined {
    const [, messages] = this.#rates
    return messages < 0 && waiting > 0 ? ms(waiting / -messages) : undefined
  }

  /** So many wait now; answers the backlog that has just gone, if there was one. */
  level(waiting: number, now: Instant): { count: number; tookMs: Ms } | undefined {
    const backlog = this.#backlog
    if (waiting > backlogMin && backlog === undefined) {
      this.#backlog = { since: now, count: waiting }
    } else if (backlog !== undefined) backlog.count = Math.max(backlog.count, waiting)
    if (waiting > 0 || backlog === undefined) return undefined
    this.#backlog = undefined
    return { count: backlog.count, tookMs: since(backlog.since, now) }
  }
}
