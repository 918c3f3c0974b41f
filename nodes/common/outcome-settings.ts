/**
 * The fields of "How do I know it worked?": the same in every node that asks how its messages
 * ended, read in one place. It evaluates no rule and looks for no node.
 */

import { type Ms, ms } from '../../src/base/units.js'
import type { OutcomeMode } from '../../src/policy/outcome.js'
import type { Fields } from './fields.js'
import { ranges } from './figures.js'
import * as grammar from './grammar.js'

/** What the widget saves (dialogs.md 3.1). */
export interface OutcomeForm {
  outcomeMode?: OutcomeMode
  /** Ids; one alone arrives as text inside a subflow. */
  watchNodes?: readonly string[]
  outcomeTimeout?: string
  failStatus?: string
  failWhen?: string
  failWhenType?: 'none' | 'msg' | 'jsonata'
}

/** A breaker counts fewer statuses: `failStatus` is its own. */
export const outcomeDefaults = {
  outcomeMode: 'downstream',
  watchNodes: [],
  outcomeTimeout: '30s',
  failStatus: '4xx,5xx',
  failWhen: '',
  failWhenType: 'none',
} as const satisfies Required<OutcomeForm>

export interface FailWhen {
  readonly is: 'none' | 'msg' | 'jsonata'
  /** The property or the expression. */
  readonly text: string
}

export interface OutcomeSettings {
  readonly mode: OutcomeMode
  readonly watchNodes: readonly string[]
  readonly timeoutMs: Ms
  readonly failStatus: readonly grammar.StatusRange[]
  readonly failWhen: FailWhen
}

/** Without `released`: only who keeps messages can be content with handing them over. */
export const outcomeModes: readonly OutcomeMode[] = ['downstream', 'watch', 'manual']

/** To watch nothing is a defect; the default mode is in force then. */
export function outcomeFrom(fields: Fields<OutcomeForm>, modes = outcomeModes): OutcomeSettings {
  const chosen = fields.choice('outcomeMode', modes)
  const watchNodes = idsIn(fields.value('watchNodes'))
  const isAimless = chosen === 'watch' && watchNodes.length === 0
  if (isAimless) fields.wrong('watchNodes', 'watch')
  return Object.freeze({
    mode: isAimless ? outcomeDefaults.outcomeMode : chosen,
    watchNodes,
    timeoutMs: timeout(fields),
    failStatus: fields.figure('failStatus', 'statusList', grammar.statusList),
    failWhen: failWhen(fields),
  })
}

function timeout(fields: Fields<OutcomeForm>): Ms {
  const range = ranges.outcomeTimeout
  const read = (input: unknown) => grammar.duration(input, range)
  return ms(fields.figure('outcomeTimeout', 'duration', read, range))
}

function failWhen(fields: Fields<OutcomeForm>): FailWhen {
  const is = fields.choice('failWhenType', ['none', 'msg', 'jsonata'])
  const text = is === 'none' ? '' : (fields.text('failWhen') ?? '').trim()
  if (is !== 'none' && text === '') fields.wrong('failWhen', 'property')
  return text === '' ? { is: 'none', text } : { is, text }
}

/** Each once; a hand-written flow may hold anything. */
export function idsIn(input: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(input) ? input : [input]
  return [...new Set(list.filter((id) => typeof id === 'string' && id !== ''))].map(String)
}
