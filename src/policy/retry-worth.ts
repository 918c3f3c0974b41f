/**
 * Whether it is worth trying again after an attempt has ended. It knows nothing of counts, times
 * and budgets, and asks for codes and kinds only, never for a text.
 */

import type { Ended } from './ended.js'

export interface NeverRetry {
  /** Compared with the failure's code and with the error code of a node, such as `ENOENT`. */
  readonly codes: readonly string[]
  /** HTTP status, both ends included. */
  readonly statuses: readonly { readonly from: number; readonly to: number }[]
}

/**
 * - `settled`: it is done, or somebody else has it.
 * - `interrupted`: nobody may go on with it here.
 * - `again`: the attempt failed, and a later one may not.
 * - `unused`: a rule on the way said no; it was no attempt.
 * - `permanent`, `timeout`: to be given up, for that reason.
 */
export type Worth = 'settled' | 'interrupted' | 'again' | 'unused' | 'permanent' | 'timeout'

export function worthOf(
  ended: Ended,
  { retryTimeouts, neverRetry }: { retryTimeouts: boolean; neverRetry: NeverRetry },
): Worth {
  switch (ended.is) {
    case 'ok':
    case 'ignored':
      return 'settled'
    case 'interrupted':
      return 'interrupted'
    case 'unsure':
      // Perhaps it was done: a second time could do harm.
      return 'permanent'
    case 'timeout':
      if (ended.isHandedOver) return 'settled'
      return retryTimeouts ? 'again' : 'timeout'
    case 'failed':
      if (ended.isHandedOver) return 'settled'
      if (ended.why?.kind === 'refusal') return 'unused'
      return ended.why?.kind === 'permanent' || isNever(ended, neverRetry) ? 'permanent' : 'again'
    default:
      return ended.is satisfies never
  }
}

function isNever({ why }: Ended, { codes, statuses }: NeverRetry): boolean {
  if (why === undefined) return false
  const { status, code } = why.values ?? {}
  if (codes.some((each) => each === why.code || each === String(code))) return true
  const number = Number(status)
  return statuses.some(({ from, to }) => number >= from && number <= to)
}
