/**
 * Asks how this Node-RED itself is: how late its event loop was, how much memory and disk are
 * left, how long messages wait, which breakers are open. It measures the loop all the time, by one
 * timer, and the rest when it is asked.
 */

import type { Failure } from '../base/fault.js'
import type { Cancel, Clock, DiskSpace } from '../base/ports.js'
import { after, type Ms, ms, since } from '../base/units.js'
import type { Found } from '../policy/health-state.js'
import { because, failedFor, type Trial, trialOf } from './probe.js'

export interface RuntimeCheck {
  readonly timeout: Ms
  readonly loopDelay: Ms
  /** Shares, 0 to 1. */
  readonly memory: number
  readonly freeDisk: number
  readonly oldestAge: Ms
  /** Whether open breakers are of interest. */
  readonly openBreakers: boolean
}

export interface RuntimeView {
  memoryUsed(): number
  space(): Promise<DiskSpace>
  /** Undefined while nothing waits in any queue. */
  oldestAgeMs(): Promise<Ms | undefined>
  openBreakers(): number
}

/** How often the loop is looked at. */
const sampleEvery = ms(500)

export class RuntimeProbe {
  readonly #clock: Clock
  readonly #check: RuntimeCheck
  readonly #view: RuntimeView
  /** Since the last check. */
  #worstDelay = ms(0)
  #timer: Cancel

  constructor(clock: Clock, check: RuntimeCheck, view: RuntimeView) {
    this.#clock = clock
    this.#check = check
    this.#view = view
    this.#timer = this.#sample()
  }

  probe = (): Trial => {
    const answer = Promise.all([this.#view.space(), this.#view.oldestAgeMs()])
    // How long the disk took to answer says nothing about this process.
    return trialOf(
      this.#clock,
      this.#check.timeout,
      { answer, stop: () => {} },
      ([space, oldest]) => {
        return this.#judged(space, oldest ?? ms(0))
      },
    )
  }

  close(): void {
    this.#timer()
  }

  #judged({ free, total }: DiskSpace, oldest: Ms): Found {
    const { loopDelay, memory, freeDisk, oldestAge, openBreakers } = this.#check
    const [delay, used] = [this.#worstDelay, this.#view.memoryUsed()]
    this.#worstDelay = ms(0)
    if (free < freeDisk * total) return failedFor(because('disk', { free }))
    if (used > memory) return failedFor(because('memory', { share: percent(used) }))
    if (delay > loopDelay) return failedFor(because('loop', { time: delay }))
    if (oldest > oldestAge) return poorFor(because('oldest', { time: oldest }))
    const count = openBreakers ? this.#view.openBreakers() : 0
    return count > 0 ? poorFor(because('breakers', { count })) : { is: 'ok' }
  }

  #sample(): Cancel {
    const due = after(this.#clock.monotonic(), sampleEvery)
    return this.#clock.wake(sampleEvery, () => {
      const late = since(due, this.#clock.monotonic())
      if (late > this.#worstDelay) this.#worstDelay = ms(Math.round(late))
      this.#timer = this.#sample()
    })
  }
}

const poorFor = (why: Failure): Found => ({ is: 'poor', why })

const percent = (share: number): string => `${Math.round(share * 100)}%`
