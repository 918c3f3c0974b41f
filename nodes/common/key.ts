/**
 * The field "Separate by": which of a node's breakers or bulkheads a message belongs to. It reads
 * the two fields and works the key out of a message; what is kept per key is not its matter.
 */

import { Fault, reasonOf } from '../../src/base/fault.js'
import { keyFrom, sharedKey } from '../../src/policy/keyed.js'
import type { Fields } from './fields.js'
import type { JsonataExpression, Message, NodeRed } from './node-red.js'

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
  const is = fields.choice('keyType', ['none', 'msg', 'jsonata'])
  const text = is === 'none' ? '' : (fields.text('key') ?? '').trim()
  if (is !== 'none' && text === '') fields.wrong('key', 'property')
  return Object.freeze(text === '' ? { is: 'none', text } : { is, text })
}

export type KeyOf = (msg: Message) => Promise<string>

/** Rejects with EXPRESSION_FAILED for a message whose key cannot be worked out. */
export function keyReader({ is, text }: KeyRule, RED: NodeRed, node: unknown): KeyOf {
  const { util } = RED
  if (is === 'none' || util === undefined) return async () => sharedKey
  if (is === 'msg') return async (msg) => keyFrom(util.getMessageProperty(msg, text))
  let expression: JsonataExpression | undefined
  return (msg) =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(new Fault('EXPRESSION_FAILED', { field: 'key', why: reasonOf(error) }, error))
      try {
        expression ??= util.prepareJSONataExpression(text, node)
        util.evaluateJSONataExpression(expression, msg, (error, value) => {
          if (error) fail(error)
          else resolve(keyFrom(value))
        })
      } catch (error) {
        fail(error)
      }
    })
}
