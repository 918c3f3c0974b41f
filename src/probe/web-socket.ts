/**
 * Asks whether a WebSocket opens and, where a text is expected, whether one comes that holds it;
 * before that it may say something itself.
 */

import type { Clock, Network } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import { headersOf, type WebAccess } from './http.js'
import { type Trial, trialOf } from './probe.js'

export interface WebSocketCheck {
  readonly url: string
  readonly timeout: Ms
  /** '' for nothing. */
  readonly send: string
  /** '' for none: it is enough that it opens. */
  readonly expectText: string
}

export function probeWebSocket(
  network: Network,
  clock: Clock,
  { url, timeout, send, expectText }: WebSocketCheck,
  access: WebAccess,
): Trial {
  const request = {
    ...{ url, send, headers: headersOf(access) },
    ...(access.tls === undefined ? {} : { tls: access.tls }),
    ...(expectText === '' ? {} : { isExpected: (text: string) => text.includes(expectText) }),
  }
  return trialOf(clock, timeout, network.webSocket(request), (_heard, latencyMs) => {
    return { is: 'ok', latencyMs }
  })
}
