/**
 * What the dialog of `resilience-retry` saves, the defaults of these fields, and their reading
 * into settings that never change. It lists every defect, not the first, and tries nothing.
 */

import { type Ms, ms } from '../../src/base/units.js'
import type { RetrySettings } from '../../src/policy/retry-state.js'
import { type BackOffForm, backOffFrom } from '../common/back-off.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import * as grammar from '../common/grammar.js'
import {
  type OutcomeForm,
  type OutcomeSettings,
  outcomeDefaults,
  outcomeFrom,
} from '../common/outcome-settings.js'

export interface Form extends OutcomeForm, BackOffForm {
  name?: string
  attempts?: string
  deadline?: string
  maxWaiting?: string
  retryTimeouts?: boolean
  /** Error codes and HTTP status, by commas. */
  neverRetry?: string
  retryBudget?: string
  /** Id of a `circuit-breaker` node. */
  breaker?: string
  /** Id of a `dlq` node. */
  deadLetter?: string
}

export const defaults = {
  ...outcomeDefaults,
  attempts: '5',
  backoffInitial: '500ms',
  name: '',
  backoffFactor: '2',
  backoffMax: '60s',
  backoffJitter: '100%',
  deadline: '10m',
  maxWaiting: '1000',
  retryTimeouts: false,
  neverRetry: '',
  retryBudget: '20%',
  breaker: '',
  deadLetter: '',
} as const satisfies Required<Form>

export interface Settings extends RetrySettings {
  readonly outcome: OutcomeSettings
  /** '' for none. */
  readonly breaker: string
  /** '' for none. */
  readonly deadLetter: string
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilience-retry', form, defaults, ['attempts'])
  const settings = Object.freeze({
    outcome: outcomeFrom(fields),
    attempts: attemptsOf(fields),
    backOff: backOffFrom(fields, form),
    deadline: deadlineOf(fields),
    maxWaiting: fields.count('maxWaiting', ranges.maxWaiting),
    retryTimeouts: fields.flag('retryTimeouts'),
    neverRetry: fields.figure('neverRetry', 'retryCodes', grammar.retryCodes),
    budget: fields.figure('retryBudget', 'shareOrOff', (input) =>
      grammar.orWord('off', input, grammar.share),
    ),
    breaker: fields.text('breaker') ?? '',
    deadLetter: fields.text('deadLetter') ?? '',
  })
  return { settings, wrong: fields.defects }
}

function attemptsOf(fields: Fields<Form>): number | 'unlimited' {
  const attempts = fields.countOrUnlimited('attempts', ranges.attempts)
  if (attempts !== 1) return attempts
  fields.wrong('attempts', 'twoAttempts')
  return Number(defaults.attempts)
}

function deadlineOf(fields: Fields<Form>): Ms | 'unlimited' {
  const range = ranges.deadline
  const read = (input: unknown) =>
    grammar.orWord('unlimited', input, (figure) => grammar.duration(figure, range))
  const value = fields.figure('deadline', 'durationOrUnlimited', read, range)
  return value === 'unlimited' ? value : ms(value)
}
