/**
 * What the dialog of `health-monitor` saves, the defaults of these fields, and their reading into
 * settings that never change. It lists every defect, not the first; the header for its checks over
 * HTTP and WebSocket is a credential and never passes through here.
 */

import type { Ms } from '../../src/base/units.js'
import * as address from '../common/address.js'
import { checkRows, hasKind } from '../common/check-rows.js'
import type { CheckRow, CheckSpec } from '../common/checks.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import * as grammar from '../common/grammar.js'
import { idsIn } from '../common/outcome-settings.js'

export interface Form {
  name?: string
  probes?: readonly CheckRow[]
  interval?: string
  publicHealth?: 'off' | 'verdict' | 'detail'
  slowAfter?: string
  downAfter?: string
  upAfter?: string
  countsForReady?: boolean
  /** Id of a `resilient-mqtt-broker`. */
  broker?: string
  /** Id of a `tls-config` node. */
  tls?: string
  /** Ids; one alone arrives as text inside a subflow. */
  watchNodes?: readonly string[]
  acceptTarget?: boolean
}

/** Kept encrypted by Node-RED. */
export interface Credentials {
  authorization?: string
}

export const defaults = {
  probes: [{ kind: 'http' }],
  interval: '30s',
  name: '',
  publicHealth: 'off',
  slowAfter: '1s',
  downAfter: '3',
  upAfter: '2',
  countsForReady: true,
  broker: '',
  tls: '',
  watchNodes: [],
  acceptTarget: false,
} as const satisfies Required<Form>

export interface Settings {
  /** At least one, unless there is a defect that says so. */
  readonly checks: readonly CheckSpec[]
  readonly interval: Ms
  readonly publicHealth: 'off' | 'verdict' | 'detail'
  readonly slowAfter: Ms
  readonly downAfter: number
  readonly upAfter: number
  readonly countsForReady: boolean
  /** '' for none, like the next. */
  readonly broker: string
  readonly tls: string
  readonly watchNodes: readonly string[]
  readonly acceptsTarget: boolean
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('health-monitor', form, defaults)
  const checks = fields.structure('probes', (input) => checkRows(input, { grammar, address }), true)
  const settings = Object.freeze({
    checks: checks ?? [],
    interval: fields.duration('interval', ranges.interval),
    publicHealth: fields.choice('publicHealth', ['off', 'verdict', 'detail']),
    slowAfter: fields.duration('slowAfter', ranges.slowAfter),
    downAfter: fields.count('downAfter', ranges.downAfter),
    upAfter: fields.count('upAfter', ranges.upAfter),
    countsForReady: fields.flag('countsForReady'),
    broker: fields.text('broker') ?? '',
    tls: fields.text('tls') ?? '',
    watchNodes: idsIn(fields.value('watchNodes')),
    acceptsTarget: fields.flag('acceptTarget'),
  })
  const rows = fields.value('probes')
  if (hasKind(rows, 'mqtt') && settings.broker === '') fields.wrong('broker', 'broker', {}, true)
  if (hasKind(rows, 'nodes') && settings.watchNodes.length === 0) {
    fields.wrong('watchNodes', 'watch', {}, true)
  }
  return { settings, wrong: fields.defects }
}
