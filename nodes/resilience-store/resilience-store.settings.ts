/**
 * What the dialog of `resilience-store` saves, the defaults of these fields, and their reading into
 * settings that never change. It inherits nothing, lists every defect, and touches no disk.
 */

import { isDirectory } from '../common/address.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { builtIn } from '../common/figures.js'
import {
  builtInDurability,
  builtInLimits,
  type DurabilityForm,
  durabilityFrom,
  type LimitsForm,
  limitsFrom,
  limitsWith,
} from '../common/limits.js'
import type { Store } from '../common/stores.js'

export interface Form extends LimitsForm, DurabilityForm {
  name?: string
  /** Absolute; empty for the built-in one. */
  directory?: string
}

export const defaults = { directory: '', name: '', ...builtIn } as const satisfies Required<Form>

export type Settings = Store

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilience-store', form, defaults)
  const settings = Object.freeze({
    root: directoryOf(fields),
    limits: limitsWith(limitsFrom(fields), builtInLimits),
    durability: durabilityFrom(fields) ?? builtInDurability,
  })
  return { settings, wrong: fields.defects }
}

/** Without a directory that can be used, nothing is kept: elsewhere it would be out of sight. */
function directoryOf(fields: Fields<Form>): string | undefined {
  const directory = fields.text('directory', true)
  if (directory === undefined || directory === '') return undefined
  if (!isDirectory(directory)) fields.wrong('directory', 'directory', {}, true)
  return directory.replace(/(?<=.)[\\/]+$/, '')
}
