/**
 * When an HTTP server wants to be asked again: `Retry-After` in both of its forms. It reads no
 * clock: a moment is compared with the moment that the same answer says it is, and only without
 * one is it left to whoever has a clock. What is not of the specification is as good as absent.
 */

import { type EpochMs, epochMs, type Ms, ms } from '../base/units.js'

/** A span, or a moment of a wall clock. */
export type RetryAfter =
  | { readonly retryAfterMs: Ms }
  | { readonly retryAt: EpochMs }
  | Record<string, never>

/** RFC 9110 10.2.3. `headers` as `http request` leaves them: names in lower case. */
export function retryAfterOf(headers: unknown): RetryAfter {
  const value = textIn(headers, 'retry-after')
  if (/^\d{1,9}$/.test(value)) return { retryAfterMs: ms(Number(value) * 1000) }
  const at = httpDate(value)
  if (at === undefined) return {}
  // Of the same clock: right even where this gateway's own clock is wrong.
  const sentAt = httpDate(textIn(headers, 'date'))
  return sentAt === undefined ? { retryAt: at } : { retryAfterMs: ms(Math.max(0, at - sentAt)) }
}

function textIn(headers: unknown, name: string): string {
  if (typeof headers !== 'object' || headers === null) return ''
  return String(Reflect.get(headers, name) ?? '').trim()
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const time = '(?<time>\\d\\d:\\d\\d:\\d\\d)'

/** The one that is sent today, and the two that must still be understood (RFC 9110 5.6.7). */
const forms = [
  new RegExp(`^\\w{3}, (?<day>\\d\\d) (?<month>\\w{3}) (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^\\w{6,9}, (?<day>\\d\\d)-(?<month>\\w{3})-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^\\w{3} (?<month>\\w{3}) (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
]

/** Undefined for what is no HTTP date. A year of two digits is one of this century. */
export function httpDate(text: string): EpochMs | undefined {
  const found = forms.map((form) => form.exec(text)).find((each) => each !== null)
  if (!found?.groups) return undefined
  const { day = '', month = '', year = '', time: clock = '' } = found.groups
  const at = months.indexOf(month)
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number)
  // 60 is a leap second.
  if (at < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined
  const days = daysBefore(Number(year) + (year.length === 2 ? 2000 : 0), at) + Number(day) - 1
  return epochMs((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}

const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const leapDaysBefore1970 = 477

/** From 1 January 1970 to the first of that month, in the Gregorian calendar. */
function daysBefore(year: number, month: number): number {
  const last = year - 1
  const leapDays = Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const inYear = (daysBeforeMonth[month] ?? 0) + (isLeap && month > 1 ? 1 : 0)
  return (year - 1970) * 365 + leapDays - leapDaysBefore1970 + inYear
}
