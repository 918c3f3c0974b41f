/**
 * The real clock, and the only place of the package that reads the time or holds a timer. Its
 * timers never fire early and never keep the process alive; it decides nothing about time.
 */

import { performance } from 'node:perf_hooks'
import type { Cancel, Clock } from '../base/ports.js'
import { type EpochMs, epochMs, type Instant, instant, type Ms } from '../base/units.js'

/** Longer than this, a timer of the runtime fires at once. */
const timerMax = 2 ** 31 - 1

export const realClock: Clock = {
  monotonic: (): Instant => instant(performance.now()),

  wall: (): EpochMs => epochMs(Date.now()),

  wake(span: Ms, call: () => void): Cancel {
    const due = performance.now() + span
    let timer: NodeJS.Timeout
    const arm = (left: number) => {
      timer = setTimeout(check, Math.min(timerMax, Math.ceil(left)))
      timer.unref()
    }
    // The runtime counts whole milliseconds and may be a fraction early.
    const check = () => {
      const left = due - performance.now()
      if (left > 0) arm(left)
      else call()
    }
    arm(span)
    return () => clearTimeout(timer)
  },

  soon(call: () => void): void {
    setImmediate(call)
  },
}

/** When this process began, by the wall clock of that moment. */
export const processBeganAt = (): EpochMs => epochMs(Math.round(performance.timeOrigin))
