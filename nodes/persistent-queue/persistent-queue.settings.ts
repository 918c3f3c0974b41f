/**
 * What the dialog of `persistent-queue` saves, the defaults of these fields, and their reading into
 * settings that never change. It lists every defect, not the first, and keeps no message.
 */

import type { ReleaserSettings } from '../../src/delivery/release-host.js'
import { type BackOffForm, backOffFrom } from '../common/back-off.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import { type KeyForm, type KeyRule, keyDefaults, keyRuleFrom, ruleFrom } from '../common/key.js'
import {
  type OutcomeForm,
  type OutcomeSettings,
  outcomeDefaults,
  outcomeFrom,
  outcomeModes,
} from '../common/outcome-settings.js'
import { type StorageForm, storageDefaults, storageFrom } from '../common/storage.js'
import type { StorageSettings } from '../common/stores.js'

export interface Form extends OutcomeForm, BackOffForm, KeyForm, StorageForm {
  name?: string
  /** Messages at once, or lanes with a key. */
  maxInFlight?: string
  /** Id of a `dlq` node. */
  deadLetter?: string
  rateLimit?: string
  /** Id of a `circuit-breaker` node. */
  breaker?: string
  /** Id of a `health-monitor` node. */
  monitor?: string
  priority?: string
  priorityType?: 'none' | 'msg' | 'jsonata'
  leaveOutUnstorable?: boolean
  attempts?: string
}

export const defaults = {
  ...outcomeDefaults,
  maxInFlight: '1',
  deadLetter: '',
  name: '',
  rateLimit: 'unlimited',
  ...keyDefaults,
  breaker: '',
  monitor: '',
  priority: '',
  priorityType: 'none',
  ...storageDefaults,
  leaveOutUnstorable: false,
  backoffInitial: '1s',
  backoffFactor: '2',
  backoffMax: '5m',
  backoffJitter: '50%',
  attempts: '5',
} as const satisfies Required<Form>

export interface Settings {
  readonly outcome: OutcomeSettings
  readonly releasing: Omit<ReleaserSettings, 'keyOf'>
  readonly key: KeyRule
  readonly priority: KeyRule
  /** '' for none. */
  readonly deadLetter: string
  /** '' for none. */
  readonly breaker: string
  /** '' for none. */
  readonly monitor: string
  readonly storage: StorageSettings
  readonly leavesOut: boolean
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('persistent-queue', form, defaults)
  const key = keyRuleFrom(fields)
  const settings = Object.freeze({
    outcome: outcomeFrom(fields, [...outcomeModes, 'released']),
    releasing: Object.freeze({
      attempts: fields.countOrUnlimited('attempts', ranges.attempts),
      backOff: backOffFrom(fields, form),
      maxInFlight: fields.count('maxInFlight', ranges.slots),
      hasLanes: key.is !== 'none',
      rate: fields.rate('rateLimit'),
    }),
    key,
    priority: ruleFrom(fields, 'priority', 'priorityType'),
    deadLetter: fields.text('deadLetter') ?? '',
    breaker: fields.text('breaker') ?? '',
    monitor: fields.text('monitor') ?? '',
    storage: storageFrom(fields),
    leavesOut: fields.flag('leaveOutUnstorable'),
  })
  return { settings, wrong: fields.defects }
}
