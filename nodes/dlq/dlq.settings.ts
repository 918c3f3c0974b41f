/**
 * What the dialog of `dlq` saves, the defaults of these fields, and their reading into settings
 * that never change. It inherits no limit, lists every defect, and keeps no letter.
 */

import type { Ms } from '../../src/base/units.js'
import type { RedriveSettings } from '../../src/delivery/redrive-host.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { builtIn, ranges } from '../common/figures.js'
import * as grammar from '../common/grammar.js'
import {
  builtInLimits,
  type DurabilityForm,
  durabilityDefaults,
  durabilityFrom,
  type LimitsForm,
  limitsDefaults,
  limitsFrom,
  limitsWith,
} from '../common/limits.js'
import {
  type OutcomeForm,
  type OutcomeSettings,
  outcomeDefaults,
  outcomeFrom,
  outcomeModes,
} from '../common/outcome-settings.js'
import type { StorageSettings } from '../common/stores.js'

export interface Form extends OutcomeForm, Omit<LimitsForm, 'overflow'>, DurabilityForm {
  name?: string
  redriveSchedule?: string
  redriveTo?: 'output' | 'source'
  /** Redrives; the first failure is none. */
  attempts?: string
  rateLimit?: string
  canary?: boolean
  stopAbove?: string
  /** Deleted letters can be restored for so long. */
  keepDeleted?: string
  /** Id of a `resilience-store` node; empty for what is built in. */
  store?: string
}

/** Of letters; all else is as in every node that keeps messages. */
const ofLetters = { maxSize: '100MB', maxAge: '14d' } as const

export const defaults = {
  redriveSchedule: '5m',
  redriveTo: 'output',
  maxAge: ofLetters.maxAge,
  name: '',
  attempts: '5',
  rateLimit: '10/s',
  canary: true,
  stopAbove: '20%',
  ...outcomeDefaults,
  maxMessages: builtIn.maxMessages,
  maxSize: ofLetters.maxSize,
  freeDisk: builtIn.freeDisk,
  warnMessages: builtIn.warnMessages,
  keepDeleted: '24h',
  store: '',
  ...durabilityDefaults,
} as const satisfies Required<Form>

export interface Settings {
  readonly outcome: OutcomeSettings
  readonly redriving: RedriveSettings
  readonly storage: StorageSettings
  readonly keepDeletedMs: Ms
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('dlq', form, defaults, ['attempts'])
  const settings = Object.freeze({
    outcome: outcomeFrom(fields, [...outcomeModes, 'released']),
    redriving: redrivingFrom(fields),
    storage: storageFrom(fields),
    keepDeletedMs: fields.duration('keepDeleted', ranges.keepDeleted),
  })
  return { settings, wrong: fields.defects }
}

function redrivingFrom(fields: Fields<Form>): RedriveSettings {
  const schedule = (input: unknown) => grammar.schedule(input, ranges.redriveSchedule)
  return Object.freeze({
    schedule: fields.figure('redriveSchedule', 'schedule', schedule),
    toSource: fields.choice('redriveTo', ['output', 'source']) === 'source',
    attempts: fields.countOrUnlimited('attempts', ranges.attempts),
    rate: fields.rate('rateLimit'),
    canary: fields.flag('canary'),
    stopAbove: fields.figure('stopAbove', 'shareOrOff', (input) =>
      grammar.orWord('off', input, grammar.share),
    ),
  })
}

/** The oldest letters always go first. */
function storageFrom(fields: Fields<Form>): StorageSettings {
  const limits = limitsWith(limitsFrom(fields), { ...ownLimits(), overflow: 'drop-oldest' })
  return Object.freeze({
    store: fields.text('store') ?? '',
    limits,
    durability: durabilityFrom(fields),
  })
}

function ownLimits() {
  const fields = new Fields<LimitsForm>('dlq', ofLetters, limitsDefaults)
  return limitsWith(limitsFrom(fields), builtInLimits)
}
