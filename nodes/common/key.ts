/**
 * The field "Separate by": which of a node's breakers or bulkheads a message belongs to. It reads
 * the two fields and works the key out of a message; what is kept per key is not its matter.
 */

import { Fault, reasonOf } from '../../src/base/fault.js'
import { keyFrom } from '../../src/policy/keyed.js'
import type { Fields } from './fields.js'
import type { HookNode, JsonataExpression, Message, NodeRed } from './node-red.js'

export interface KeyForm {
  key?: string
  keyType?: 'none' | 'msg' | 'jsonata'
}

export const keyDefaults = { key: '', keyType: 'none' } as const satisfies Required<KeyForm>

export interface KeyRule {
  readonly is: 'none' | 'msg' | 'jsonata'
  /** The property or the expression. */
  readonly text: string
}

export function keyRuleFrom(fields: Fields<KeyForm>): KeyRule {
  return ruleFrom(fields, 'key', 'keyType')
}

/** What a typed input holds: nothing, a property or an expression. */
export function ruleFrom<Form extends object>(
  fields: Fields<Form>,
  field: keyof Form & string,
  typeField: keyof Form & string,
): KeyRule {
  const is = fields.choice(typeField, ['none', 'msg', 'jsonata'])
  const text = is === 'none' ? '' : (fields.text(field) ?? '').trim()
  if (is !== 'none' && text === '') fields.wrong(field, 'property')
  return Object.freeze(text === '' ? { is: 'none', text } : { is, text })
}

export type KeyOf = (msg: Message) => Promise<string>

/** Rejects with EXPRESSION_FAILED for a message whose key cannot be worked out. */
export function keyReader(rule: KeyRule, RED: NodeRed, node: HookNode): KeyOf {
  const read = valueReader(rule, 'key', RED, node)
  return async (msg) => keyFrom(await read(msg))
}

/** A value, or the promise of one where an expression has to be worked out. */
export type ValueOf = (msg: Message) => unknown

/** As `keyReader`, with the value as it is; undefined without a rule. */
export function valueReader(
  { is, text }: KeyRule,
  field: string,
  { util }: NodeRed,
  node: HookNode,
): ValueOf {
  if (is === 'none') return () => undefined
  if (is === 'msg') return (msg) => util.getMessageProperty(msg, text)
  let expression: JsonataExpression | undefined
  return (msg) =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(new Fault('EXPRESSION_FAILED', { field, why: reasonOf(error) }, error))
      try {
        expression ??= util.prepareJSONataExpression(text, node)
        util.evaluateJSONataExpression(expression, msg, (error, value) => {
          if (error) fail(error)
          else resolve(value)
        })
      } catch (error) {
        fail(error)
      }
    })
}
