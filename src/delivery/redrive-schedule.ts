/**
 * When letters go round by themselves: every so often, or by a cron line. Holds the one timer for
 * that, and goes by the wall clock where a calendar is meant. What fell due while nothing ran is
 * made up for once, after a moment; a cron line never.
 */

import type { Cancel, Clock } from '../base/ports.js'
import { type EpochMs, epochMs, ms } from '../base/units.js'
import { cronNext } from './cron.js'

export type RedriveSchedule =
  | { readonly is: 'every'; readonly everyMs: number }
  /** Local time; a line that `cronFault` has no word against. */
  | { readonly is: 'cron'; readonly line: string }
  | { readonly is: 'off' }

/** Somebody may set the wall clock. */
const lookEvery = 60_000
const afterStart = 10_000

export class RedriveTimer {
  /** When it is due next; undefined when it is not. */
  nextAt: EpochMs | undefined
  readonly #clock: Clock
  readonly #schedule: RedriveSchedule
  readonly #due: () => void
  #cancel: Cancel = () => {}

  constructor(clock: Clock, schedule: RedriveSchedule, due: () => void) {
    this.#clock = clock
    this.#schedule = schedule
    this.#due = due
  }

  /** `lastAt`: when it was due last, if that is known. */
  start(lastAt: EpochMs | undefined): void {
    const now = this.#clock.wall()
    const schedule = this.#schedule
    if (schedule.is === 'off') return
    if (schedule.is === 'cron') this.nextAt = cronNext(schedule.line, now)
    else {
      const { everyMs } = schedule
      const soonest = now + Math.min(afterStart, everyMs)
      const next = (lastAt ?? now) + everyMs
      this.nextAt = epochMs(Math.max(soonest, Math.min(next, now + everyMs)))
    }
    this.#wake()
  }

  stop(): void {
    this.#cancel()
    this.nextAt = undefined
  }

  #wake(): void {
    if (this.nextAt === undefined) return
    const left = Math.max(0, this.nextAt - this.#clock.wall())
    this.#cancel = this.#clock.wake(ms(Math.min(left, lookEvery)), () => this.#look())
  }

  #look(): void {
    const now = this.#clock.wall()
    const { nextAt } = this
    if (nextAt === undefined) return
    if (now >= nextAt) {
      this.start(now)
      this.#due()
      return
    }
    // The clock was set back: no longer than one span from now.
    const schedule = this.#schedule
    if (schedule.is === 'every') this.nextAt = epochMs(Math.min(nextAt, now + schedule.everyMs))
    this.#wake()
  }
}
