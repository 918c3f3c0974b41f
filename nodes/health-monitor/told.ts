/**
 * What a health monitor says in messages, answers and documents: the same findings, each time in
 * the form that is asked for. Moments are epoch ms. It decides nothing.
 */

import type { Clock } from '../../src/base/ports.js'
import { type EpochMs, epochMs, type Instant, ms } from '../../src/base/units.js'
import type { CheckReport, MonitorReport } from '../../src/observe/health-document.js'
import { figuresOf, lastOf, type Result, resultsOf } from '../../src/policy/health-record.js'
import type { Check } from '../../src/policy/health-state.js'
import type { CheckSpec } from '../common/checks.js'
import type { Message } from '../common/node-red.js'
import type { Context } from '../common/room.js'
import type { Settings } from './health-monitor.settings.js'
import type { Monitor, News } from './monitor.js'

export class Teller {
  readonly #context: Context<Settings>
  readonly #monitor: Monitor
  readonly #clock: Clock

  constructor(context: Context<Settings>, monitor: Monitor) {
    this.#context = context
    this.#monitor = monitor
    this.#clock = context.hall.world.clock
  }

  /** A fresh one each time: who gets it may change it. */
  message({ ended, previous }: News): Message {
    const { status, since } = this.#monitor.state
    const check = ended === undefined ? undefined : this.#monitor.state.checks[ended]
    const health = {
      ...{ status, previous: previous ?? status, changed: previous !== undefined },
      ...{ sinceAt: this.#wall(since), ...latencyOf(check && lastOf(check.record)) },
      ...{ consecutiveFailures: check?.failed ?? 0, checks: this.#checks().map(shortOf) },
    }
    return { topic: this.#context.work.name, payload: status, resilience: { health } }
  }

  /** The answer to `status`. */
  answer(): object {
    const { status, since, isPaused, checks } = this.#monitor.state
    const reports = this.#checks()
    return {
      ...{ status, sinceAt: this.#wall(since), paused: isPaused },
      checks: checks.map((check, at) => {
        const { successRate, averageMs, p95Ms, ...counts } = figuresOf(check.record)
        return {
          ...{ ...reports[at], ...counts, successRate: rounded(successRate, 1000) },
          ...{ averageMs: rounded(averageMs, 10), p95Ms: rounded(p95Ms, 10) },
          ...{ consecutiveFailures: check.failed, flapping: check.flap.isFlapping },
          last: resultsOf(check.record).map((result) => this.#resultOf(result)),
        }
      }),
    }
  }

  report(): MonitorReport {
    const { id, settings, work } = this.#context
    const { status, since } = this.#monitor.state
    return {
      ...{ id, name: work.name, status, sinceAt: this.#wall(since) },
      countsForReady: settings.countsForReady,
      isDetailed: settings.publicHealth === 'detail',
      checks: this.#checks(),
    }
  }

  #checks(): CheckReport[] {
    const { checks } = this.#context.settings
    return this.#monitor.state.checks.flatMap((check, at) => {
      const spec = checks[at]
      return spec === undefined ? [] : [this.#checkOf(check, spec)]
    })
  }

  #checkOf({ status, record }: Check, { label, kind }: CheckSpec): CheckReport {
    const last = lastOf(record)
    return {
      ...{ label, kind, status, ...latencyOf(last) },
      ...(last === undefined ? {} : { at: this.#wall(last.at) }),
      ...(last?.why === undefined ? {} : { text: this.#context.work.textOf(last.why) }),
    }
  }

  #resultOf({ at, is, why, ...result }: Result): object {
    const text = why === undefined ? {} : { text: this.#context.work.textOf(why) }
    return { at: this.#wall(at), is, ...latencyOf(result), ...text }
  }

  #wall(at: Instant): EpochMs {
    return epochMs(Math.round(this.#clock.wall() + at - this.#monitor.now))
  }
}

/** As `msg.resilience.health.checks` has them. */
function shortOf({ at: _at, ...report }: CheckReport): object {
  return report
}

function latencyOf(last: Pick<Result, 'latencyMs'> | undefined) {
  return last?.latencyMs === undefined ? {} : { latencyMs: ms(Math.round(last.latencyMs)) }
}

/** To so many parts of one; undefined stays away. */
function rounded(value: number | undefined, parts: number): number | undefined {
  return value === undefined ? undefined : Math.round(value * parts) / parts
}
