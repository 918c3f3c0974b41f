/**
 * What `/health` answers: several monitors as one document in the form of
 * draft-inadarei-api-health-check-06 (`application/health+json`; the draft has expired, its form is
 * what others read). Without permission it holds the verdict only, never a name or an address.
 */

import type { EpochMs, Ms } from '../base/units.js'

export type Verdict = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/** One check of a monitor. */
export interface CheckReport {
  readonly label: string
  readonly kind: string
  readonly status: Verdict
  /** Of the last check; absent before it, and where nothing was asked. */
  readonly at?: EpochMs
  readonly latencyMs?: Ms
  /** Why it is not well. */
  readonly text?: string
}

export interface MonitorReport {
  readonly id: string
  readonly name: string
  readonly status: Verdict
  readonly sinceAt: EpochMs
  readonly countsForReady: boolean
  /** Its checks may be told to whoever asks. */
  readonly isDetailed: boolean
  readonly checks: readonly CheckReport[]
}

/** This process, beside what the monitors say. */
export interface ProcessReport {
  /** Flows run, every store is open, every link has come to a first verdict; nothing stops. */
  readonly isReady: boolean
  /** What is missing for that, in words. */
  readonly waitsFor: readonly string[]
  readonly upSinceAt: EpochMs
}

/** `live` never looks at anything that it depends on. */
export type Question = 'health' | 'live' | 'ready'

export interface HealthAnswer {
  readonly code: 200 | 503
  readonly body: Readonly<Record<string, unknown>>
}

const passes = { healthy: 'pass', degraded: 'warn', unhealthy: 'fail', unknown: 'warn' } as const

/** `isTrusted`: all detail may be told. */
export function healthAnswer(
  question: Question,
  monitors: readonly MonitorReport[],
  runtime: ProcessReport,
  isTrusted: boolean,
): HealthAnswer {
  if (question === 'live') return { code: 200, body: { status: 'pass' } }
  const counted = question === 'ready' ? monitors.filter((each) => each.countsForReady) : monitors
  const isFailed = counted.some((monitor) => !isUp(monitor, question))
  const status = isFailed || !runtime.isReady ? 'fail' : worst(counted)
  const told = isTrusted ? counted : counted.filter(({ isDetailed }) => isDetailed)
  return {
    code: status === 'fail' ? 503 : 200,
    body: { status, ...(isTrusted ? detail(runtime) : {}), ...checksOf(told) },
  }
}

/** Ready is only what is known to be up; nothing is down before somebody has found out. */
function isUp({ status }: MonitorReport, question: Question): boolean {
  return status !== 'unhealthy' && !(question === 'ready' && status === 'unknown')
}

function worst(monitors: readonly MonitorReport[]): 'pass' | 'warn' {
  return monitors.some(({ status }) => passes[status] !== 'pass') ? 'warn' : 'pass'
}

function detail({ waitsFor, upSinceAt }: ProcessReport): object {
  const notes = waitsFor.length === 0 ? {} : { notes: waitsFor }
  return { upSince: new Date(upSinceAt).toISOString(), ...notes }
}

/** Absent where nothing may be told. */
function checksOf(monitors: readonly MonitorReport[]): object {
  if (monitors.length === 0) return {}
  const checks: Record<string, object[]> = {}
  for (const monitor of monitors) {
    // The draft's `component:measurement`; those of one name are told apart by `componentId`.
    const key = `${monitor.name || monitor.id}:responseTime`
    checks[key] = [...(checks[key] ?? []), ...entriesOf(monitor)]
  }
  return { checks }
}

function entriesOf(monitor: MonitorReport): object[] {
  return monitor.checks.map(({ label, kind, status, at, latencyMs, text }) => ({
    ...{ componentId: monitor.id, componentType: 'system', label, kind, status: passes[status] },
    ...(latencyMs === undefined ? {} : { observedValue: latencyMs, observedUnit: 'ms' }),
    ...(at === undefined ? {} : { time: new Date(at).toISOString() }),
    ...(text === undefined ? {} : { output: text }),
  }))
}
