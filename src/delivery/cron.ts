/**
 * The one place that knows the cron library: what a cron line means, in local time. Node-RED's own
 * inject node uses the same library, so a line means the same in both. It holds no timer.
 */

import { CronosExpression } from 'cronosjs'
import { reasonOf } from '../base/fault.js'
import { type EpochMs, epochMs } from '../base/units.js'

/** A 29th of February comes again within so many years, also around 2100. */
const yearsAhead = 8
/** Some moment: a line that is due at all is due within these years of any. */
const anyMoment = epochMs(Date.UTC(2026, 0, 1))

/** Why a line has not five or six fields that are ever due; undefined when it has. */
export function cronFault(line: string): string | undefined {
  try {
    return next(line, anyMoment) === undefined ? 'never due' : undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** The first moment after this one; undefined when the line is wrong or has none. */
export function cronNext(line: string, after: EpochMs): EpochMs | undefined {
  return cronFault(line) === undefined ? next(line, after) : undefined
}

/** Throws for what is no cron line. */
function next(line: string, after: EpochMs): EpochMs | undefined {
  const from = new Date(after)
  const year = from.getFullYear()
  const fields = line.trim().split(/\s+/)
  if (fields.length < 5 || fields.length > 6) throw new Error('not five or six fields')
  const seconds = fields.length === 5 ? ['0'] : []
  // Without an end to the years, the library looks for a 30th of February for ever.
  const bounded = [...seconds, ...fields, `${year}-${year + yearsAhead}`].join(' ')
  const date = CronosExpression.parse(bounded).nextDate(from)
  return date === null ? undefined : epochMs(date.getTime())
}
