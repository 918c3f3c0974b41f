/**
 * One question about the health of something, with a time-out: what was found, how long it took,
 * and why it is not well as a word for the locales. Whatever happens it is answered once, and what
 * it had opened is closed.
 */

import {
  type Failure,
  Fault,
  isAboutCertificates,
  reasonOf,
  systemCode,
  type Values,
} from '../base/fault.js'
import type { Clock, Exchange } from '../base/ports.js'
import { type Ms, since } from '../base/units.js'
import type { Found } from '../policy/health-state.js'

/** One check that is under way. */
export interface Trial {
  /** Never rejects; does not settle any more once it was stopped. */
  readonly found: Promise<Found>
  stop(): void
}

/** Begins a check. */
export type Probe = () => Trial

/**
 * Why a check failed: a word under `check` in the locales.
 * `answered` has `status`, `certificate` has `days`, `other` has `what`.
 */
export type Why =
  | 'timed-out'
  | 'refused'
  | 'hung-up'
  | 'no-such-host'
  | 'unreachable'
  | 'certificate'
  | 'certificate-ends'
  | 'answered'
  | 'text-missing'
  | 'not-serving'
  | 'service-unknown'
  | 'not-understood'
  | 'no-broker'
  | 'not-connected'
  | 'no-beat'
  | 'irregular'
  | 'node-red'
  | 'node-yellow'
  | 'node-gone'
  | 'loop'
  | 'memory'
  | 'disk'
  | 'oldest'
  | 'breakers'
  | 'reported'
  | 'slow'
  | 'other'

export function because(why: Why, values: Values = {}): Failure {
  return { code: 'CHECK_FAILED', values: { ...values, why } }
}

export const failedFor = (why: Failure): Found => ({ is: 'failed', why })

/** An exchange as a check: timed, and dropped when the time is over. */
export function trialOf<Answer>(
  clock: Clock,
  timeout: Ms,
  exchange: Exchange<Answer>,
  judge: (answer: Answer, latencyMs: Ms) => Found,
): Trial {
  const begun = clock.monotonic()
  const drop = () => {
    cancel()
    exchange.stop()
  }
  let cancel = () => {}
  let isStopped = false
  const found = new Promise<Found>((resolve) => {
    const end = (finding: () => Found) => {
      if (isStopped) return
      isStopped = true
      drop()
      resolve(finding())
    }
    cancel = clock.wake(timeout, () => {
      end(() => ({ is: 'failed', latencyMs: timeout, why: because('timed-out') }))
    })
    exchange.answer.then(
      (answer) => end(() => judge(answer, since(begun, clock.monotonic()))),
      (error: unknown) => end(() => failedFor(whyOf(error))),
    )
  })
  return {
    found,
    stop: () => {
      if (isStopped) return
      isStopped = true
      drop()
    },
  }
}

/** For what is known at once: nothing is asked, and nothing can be slow. */
export function trialAtOnce(look: () => Found): Trial {
  return { found: Promise.resolve(look()), stop: () => {} }
}

const words: Readonly<Record<string, Why>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'hung-up',
  EPIPE: 'hung-up',
  ENOTFOUND: 'no-such-host',
  EAI_AGAIN: 'no-such-host',
  ETIMEDOUT: 'timed-out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
}

/** By the system's code; its English text only where it has none. */
function whyOf(error: unknown): Failure {
  if (error instanceof Fault) return { code: error.code, values: error.values }
  const code = systemCode(error)
  const word = words[code]
  if (word !== undefined) return because(word)
  const [, status] = /^HTTP_(\d{3})$/.exec(code) ?? []
  if (status !== undefined) return because('answered', { status })
  if (isAboutCertificates(code)) return because('certificate', { what: code })
  if (/^(HPE_|ERR_HTTP2_|WS_ERR_|ERR_SSL_|EPROTO$)/.test(code)) return because('not-understood')
  return because('other', { what: code === '' ? reasonOf(error) : code })
}
