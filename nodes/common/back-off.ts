/**
 * The fields of a growing wait, read in one place for every node that waits (dialogs.md 3.3). Each
 * node has its own defaults; a longest wait is never shorter than the first.
 */

import { ms } from '../../src/base/units.js'
import type { BackOff } from '../../src/policy/back-off.js'
import type { Fields } from './fields.js'
import { ranges } from './figures.js'

export interface BackOffForm {
  backoffInitial?: string
  backoffFactor?: string
  backoffMax?: string
  backoffJitter?: string
}

/** A longest wait that was left out gives way to the first silently, one that was written not. */
export function backOffFrom(
  fields: Fields<BackOffForm>,
  form: { readonly backoffMax?: unknown },
): BackOff {
  const initial = fields.duration('backoffInitial', ranges.backoffInitial)
  const longest = fields.duration('backoffMax', ranges.backoffMax)
  if (longest < initial && form.backoffMax !== undefined) fields.wrong('backoffMax', 'notShorter')
  return Object.freeze({
    initial,
    factor: fields.number('backoffFactor', ranges.backoffFactor),
    max: ms(Math.max(initial, longest)),
    jitter: fields.share('backoffJitter'),
  })
}
