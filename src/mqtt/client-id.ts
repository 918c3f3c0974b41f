/**
 * The client id of a broker node that was given none: the same after every restart, different on a
 * gateway whose memory card was copied, and within what every broker must accept (MQTT 3.1.1,
 * 3.1.3.1: 23 characters, digits and letters). It is not a secret.
 */

import { createHash } from 'node:crypto'

const lengthMax = 23
const prefix = 'hf'

/** `member` counts the connections of one node from 0 and stands last, readable in broker logs. */
export function clientIdFrom(nodeId: string, fingerprint: string, member: number): string {
  const digest = createHash('sha256').update(`${nodeId}\0${fingerprint}`).digest('hex')
  const last = String(member)
  return prefix + digest.slice(0, lengthMax - prefix.length - last.length) + last
}
