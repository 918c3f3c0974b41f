/**
 * What a typed input of a dialog stands for, at the moment when it is needed: JSONata expressions
 * and variables of the environment. It judges no value and keeps none.
 */

import { Fault, reasonOf } from '../../src/base/fault.js'
import type { Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import { InTurn } from '../../src/store/in-turn.js'
import type { FlowNode, JsonataExpression, NodeRed } from './node-red.js'

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

export interface Expression {
  /** Rejects with EXPRESSION_FAILED; a value that does not exist counts as failed. */
  value(msg: object, variables: Variables): Promise<unknown>
  /** The same failure, for a value that is of no use. */
  failed(why: string): Fault
}

/** An expression waits for a context store outside this process at most this long. */
const patience = ms(5000)

/**
 * One expression for many messages, one after another: its variables are its own. Throws
 * EXPRESSION_FAILED {field, why} when it is no expression.
 */
export function expression(
  { util }: Pick<NodeRed, 'util'>,
  node: FlowNode,
  clock: Clock,
  { field, text }: { readonly field: string; readonly text: string },
): Expression {
  const failed = (why: string) => new Fault('EXPRESSION_FAILED', { field, why })
  const prepare = (): JsonataExpression => {
    try {
      return util.prepareJSONataExpression(text, node)
    } catch (error) {
      throw failed(reasonOf(error))
    }
  }
  const turns = new InTurn()
  let prepared = prepare()
  const worked = (msg: object, variables: Variables) =>
    new Promise<unknown>((resolve, reject) => {
      const giveUp = clock.wake(patience, () => {
        prepared = prepare() // the one that still runs keeps its variables
        reject(failed('it takes too long'))
      })
      for (const [name, value] of Object.entries(variables)) prepared.assign(name, value)
      util.evaluateJSONataExpression(prepared, msg, (error, value) => {
        giveUp()
        if (error) reject(failed(reasonOf(error)))
        else if (value === undefined) reject(failed('it has no value'))
        else resolve(value)
      })
    })
  return { value: (msg, variables) => turns.take(() => worked(msg, variables)), failed }
}
