/**
 * What the dialog of `resilience-bulkhead` saves, the defaults of these fields, and their reading
 * into settings that never change. It lists every defect, not the first, and lets nobody in.
 */

import type { BulkheadSettings } from '../../src/policy/bulkhead-state.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import { type KeyForm, type KeyRule, keyDefaults, keyRuleFrom } from '../common/key.js'
import {
  type OutcomeForm,
  type OutcomeSettings,
  outcomeDefaults,
  outcomeFrom,
} from '../common/outcome-settings.js'

export interface Form extends OutcomeForm, KeyForm {
  name?: string
  maxInFlight?: string
  maxWaiting?: string
  maxWait?: string
  adaptive?: boolean
}

export const defaults = {
  ...outcomeDefaults,
  maxInFlight: '10',
  maxWaiting: '100',
  name: '',
  maxWait: '5s',
  ...keyDefaults,
  adaptive: false,
} as const satisfies Required<Form>

export interface Settings extends BulkheadSettings {
  readonly outcome: OutcomeSettings
  readonly key: KeyRule
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilience-bulkhead', form, defaults)
  const settings = Object.freeze({
    outcome: outcomeFrom(fields),
    maxInFlight: fields.count('maxInFlight', ranges.slots),
    maxWaiting: fields.count('maxWaiting', ranges.maxWaiting),
    maxWait: fields.duration('maxWait', ranges.maxWait),
    key: keyRuleFrom(fields),
    isAdaptive: fields.flag('adaptive'),
  })
  return { settings, wrong: fields.defects }
}
