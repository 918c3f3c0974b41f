/**
 * What the dialog of `resilience-events` saves, the defaults of these fields, and their reading into
 * settings that never change. It lists every defect, not the first.
 */

import type { Severity } from '../../src/base/event.js'
import { type Ms, ms } from '../../src/base/units.js'
import {
  type EventFilter,
  families,
  isKnownKind,
  severityOrder,
} from '../../src/observe/event-filter.js'
import { type Defect, Fields, type Structure, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import * as grammar from '../common/grammar.js'
import { idsIn } from '../common/outcome-settings.js'

export interface Form {
  /** Kinds, and families of kinds; empty for all. */
  kinds?: readonly string[]
  severity?: Severity
  /** How often the status of all nodes is told. */
  interval?: string
  name?: string
  /** Ids; one alone arrives as text inside a subflow. Empty for all. */
  watchNodes?: readonly string[]
}

export const defaults = {
  kinds: [],
  severity: 'warning',
  interval: 'off',
  name: '',
  watchNodes: [],
} as const satisfies Required<Form>

export interface Settings {
  readonly filter: EventFilter
  /** Undefined: only when asked. */
  readonly interval: Ms | undefined
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilience-events', form, defaults, ['watchNodes'])
  const filter: EventFilter = Object.freeze({
    kinds: fields.structure('kinds', kindsIn) ?? [],
    nodes: idsIn(fields.value('watchNodes')),
    from: fields.choice('severity', severityOrder),
  })
  const read = (input: unknown) =>
    grammar.orWord('off', input, (other) => grammar.duration(other, ranges.interval))
  const interval = fields.figure('interval', 'durationOrOff', read, ranges.interval)
  const settings = { filter, interval: interval === 'off' ? undefined : ms(interval) }
  return { settings: Object.freeze(settings), wrong: fields.defects }
}

/** One that does not exist would never be heard of. */
function kindsIn(input: unknown): Structure<readonly string[]> {
  const kinds = idsIn(input)
  if (kinds.every(isKnownKind)) return { ok: true, value: kinds }
  return { ok: false, advice: 'choice', values: { list: [...families.keys()].join(', ') } }
}
