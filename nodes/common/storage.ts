/**
 * The fields of every node that keeps messages in a queue of its own: limits, how safely, and the
 * store that says what these leave open. It looks for no store.
 */

import type { Fields } from './fields.js'
import {
  type DurabilityForm,
  durabilityDefaults,
  durabilityFrom,
  type LimitsForm,
  limitsDefaults,
  limitsFrom,
} from './limits.js'
import type { StorageSettings } from './stores.js'

export interface StorageForm extends LimitsForm, DurabilityForm {
  /** Id of a `resilience-store` node; empty for what is built in. */
  store?: string
}

export const storageDefaults = {
  ...limitsDefaults,
  store: '',
  ...durabilityDefaults,
} as const satisfies Required<StorageForm>

export function storageFrom(fields: Fields<StorageForm>): StorageSettings {
  return Object.freeze({
    store: fields.text('store') ?? '',
    limits: limitsFrom(fields),
    durability: durabilityFrom(fields),
  })
}
