/**
 * What counts as failed: errors that nodes report, failed HTTP status, and whether another attempt
 * can help. It looks at one message or one error at a time and remembers nothing.
 */

import { type Code, families } from '../base/fault.js'
import type { Blame, NodeError, NodeRef, OutcomeRules } from './outcome.js'
import { retryAfterOf } from './retry-after.js'

/** Timed out, too early, too many: may pass (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4). */
const passing: ReadonlySet<number> = new Set([408, 425, 429])
/** Of our own codes, those that only a person can mend. */
const mendedByHand: ReadonlySet<string> = new Set(['LOGIN_REFUSED', 'CERTIFICATE_REFUSED'])

/** The core node that sets `statusCode` on every answer; others may carry an old one along. */
const requestType = 'http request'

/** The status that a message carries, if it is a whole number. */
export function statusOf(msg: object): number | undefined {
  const status: unknown = Reflect.get(msg, 'statusCode')
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined
}

/**
 * Whether the status on a message that a node was done with, or sent, counts as failed. One that
 * the message already had when it was released says nothing about what happened since.
 */
export function failedStatus(
  rules: OutcomeRules,
  msg: object,
  node: NodeRef,
  statusAtStart: number | undefined,
): Blame | undefined {
  if (rules.failStatus.length === 0) return undefined
  const status = statusOf(msg)
  if (status === undefined || (status === statusAtStart && node.type !== requestType)) {
    return undefined
  }
  if (!rules.failStatus.some(({ from, to }) => status >= from && status <= to)) return undefined
  const isPermanent = status >= 400 && status <= 499 && !passing.has(status)
  return {
    code: 'HTTP_STATUS',
    values: { node: nameOf(node), status },
    kind: isPermanent ? 'permanent' : 'transient',
    node,
    ...retryAfterOf(Reflect.get(msg, 'headers')),
  }
}

export function matchedRule(rules: OutcomeRules, node: NodeRef): Blame {
  const values = { rule: rules.judgeText ?? '' }
  return { code: 'RULE_MATCHED', values, kind: 'transient', node }
}

/** An error that a node reported; a code of ours keeps its meaning, all others are transient. */
export function nodeError(node: NodeRef, { code, text }: NodeError): Blame {
  const values = { node: nameOf(node), text }
  if (code === undefined || !isOurs(code)) {
    return { code: 'NODE_ERROR', values, kind: 'transient', node, text }
  }
  const isPermanent = families[code] === 'permanent' || mendedByHand.has(code)
  return { code, values, kind: isPermanent ? 'permanent' : 'transient', node, text }
}

export function nameOf({ name, type }: NodeRef): string {
  return name === undefined || name === '' ? type : name
}

function isOurs(code: string): code is Code {
  return Object.hasOwn(families, code)
}
