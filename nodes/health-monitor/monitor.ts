/**
 * The checks of one monitor, begun when the policy says so and told to it when they end; and all
 * that follows from a verdict: messages, events, those that follow without a wire. Every decision
 * is the policy's; what a check does is the probe's.
 */

import { countIn } from '../../src/base/counts.js'
import type { Failure } from '../../src/base/fault.js'
import type { CheckTally, HealthTally } from '../../src/base/tally.js'
import { type Instant, ms } from '../../src/base/units.js'
import { decide, type HealthDecision, type HealthEvent } from '../../src/policy/health.js'
import { lastOf, type Result } from '../../src/policy/health-record.js'
import {
  freshHealth,
  type Health,
  type HealthSettings,
  worstFirst,
} from '../../src/policy/health-state.js'
import type { Trial } from '../../src/probe/probe.js'
import { Alarm } from '../common/alarm.js'
import type { Context } from '../common/room.js'
import type { Settings } from './health-monitor.settings.js'
import { type Ready, turnstileOf } from './probes.js'

/** What has just happened. */
export interface News {
  /** Of the check that ended; absent where a person changed the verdict. */
  readonly ended: number | undefined
  /** What the verdict was before, if it has changed. */
  readonly previous: Health['status'] | undefined
}

export class Monitor {
  readonly #context: Context<Settings>
  readonly #ready: readonly Ready[]
  #told: (news: News) => void = () => {}
  readonly #rules: HealthSettings
  /** Text that stands for the checks: what is known of others is no use. */
  readonly #checks: string
  readonly state: Health
  readonly #alarm: Alarm
  /** Under way, by run. */
  readonly #trials = new Map<number, Trial>()
  readonly #idle = new Set<() => void>()

  constructor(context: Context<Settings>, ready: readonly Ready[]) {
    const { id, settings, hall } = context
    const { interval, slowAfter, downAfter, upAfter, checks } = settings
    this.#context = context
    this.#ready = ready
    this.#rules = { interval, slowAfter, downAfter, upAfter, checks }
    this.#checks = JSON.stringify(checks)
    this.state =
      hall.healths.taken(id, this.#checks) ?? freshHealth(this.#rules, this.now, this.#fraction())
    this.#alarm = new Alarm(hall.world.clock, () => this.order('time'))
  }

  start(isPaused: boolean, told: (news: News) => void): void {
    this.#told = told
    this.order(isPaused ? 'pause' : 'resume')
    this.order('time')
  }

  get now(): Instant {
    return this.#context.hall.world.clock.monotonic()
  }

  get isChecking(): boolean {
    return this.#trials.size > 0
  }

  order(is: Exclude<HealthEvent['is'], 'found'>): void {
    this.#tell({ is, fraction: this.#fraction() })
  }

  /** Checks all now, and resolves when those have ended. */
  async check(): Promise<void> {
    this.order('check')
    if (this.isChecking) await new Promise<void>((resolve) => this.#idle.add(resolve))
  }

  /** A message came. */
  beat(): void {
    for (const { beat } of this.#ready) beat?.()
  }

  /** What a person should look at first. */
  get worst(): Result | undefined {
    const check = this.state.checks[this.#worstAt]
    return check === undefined ? undefined : lastOf(check.record)
  }

  /** The worst check; of several, one whose last result was no good. */
  get #worstAt(): number {
    const ranks = this.state.checks.map(({ status, dull }) => {
      return worstFirst.indexOf(status) * 2 + (dull > 0 ? 0 : 1)
    })
    return ranks.indexOf(Math.min(...ranks))
  }

  tally(): HealthTally {
    const { counts } = this.#context
    const { status, isPaused } = this.state
    const checks = this.state.checks.map((check, at): CheckTally => {
      const label = this.#ready[at]?.spec.label ?? ''
      const checks = counts.by(`checks ${label}`)
      return { label, status: check.status, checks, checkTime: counts.spans(`check ${label}`) }
    })
    return { status, isPaused, checks }
  }

  close(): void {
    this.#alarm.set(undefined)
    this.#stopTrials()
    for (const { close } of this.#ready) close?.()
    // Begun anew by the node that takes over.
    for (const check of this.state.checks) {
      if (check.run !== undefined) Object.assign(check, { run: undefined, due: this.now })
    }
    this.#context.hall.healths.keep(this.#context.id, this.#checks, this.state)
  }

  #tell(event: HealthEvent): void {
    if (event.is === 'pause' || event.is === 'reset') this.#stopTrials()
    const decision = decide(this.state, event, this.now, this.#rules)
    this.#alarm.set(decision.wakeAt)
    for (const { check, run } of decision.start) this.#begin(check, run)
    this.#tellOf(decision)
  }

  #begin(check: number, run: number): void {
    const ready = this.#ready[check]
    if (ready === undefined) return
    const trial = turnstileOf(this.#context.hall.world).enter(ready.probe)
    this.#trials.set(run, trial)
    this.#context.changed()
    trial.found
      .then((found) => {
        this.#trials.delete(run)
        this.#tell({ is: 'found', check, run, found, fraction: this.#fraction() })
        if (!this.isChecking) this.#tellIdle()
      })
      .catch((error: unknown) => this.#context.work.complain(error)) // nobody else would hear of it
  }

  #tellOf({ ended, turn, flapping }: HealthDecision): void {
    const { hall, id, emit } = this.#context
    if (ended !== undefined) this.#emitEnd(ended, flapping)
    if (turn !== undefined) {
      const isOver = turn.to === 'healthy' && turn.from !== 'unknown'
      const resolves = isOver ? ({ resolves: 'health.changed' } as const) : {}
      const about = turn.to === 'healthy' ? ended : this.#worstAt
      emit({ kind: 'health.changed', ...turn, ...this.#findingOf(about), ...resolves })
    }
    if (ended !== undefined || turn !== undefined) {
      this.#told({ ended, previous: turn?.from })
      hall.healths.told(id)
    }
    this.#context.changed()
  }

  #emitEnd(ended: number, flapping: HealthDecision['flapping']): void {
    const { emit } = this.#context
    const check = this.state.checks[ended]
    if (check === undefined) return
    const { label, ...finding } = this.#findingOf(ended)
    this.#count(label, lastOf(check.record))
    if (check.failed > 0) emit({ kind: 'health.check-failed', label, ...finding })
    if (flapping === 'begun') {
      emit({ kind: 'health.flapping', label, count: check.flap.changes })
    } else if (flapping === 'over') {
      const { status } = check
      const resolves = 'health.flapping'
      emit({ kind: 'health.changed', from: status, to: status, label, resolves })
    }
  }

  #count(label: string, last: Result | undefined): void {
    if (last === undefined) return
    const { counts } = this.#context
    countIn(counts.by(`checks ${label}`), last.is)
    if (last.latencyMs !== undefined) counts.spans(`check ${label}`).add(last.latencyMs)
  }

  /** Of the last result of one check; of none where a person moved the verdict. */
  #findingOf(at: number | undefined) {
    const check = at === undefined ? undefined : this.state.checks[at]
    const last = check === undefined ? undefined : lastOf(check.record)
    const label = at === undefined ? '' : (this.#ready[at]?.spec.label ?? '')
    if (last === undefined) return { label }
    const { latencyMs } = last
    return {
      ...{ label, ...(last.is === 'ok' ? {} : { failure: last.why ?? slow(last) }) },
      ...(latencyMs === undefined ? {} : { latencyMs: ms(Math.round(latencyMs)) }),
    }
  }

  #stopTrials(): void {
    for (const trial of this.#trials.values()) trial.stop()
    this.#trials.clear()
    this.#tellIdle()
  }

  #tellIdle(): void {
    for (const resolve of this.#idle) resolve()
    this.#idle.clear()
  }

  #fraction(): number {
    return this.#context.hall.world.random.fraction()
  }
}

/** It answers, only too late. */
function slow({ latencyMs = ms(0) }: Result): Failure {
  return { code: 'CHECK_FAILED', values: { why: 'slow', time: Math.round(latencyMs) } }
}
