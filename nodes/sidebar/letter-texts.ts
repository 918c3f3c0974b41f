/**
 * Dead letters in words: what failed and how, how long ago, how far a redrive is. The words come
 * from the sidebar's locale; nothing here knows a language or a page. It imports types only, so
 * that the browser gets this very file.
 */

import type { Desk, Failure, Job, Line } from './letter-shapes.js'

export type Word = (key: string, values?: Readonly<Record<string, string | number>>) => string

/** Codes of ours that a person should not have to read; others are the names of errors. */
export const codes: ReadonlySet<string> = new Set([
  ...['OUTCOME_TIMEOUT', 'OUTCOME_UNSURE', 'RULE_MATCHED', 'NODE_ERROR', 'MESSAGE_DROPPED'],
  ...['NOT_AUTHORISED', 'PUBLISH_REFUSED', 'PUBLISH_TIMEOUT', 'TOPIC_INVALID', 'POISON'],
  ...['PAYLOAD_TOO_LARGE', 'PAYLOAD_UNSTORABLE', 'QUEUE_FULL', 'BREAKER_OPEN', 'BULKHEAD_FULL'],
  ...['BUDGET_SPENT', 'OFFLINE', 'EXPRESSION_FAILED', 'INTERRUPTED', 'BROKER_UNREACHABLE'],
])

/** `HTTP_STATUS 503` as `HTTP 503`. */
export function codeText({ code }: Pick<Failure, 'code'>, word: Word): string {
  const [, status] = /^HTTP_STATUS (\d+)$/.exec(code) ?? []
  if (status !== undefined) return `HTTP ${status}`
  return codes.has(code) ? word(`letters.code.${code}`) : code
}

/** How it failed and where: `HTTP 503 · http request`. */
export function causeText(failure: Failure | null, word: Word): string {
  if (failure === null) return word('letters.noError')
  const { node } = failure
  const place = node === null ? [] : [node.name || node.type]
  return [codeText(failure, word), ...place].join(' · ')
}

/** By what it differs from others of its cause. */
export function lineText({ topic, id }: Pick<Line, 'topic' | 'id'>): string {
  return topic === '' ? `…${id.slice(-8)}` : topic
}

/** What is worth knowing of a letter beside when it failed. */
export function lineMarks(line: Line, word: Word): readonly string[] {
  const { failure, redrives, state, poison, editedFrom } = line
  const attempts = failure?.attempt ?? 1
  return [
    ...(attempts > 1 ? [word('letters.attempts', { count: attempts })] : []),
    ...(redrives > 0 ? [word('letters.again', { count: redrives })] : []),
    ...(state === 'given-up' ? [word('letters.givenUp')] : []),
    ...(poison ? [word('letters.poison')] : []),
    ...(editedFrom === null ? [] : [word('letters.edited')]),
  ]
}

/** How many letters there are in how many causes. */
export function sumText({ waiting, givenUp, causes }: Desk, word: Word): string {
  const count = waiting + givenUp
  if (count === 0) return word('letters.none')
  return `${countedText('letters.count', count, word)} · ${countedText('letters.causes', causes, word)}`
}

/** `1 letter`, `1,204 letters`: `key` has a text for one of its own. */
export function countedText(key: string, count: number, word: Word): string {
  return word(count === 1 ? `${key}One` : key, { count })
}

/** Letters whose end in this redrive is known, one way or another. */
export const doneOf = ({ ok, failed, back, gone }: Job): number => ok + failed + back + gone

/** How far a redrive is, or how it ended. */
export function jobText(job: Job, word: Word): string {
  const { total, ok, failed, stopAbove, state } = job
  const done = word('letters.job.done', { done: doneOf(job), total })
  const judged = word('letters.job.judged', { ok, failed })
  if (state !== 'running') {
    const all = doneOf(job) === total ? [] : [done]
    return [word(`letters.job.${state}`), ...all, judged].join(' · ')
  }
  const share = stopAbove === 'off' ? 0 : Math.round(stopAbove * 1000) / 10
  const stops = stopAbove === 'off' ? [] : [word('letters.job.stops', { share })]
  return [done, judged, ...stops].join(' · ')
}

/** `2 min` since then; the clocks of gateway and browser may differ. */
export function ageText(at: number, now: number, spanText: (span: number) => string): string {
  return spanText(Math.max(1000, now - at))
}

/** `14:01` of today, else with the day before it; in the time zone of the browser. */
export function whenText(at: number, now: number): string {
  const [moment, today] = [new Date(at), new Date(now)]
  const time = moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (moment.toDateString() === today.toDateString()) return time
  return `${moment.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${time}`
}

/** An error's text begins with its name, which is said already. */
export function failureText({ code, text }: Pick<Failure, 'code' | 'text'>): string {
  return text.startsWith(`${code}: `) ? text.slice(code.length + 2) : text
}
