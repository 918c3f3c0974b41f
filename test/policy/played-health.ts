/** A health monitor's verdicts, played by hand: results in, verdicts out, time as the test says. */

import { type Instant, instant, ms } from '../../src/base/units.js'
import { decide, type HealthDecision, type HealthEvent } from '../../src/policy/health.js'
import {
  type Check,
  type Found,
  freshHealth,
  type Health,
  type HealthSettings,
} from '../../src/policy/health-state.js'

export const usual: HealthSettings = {
  interval: ms(30_000),
  slowAfter: ms(1000),
  downAfter: 3,
  upAfter: 2,
  checks: [{ isCritical: true }],
}

export type Finding = 'ok' | 'slow' | 'poor' | 'failed' | 'ignored'

export class PlayedHealth {
  readonly settings: HealthSettings
  readonly state: Health
  now: Instant = instant(1000)
  fraction = 0.5
  /** All decisions so far. */
  readonly decisions: HealthDecision[] = []

  constructor(settings: Partial<HealthSettings> = {}) {
    this.settings = { ...usual, ...settings }
    this.state = freshHealth(this.settings, this.now, 0)
  }

  tell(event: HealthEvent): HealthDecision {
    const decision = decide(this.state, event, this.now, this.settings)
    this.decisions.push(decision)
    return decision
  }

  /** Time goes on to the next moment asked for, and every check begun there finds this. */
  next(...findings: readonly Finding[]): HealthDecision {
    const at = this.last?.wakeAt ?? this.now
    if (at > this.now) this.now = at
    const { start } = this.tell({ is: 'time', fraction: this.fraction })
    for (const [at, { check, run }] of start.entries()) {
      this.finds(check, run, findings[at] ?? findings[0] ?? 'ok')
    }
    return this.last ?? { start: [], wakeAt: undefined }
  }

  finds(check: number, run: number, finding: Finding): HealthDecision {
    return this.tell({ is: 'found', check, run, found: found[finding], fraction: this.fraction })
  }

  passes(spanMs: number): void {
    this.now = instant(this.now + spanMs)
  }

  get check(): Check {
    return this.checkAt(0)
  }

  checkAt(at: number): Check {
    const check = this.state.checks[at]
    if (check === undefined) throw new Error(`there is no check ${at}`)
    return check
  }

  get last(): HealthDecision | undefined {
    return this.decisions.at(-1)
  }

  /** Until the next check, in ms. */
  get wait(): number {
    return (this.last?.wakeAt ?? Number.NaN) - this.now
  }
}

const why = { code: 'CHECK_FAILED', values: { why: 'timed-out' } } as const
const found: Readonly<Record<Finding, Found>> = {
  ok: { is: 'ok', latencyMs: ms(12) },
  slow: { is: 'ok', latencyMs: ms(1000) },
  poor: { is: 'poor', latencyMs: ms(12), why },
  failed: { is: 'failed', latencyMs: ms(5000), why },
  ignored: { is: 'ignored' },
}
