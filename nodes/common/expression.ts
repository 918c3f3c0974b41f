/**
 * What a typed input of a dialog stands for, at the moment when it is needed: JSONata expressions
 * and variables of the environment. It judges no value and keeps none.
 */

import { Fault, reasonOf } from '../../src/base/fault.js'
import type { FlowNode, NodeRed } from './node-red.js'

/** A field as a typed input saves it. */
export interface Typed {
  readonly value: string
  readonly type: 'jsonata' | 'env'
}

/** What an expression can refer to, as `$name`. */
export type Variables = Readonly<Record<string, unknown>>

/** Rejects with EXPRESSION_FAILED {field, why}; a value that does not exist counts as failed. */
export type Evaluate = (field: string, typed: Typed, variables: Variables) => Promise<unknown>

export function evaluator({ util }: Pick<NodeRed, 'util'>, node: FlowNode): Evaluate {
  return (field, typed, variables) =>
    new Promise((resolve, reject) => {
      const failed = (why: string) => reject(new Fault('EXPRESSION_FAILED', { field, why }))
      const done = (error: unknown, value?: unknown) => {
        if (error) failed(reasonOf(error))
        else if (value === undefined) failed('it has no value')
        else resolve(value)
      }
      try {
        if (typed.type === 'env') util.evaluateNodeProperty(typed.value, 'env', node, {}, done)
        else {
          const expression = util.prepareJSONataExpression(typed.value, node)
          for (const [name, value] of Object.entries(variables)) expression.assign(name, value)
          util.evaluateJSONataExpression(expression, {}, done)
        }
      } catch (error) {
        failed(reasonOf(error))
      }
    })
}
