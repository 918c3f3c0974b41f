/**
 * Asks a web server: does it answer, with a status and a text that are expected, and is its
 * certificate good for long enough. It follows no redirect: where one leads may be another system,
 * and a header with a password would go there too.
 */

import type { Clock, HttpAnswer, Network, NetworkTls } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import type { Found } from '../policy/health-state.js'
import { because, failedFor, type Trial, trialOf } from './probe.js'

export interface HttpCheck {
  readonly url: string
  readonly timeout: Ms
  /** Both ends belong to it. */
  readonly expectStatus: readonly { readonly from: number; readonly to: number }[]
  /** '' for any. */
  readonly expectText: string
  /** Fewer days left are worth a look, not an outage. */
  readonly certificateDays: number
}

/** What all checks of one monitor over HTTP and WebSocket have in common. */
export interface WebAccess {
  /** The value of the header of that name; '' for none. */
  readonly authorization: string
  readonly tls?: NetworkTls
}

/** More of a page is not searched for the expected text. */
const textBytesMax = 1_048_576
const dayMs = 86_400_000

export function probeHttp(
  network: Network,
  clock: Clock,
  check: HttpCheck,
  access: WebAccess,
): Trial {
  const { url, timeout, expectText } = check
  const request = {
    ...{ url, headers: headersOf(access), textBytesMax: expectText === '' ? 0 : textBytesMax },
    ...(access.tls === undefined ? {} : { tls: access.tls }),
  }
  return trialOf(clock, timeout, network.http(request), (answer, latencyMs) => {
    return { latencyMs, ...judged(answer, check, clock.wall()) }
  })
}

export function headersOf({ authorization }: WebAccess): Readonly<Record<string, string>> {
  return authorization === '' ? {} : { authorization }
}

function judged(
  { status, text, certificateEndsAt }: HttpAnswer,
  { expectStatus, expectText, certificateDays }: HttpCheck,
  now: number,
): Found {
  if (!expectStatus.some(({ from, to }) => status >= from && status <= to)) {
    return failedFor(because('answered', { status: String(status) }))
  }
  if (!text.includes(expectText)) return failedFor(because('text-missing'))
  const days = ((certificateEndsAt ?? Number.POSITIVE_INFINITY) - now) / dayMs
  if (days >= certificateDays) return { is: 'ok' }
  return { is: 'poor', why: because('certificate-ends', { days: Math.floor(days) }) }
}
