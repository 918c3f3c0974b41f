/**
 * The rule "failed when" of the dialog, ready to be asked for each message: a property of the
 * message, or an expression. One that cannot be worked out for a message does not hold for it, and
 * the node is told once; whether the answer matters is the ledger's decision.
 */

import { Fault, reasonOf } from '../../src/base/fault.js'
import type { OutcomeRules } from '../../src/policy/outcome.js'
import type { HookNode, JsonataExpression, NodeRed } from './node-red.js'
import type { FailWhen } from './outcome-settings.js'

export type Judge = NonNullable<OutcomeRules['judge']>

export interface JudgePorts {
  readonly RED: NodeRed
  /** The node for which an expression finds context and environment. */
  readonly node: HookNode
  /** Told once, the first time it cannot be worked out. */
  readonly failed: (fault: Fault) => void
}

/** Undefined when there is no rule, or none that can ever be worked out. */
export function judgeFor({ is, text }: FailWhen, ports: JudgePorts): Judge | undefined {
  const { util } = ports.RED
  if (is === 'none') return undefined
  const complain = complainOnce(ports)
  if (is === 'msg') {
    return (msg, answer) => answer(isTrue(util.getMessageProperty(msg, text)))
  }
  let expression: JsonataExpression
  try {
    expression = util.prepareJSONataExpression(text, ports.node)
  } catch (error) {
    complain(error)
    return undefined
  }
  return (msg, answer) => {
    // It is worked out over several turns, in which the flow changes the message.
    const copy = util.cloneMessage(msg)
    util.evaluateJSONataExpression(expression, copy, (error, value) => {
      if (error) complain(error)
      answer(!error && isTrue(value))
    })
  }
}

function complainOnce({ failed }: JudgePorts): (error: unknown) => void {
  let hasFailed = false
  return (error) => {
    if (hasFailed) return
    hasFailed = true
    failed(new Fault('EXPRESSION_FAILED', { field: 'failWhen', why: reasonOf(error) }, error))
  }
}

/** Just true: texts and numbers that happen to be there are no verdict. */
const isTrue = (value: unknown): boolean => value === true
