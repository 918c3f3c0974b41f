/**
 * A retry with a clock that is moved by hand and a gate that tests open and close. It counts what
 * became of each message and adds no rule of its own.
 */

import { after, type Instant, instant, ms } from '../../src/base/units.js'
import type { Gate } from '../../src/policy/circuit-breaker-state.js'
import type { Ended } from '../../src/policy/ended.js'
import { decide } from '../../src/policy/retry.js'
import { freshBudget } from '../../src/policy/retry-budget.js'
import {
  freshRetries,
  openGate,
  type RetryEvent,
  type RetrySettings,
  type RetryVerdict,
} from '../../src/policy/retry-state.js'

/** Those of design.md section 5, without spread. */
export const usual: RetrySettings = {
  attempts: 5,
  backOff: { initial: ms(500), factor: 2, max: ms(60_000), jitter: 0 },
  deadline: ms(600_000),
  maxWaiting: 1000,
  retryTimeouts: false,
  neverRetry: { codes: ['ENOENT'], statuses: [{ from: 409, to: 409 }] },
  budget: 0.2,
}

export const failed: Ended = { is: 'failed', why: { code: 'HTTP_STATUS', kind: 'transient' } }
export const closedGate = (retryAt?: Instant): Gate => ({ free: 0, retryAt })
export const refused = (retryAfter = 0): Ended => {
  const why = { code: 'BREAKER_OPEN', kind: 'refusal' } as const
  return { is: 'failed', why, retryAfter: ms(retryAfter) }
}

export class PlayedRetry {
  now = instant(1000)
  gate: Gate = openGate
  wakeAt: Instant | undefined
  readonly settings: RetrySettings
  readonly state
  readonly #attempts = new Map<number, number>()
  readonly #settled = new Map<number, number>()

  constructor(settings: Partial<RetrySettings> = {}, budget = freshBudget()) {
    this.settings = { ...usual, ...settings }
    this.state = freshRetries(budget)
  }

  tell(event: RetryEvent): readonly RetryVerdict[] {
    const { verdicts, wakeAt } = decide(this.state, event, this.now, this.settings)
    this.wakeAt = wakeAt
    for (const verdict of verdicts) {
      if (verdict.is === 'late' || verdict.is === 'wait') continue
      const counts = verdict.is === 'attempt' ? this.#attempts : this.#settled
      counts.set(verdict.message, (counts.get(verdict.message) ?? 0) + 1)
    }
    return verdicts
  }

  accept(): readonly RetryVerdict[] {
    return this.tell({ is: 'accept', gate: this.gate })
  }

  /** The attempt of this message that is out ends. */
  ends(message: number, ended: Ended, fraction = 0): readonly RetryVerdict[] {
    const at = this.state.trials.get(message)?.at
    return this.endsAttempt(message, at?.is === 'out' ? at.attempt : -1, ended, fraction)
  }

  endsAttempt(message: number, attempt: number, ended: Ended, fraction = 0) {
    const trial = this.state.trials.get(message)
    const isOut = trial?.at.is === 'out' && trial.at.attempt === attempt
    if (isOut && ended.why?.kind === 'refusal' && ended.isHandedOver !== true)
      this.#attempts.set(message, (this.#attempts.get(message) ?? 0) - 1)
    return this.tell({ is: 'ended', message, attempt, ended, fraction })
  }

  passes(spanMs: number): readonly RetryVerdict[] {
    this.now = after(this.now, ms(spanMs))
    return this.tell({ is: 'time', gate: this.gate })
  }

  waitOf([verdict]: readonly RetryVerdict[]): number {
    return verdict?.is === 'wait' ? verdict.until - this.now : -1
  }

  /** Fails, waits as it was told, and is tried again; answers the wait. */
  failsAndWaits(message: number): number {
    const span = this.waitOf(this.ends(message, failed))
    this.passes(span)
    return span
  }

  historyOf(message: number): { readonly attempts: number; readonly settled: number } {
    return {
      attempts: this.#attempts.get(message) ?? 0,
      settled: this.#settled.get(message) ?? 0,
    }
  }
}
