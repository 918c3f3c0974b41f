/**
 * What the dialog of `circuit-breaker` saves, the defaults of these fields, and their reading into
 * settings that never change. It lists every defect, not the first, and trips nothing.
 */

import { type Ms, ms } from '../../src/base/units.js'
import type { BreakerSettings } from '../../src/policy/circuit-breaker-state.js'
import type { TripRules } from '../../src/policy/trip.js'
import type { WindowSpan } from '../../src/policy/window.js'
import { type BackOffForm, backOffFrom } from '../common/back-off.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges, windowRanges } from '../common/figures.js'
import * as grammar from '../common/grammar.js'
import { type KeyForm, type KeyRule, keyDefaults, keyRuleFrom } from '../common/key.js'
import {
  type OutcomeForm,
  type OutcomeSettings,
  outcomeDefaults,
  outcomeFrom,
} from '../common/outcome-settings.js'

export interface Form extends OutcomeForm, BackOffForm, KeyForm {
  name?: string
  consecutiveFailures?: string
  failureRate?: string
  slowRate?: string
  slowAfter?: string
  minimumCalls?: string
  /** A time, or a number of calls. */
  window?: string
  probes?: string
  probeSuccesses?: string
  /** Id of a `health-monitor` node. */
  monitor?: string
  reportOnly?: boolean
  stateMaxAge?: string
}

export const defaults = {
  ...outcomeDefaults,
  // Mistakes of a client, other 4xx, say nothing about the health of the system.
  failStatus: '5xx,408,429',
  consecutiveFailures: '5',
  backoffInitial: '30s',
  name: '',
  failureRate: '50%',
  slowRate: '80%',
  slowAfter: '2s',
  minimumCalls: '10',
  window: '60s',
  backoffFactor: '2',
  backoffMax: '5m',
  backoffJitter: '20%',
  probes: '3',
  probeSuccesses: '2',
  monitor: '',
  ...keyDefaults,
  reportOnly: false,
  stateMaxAge: '10m',
} as const satisfies Required<Form>

export interface Settings extends BreakerSettings {
  readonly outcome: OutcomeSettings
  readonly key: KeyRule
  /** '' for none. */
  readonly monitor: string
  /** What was written longer ago is forgotten. */
  readonly stateMaxAge: Ms | 'off'
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('circuit-breaker', form, defaults, ['backoffInitial'])
  const followed = outcomeFrom(fields)
  const probes = fields.count('probes', ranges.probes)
  const settings = Object.freeze({
    outcome: followed,
    trip: tripOf(fields),
    backOff: backOffFrom(fields, form),
    probes,
    probeSuccesses: successesOf(fields, form, probes),
    // Longer than any honest answer: the outcome's own time-out comes first.
    probeTimeout: ms(2 * followed.timeoutMs),
    reportOnly: fields.flag('reportOnly'),
    monitor: fields.text('monitor') ?? '',
    key: keyRuleFrom(fields),
    stateMaxAge: maxAgeOf(fields),
  })
  return { settings, wrong: fields.defects }
}

function tripOf(fields: Fields<Form>): TripRules {
  const consecutive = offOr(fields, 'consecutiveFailures', 'countOrOff', (input) =>
    grammar.count(input, ranges.consecutiveFailures),
  )
  const failureRate = offOr(fields, 'failureRate', 'shareOrOff', grammar.share)
  const slowRate = offOr(fields, 'slowRate', 'shareOrOff', grammar.share)
  const isIdle = consecutive === 'off' && failureRate === 'off' && slowRate === 'off'
  if (isIdle) fields.wrong('consecutiveFailures', 'reasonToOpen')
  return Object.freeze({
    consecutive: isIdle ? Number(defaults.consecutiveFailures) : consecutive,
    failureRate,
    slowRate,
    slowAfter: fields.duration('slowAfter', ranges.slowAfter),
    minimumCalls: fields.count('minimumCalls', ranges.minimumCalls),
    window: windowOf(fields),
  })
}

function offOr(
  fields: Fields<Form>,
  field: 'consecutiveFailures' | 'failureRate' | 'slowRate',
  advice: 'countOrOff' | 'shareOrOff',
  read: (input: unknown) => grammar.Figure<number>,
): number | 'off' {
  const values = advice === 'countOrOff' ? ranges.consecutiveFailures : {}
  return fields.figure(field, advice, (input) => grammar.orWord('off', input, read), values)
}

function windowOf(fields: Fields<Form>): WindowSpan {
  const read = (input: unknown): grammar.Figure<WindowSpan> => {
    const span = grammar.duration(input, windowRanges.span)
    if (span.ok) return { ...span, value: { is: 'time', span: ms(span.value) } }
    const calls = grammar.count(input, windowRanges.calls)
    return calls.ok ? { ...calls, value: { is: 'calls', count: calls.value } } : calls
  }
  return Object.freeze(fields.figure('window', 'durationOrCount', read))
}

/** Left out, they give way to fewer probes silently. */
function successesOf(fields: Fields<Form>, form: Unchecked<Form>, probes: number): number {
  const successes = fields.count('probeSuccesses', ranges.probeSuccesses)
  if (successes > probes && form.probeSuccesses !== undefined) {
    fields.wrong('probeSuccesses', 'fewerProbes')
  }
  return Math.min(successes, probes)
}

function maxAgeOf(fields: Fields<Form>): Ms | 'off' {
  const range = ranges.stateMaxAge
  const read = (input: unknown) =>
    grammar.orWord('off', input, (figure) => grammar.duration(figure, range))
  const value = fields.figure('stateMaxAge', 'durationOrOff', read, range)
  return value === 'off' ? value : ms(value)
}
