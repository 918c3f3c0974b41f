/**
 * What the broker, the socket or the TLS layer said, in our own words: is it worth another try, and
 * who must act? Pure tables over reason codes of MQTT 5 (2.4) and 3.1.1 (3.2.2.3) and over system
 * error codes. It never looks at an error's English text; `why` is a stable word for the locales.
 */

import { type Failure, isAboutCertificates, reasonOf, systemCode } from '../base/fault.js'
import type { Ms } from '../base/units.js'
import { type ConnectRequest, type Ended, hostPort, type PublishOutcome } from './wire.js'

/** What ended a connection when nobody else says why. */
export type Silence = 'closed' | 'no-connack' | 'no-pingresp'

type Who = Pick<ConnectRequest, 'server' | 'clientId'>

const unreachable = (who: Who, why: string): Failure => ({
  code: 'BROKER_UNREACHABLE',
  values: { server: hostPort(who.server), why },
})

const ended = (kind: Ended['kind'], failure: Failure): Ended => ({ kind, failure })

/** Return codes of 3.1.1, which an old broker also sends to a client that speaks MQTT 5. */
const versionRefused = new Set([0x01, 0x84])
const loginRefused = new Set([0x04, 0x05, 0x86, 0x87, 0x8a])
/** The last five are about the will. */
const neverAccepted = new Set([
  ...[0x02, 0x81, 0x82, 0x85, 0x8c, 0x9d],
  ...[0x90, 0x95, 0x99, 0x9a, 0x9b],
])
const askedToSlowDown = new Set([0x88, 0x89, 0x96, 0x97, 0x9f])
const sessionTakenOver = 0x8e
/** Reasons that a broker has for hanging up on a packet. */
const aboutPacket = new Set([0x80, 0x81, 0x82, 0x83, 0x90, 0x94, 0x95, 0x99, 0x9a, 0x9b])

/** A CONNACK with any code but 0. */
export function connackRefused(code: number, who: Who): Ended {
  const server = hostPort(who.server)
  if (versionRefused.has(code)) return ended('older', unreachable(who, `connack-${hex(code)}`))
  if (loginRefused.has(code))
    return ended('permanent', { code: 'LOGIN_REFUSED', values: { server } })
  if (askedToSlowDown.has(code))
    return ended('transient', { code: 'BROKER_BUSY', values: { server } })
  const kind = neverAccepted.has(code) ? 'permanent' : 'transient'
  return ended(kind, unreachable(who, `connack-${hex(code)}`))
}

/** A DISCONNECT sent by the broker (MQTT 5 only). Whatever the reason, it had let us in before. */
export function disconnectedByBroker(code: number, who: Who): Ended {
  if (code === sessionTakenOver) {
    return ended('permanent', { code: 'CLIENT_ID_IN_USE', values: { id: who.clientId } })
  }
  if (askedToSlowDown.has(code)) {
    return ended('transient', { code: 'BROKER_BUSY', values: { server: hostPort(who.server) } })
  }
  const kind = aboutPacket.has(code) ? 'packet' : 'transient'
  return ended(kind, unreachable(who, `disconnect-${hex(code)}`))
}

/** Nobody said anything: the other side hung up, or did not answer in time. */
export function endedInSilence(silence: Silence, who: Who): Ended {
  return ended(silence === 'closed' ? 'closed' : 'transient', unreachable(who, silence))
}

/** The oldest packet was not acknowledged in time. */
export const timedOut = (server: string, time: Ms): Failure => ({
  code: 'PUBLISH_TIMEOUT',
  values: { server, time },
})

const hungUp = new Set(['ECONNRESET', 'EPIPE'])

/** The socket, the TLS layer or the packet parser failed. */
export function connectionFailed(error: unknown, who: Who): Ended {
  const code = systemCode(error)
  if (isAboutCertificates(code)) {
    const values = { server: hostPort(who.server), why: code }
    return ended('permanent', { code: 'CERTIFICATE_REFUSED', values })
  }
  if (hungUp.has(code)) return ended('closed', unreachable(who, code))
  return ended('transient', unreachable(who, code === '' ? reasonOf(error) : code))
}

/** Of an open connection: the parser cannot make sense of what the broker said. */
export function unreadable(error: Error, who: Who): Ended {
  return ended('packet', unreachable(who, error.message))
}

/** What ends connections, as a closed list for counting. */
export type Cause =
  | 'closed'
  | 'network'
  | 'keepalive'
  | 'acknowledgement'
  | 'throttled'
  | 'client-id'
  | 'certificate'
  | 'broker'

/** Why a connection ended, in one word. */
export function causeOf({ kind, failure: { code, values } }: Ended): Cause {
  if (code === 'PUBLISH_TIMEOUT') return 'acknowledgement'
  if (code === 'BROKER_BUSY') return 'throttled'
  if (code === 'CLIENT_ID_IN_USE') return 'client-id'
  if (code === 'CERTIFICATE_REFUSED') return 'certificate'
  if (values['why'] === 'no-pingresp') return 'keepalive'
  if (String(values['why']).startsWith('disconnect-')) return 'broker'
  return kind === 'closed' ? 'closed' : 'network'
}

const publishRefused: Readonly<Record<number, string>> = {
  144: 'Topic Name invalid',
  149: 'Packet too large',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
}
const notAuthorised = 0x87
/** Codes from here on say no; below it PUBACK, PUBREC and PUBCOMP only know shades of success. */
const firstRefusal = 0x80

/**
 * The reason code of PUBACK, PUBREC or PUBCOMP; 3.1.1 has none, so its acknowledgements are 0 even
 * where the broker threw the message away. A code that nobody defined counts as `busy`: sending
 * again loses nothing. `reason` is the broker's own text, if it gave one.
 */
export function publishOutcome(
  code: number,
  reason: string | undefined,
  topic: string,
  who: Who,
): PublishOutcome {
  if (code < firstRefusal) return { is: 'acknowledged' }
  if (code === notAuthorised) {
    return { is: 'refused', failure: { code: 'NOT_AUTHORISED', values: { topic } } }
  }
  const known = publishRefused[code]
  if (known === undefined) {
    const values = { server: hostPort(who.server) }
    return { is: 'busy', failure: { code: 'BROKER_BUSY', values } }
  }
  return { is: 'refused', failure: refusedFor(code, reason ?? known) }
}

/** A message that the broker refuses for good, or would: it said so in CONNACK. */
export function refusedFor(code: number, reason = publishRefused[code] ?? ''): Failure {
  return { code: 'PUBLISH_REFUSED', values: { reason, code: code.toString(16) } }
}

const hex = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`
