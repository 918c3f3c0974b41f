/**
 * What became of a message that left the queue of a publisher, in words, and which reason a refusal
 * goes by. It tells nobody.
 */

import type { DropReason } from '../base/event.js'
import type { Failure } from '../base/fault.js'
import type { Delivered, Refused } from '../mqtt/link.js'
import type { Packet } from '../mqtt/wire.js'
import type { StoredRecord } from '../store/tail.js'

/** What became of one message. */
export interface Receipt {
  readonly packet: Packet
  readonly record: StoredRecord
  /** Whether it waited for the link before it went out. */
  readonly isHistorical: boolean
  readonly outcome: Delivered | Refused
  /** For `refused`. */
  readonly reason: DropReason
  /** Its sender has been told already. */
  readonly isTold: boolean
}

const reasons: Readonly<Partial<Record<Failure['code'], DropReason>>> = {
  NOT_AUTHORISED: 'not-authorised',
  PAYLOAD_TOO_LARGE: 'too-large',
  POISON: 'poison',
}

export function refusedAs({ code }: Failure): DropReason {
  return reasons[code] ?? 'refused'
}
