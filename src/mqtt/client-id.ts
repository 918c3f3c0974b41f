/**
 * The client ids of a broker node. Where none was given they are made: the same after every
 * restart, different on a gateway whose memory card was copied, and within what every broker must
 * accept (MQTT 3.1.1, 3.1.3.1: 23 characters, digits and letters). They are not secret.
 */

import { createHash } from 'node:crypto'

const lengthMax = 23
const prefix = 'hf'

/** One client id for each connection of a broker node. */
export interface ClientIds {
  readonly clientId: string
  readonly moreClientIds: readonly string[]
}

/** `written` by a person, who knows it from access lists, or '' for made ones. */
export function clientIdsFrom(
  written: string,
  nodeId: string,
  fingerprint: string,
  connections: number,
): ClientIds {
  const idOf = (member: number) =>
    written === '' ? clientIdFrom(nodeId, fingerprint, member) : `${written}-${member}`
  const moreClientIds = Array.from({ length: connections - 1 }, (_, index) => idOf(index + 1))
  return { clientId: written === '' ? idOf(0) : written, moreClientIds }
}

/** `member` counts the connections of one node from 0 and stands last, readable in broker logs. */
export function clientIdFrom(nodeId: string, fingerprint: string, member: number): string {
  const digest = createHash('sha256').update(`${nodeId}\0${fingerprint}`).digest('hex')
  const last = String(member)
  return prefix + digest.slice(0, lengthMax - prefix.length - last.length) + last
}
