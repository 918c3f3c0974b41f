/**
 * A breaker with a clock that is moved by hand: what tests say of it is what an integrator would
 * see. It adds no rule of its own.
 */

import { after, type Instant, instant, ms } from '../../src/base/units.js'
import { decide } from '../../src/policy/circuit-breaker.js'
import type {
  BreakerCommand,
  BreakerEvent,
  BreakerVerdict,
  Change,
} from '../../src/policy/circuit-breaker-event.js'
import { restored, saved } from '../../src/policy/circuit-breaker-saved.js'
import {
  type Breaker,
  type BreakerSettings,
  fresh,
  governed,
  type Permit,
} from '../../src/policy/circuit-breaker-state.js'
import type { Ended } from '../../src/policy/ended.js'

export const minute = 60_000

/** Those of design.md section 5, without spread. */
export const usual: BreakerSettings = {
  trip: {
    ...{ consecutive: 5, failureRate: 0.5, slowRate: 0.8, slowAfter: ms(2000), minimumCalls: 10 },
    window: { is: 'time', span: ms(minute) },
  },
  backOff: { initial: ms(30_000), factor: 2, max: ms(5 * minute), jitter: 0 },
  ...{ probes: 3, probeSuccesses: 2, probeTimeout: ms(minute), reportOnly: false },
}

export const failed: Ended = { is: 'failed', why: { code: 'HTTP_STATUS', kind: 'transient' } }
export const refused: Ended = { is: 'failed', why: { code: 'BULKHEAD_FULL', kind: 'refusal' } }

export class PlayedBreaker {
  now: Instant = instant(1_000_000)
  state: Breaker
  wakeAt: Instant | undefined
  settings: BreakerSettings
  readonly changes: Change[] = []

  constructor(settings: Partial<BreakerSettings> = {}) {
    this.settings = { ...usual, ...settings }
    this.state = fresh(this.settings, this.now)
  }

  get is(): Breaker['is'] {
    return this.state.is
  }

  tell(event: BreakerEvent): BreakerVerdict {
    const decision = decide(this.state, event, this.now, this.settings)
    this.state = decision.state
    this.wakeAt = decision.wakeAt
    if (decision.change !== undefined) this.changes.push(decision.change)
    return decision.verdict
  }

  ask(): BreakerVerdict {
    return this.tell({ is: 'ask' })
  }

  /** The permit that it must give. */
  permit(): Permit {
    const verdict = this.ask()
    if (verdict.is !== 'permit') throw new Error(`refused while ${this.is}`)
    return verdict.permit
  }

  report(permit: Permit, ended: Ended | 'ok', fraction = 0): BreakerVerdict['is'] {
    const how: Ended = ended === 'ok' ? { is: 'ok' } : ended
    return this.tell({ is: 'report', permit, ended: how, fraction }).is
  }

  /** Calls one after another, each taking so long. */
  calls(endings: readonly (Ended | 'ok')[], tookMs = 0): this {
    for (const ended of endings) {
      const permit = this.permit()
      this.after(tookMs)
      this.report(permit, ended)
    }
    return this
  }

  /** Time passes, and is told as the breaker asked. */
  after(spanMs: number): this {
    const end = after(this.now, ms(spanMs))
    for (let turn = 0; this.wakeAt !== undefined && this.wakeAt <= end; turn++) {
      if (turn > 100) throw new Error('it wakes for ever')
      if (this.wakeAt > this.now) this.now = this.wakeAt
      this.tell({ is: 'time', fraction: 0 })
    }
    this.now = end
    return this
  }

  /** Time passes, and nobody tells. */
  skip(spanMs: number): this {
    this.now = after(this.now, ms(spanMs))
    return this
  }

  order(command: BreakerCommand, by = 'ann'): this {
    this.tell({ is: 'command', command, by, fraction: 0 })
    return this
  }

  health(isHealthy: boolean): this {
    this.tell({ is: 'health', isHealthy, fraction: 0 })
    return this
  }

  /** Trips it with failures in a row. */
  trip(): this {
    return this.calls(Array(5).fill(failed))
  }

  /** Another process, whose clock starts elsewhere, `age` ms later; false when it starts afresh. */
  restart(age = 0, stateMaxAge: number | 'off' = 10 * minute, settings = this.settings): boolean {
    const written: unknown = JSON.parse(JSON.stringify(saved(this.state, this.now)))
    this.now = instant(7_000_000)
    this.settings = settings
    const limits = {
      ...settings,
      stateMaxAge: stateMaxAge === 'off' ? stateMaxAge : ms(stateMaxAge),
    }
    const read = restored(written, age, this.now, limits)
    this.state = read ?? governed(fresh(settings, this.now), settings)
    this.tell({ is: 'time', fraction: 0 })
    return read !== undefined
  }
}
