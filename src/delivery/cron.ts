/**
 * The one place that knows the cron library: what a cron line means, in local time. Node-RED's own
 * inject node uses the same library, so a line means the same in both. It holds no timer.
 */

import { CronosExpression } from 'cronosjs'
import { reasonOf } from '../base/fault.js'
import { type EpochMs, epochMs } from '../base/units.js'

/** Why a line is no cron line with five or six fields; undefined when it is one. */
export function cronFault(line: string): string | undefined {
  try {
    CronosExpression.parse(line)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** The first moment after this one; undefined when the line is wrong or has none. */
export function cronNext(line: string, after: EpochMs): EpochMs | undefined {
  if (cronFault(line) !== undefined) return undefined
  const next = CronosExpression.parse(line).nextDate(new Date(after))
  return next === null ? undefined : epochMs(next.getTime())
}
