/**
 * What the output of `resilient-mqtt-out` tells of a message that has left the queue, and what a
 * Catch node gets. The message is rebuilt from disk; it decides only where the words go.
 */

import type { DropReason } from '../../src/base/event.js'
import type { Receipt } from '../../src/delivery/forwarder.js'
import { decodePacket, readablePacket } from '../../src/delivery/publication.js'
import type { Packet } from '../../src/mqtt/wire.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Message } from '../common/node-red.js'
import type { Context } from '../common/room.js'
import type { Settings } from './resilient-mqtt-out.settings.js'

/** The message as a Catch node gets it; what was stored is all that is left of it. */
export function messageOf({ topic, payload, qos, retain }: Packet): Message {
  return { topic, payload, qos, retain }
}

export function packetOf({ codec, payload }: Pick<StoredRecord, 'codec' | 'payload'>): Packet {
  return decodePacket(codec, payload)
}

/** Tells what became of a message where the dialog says: on the output, or to a Catch node. */
export function tellOf(
  { hall, settings, counts, send, tell, shown }: Context<Settings>,
  receipt: Receipt,
): void {
  const { packet, record, outcome, isHistorical, reason, isTold } = receipt
  const { topic } = packet
  counts.attempted(outcome.attempts)
  const about = { attempts: outcome.attempts, topic, id: record.id }
  if (outcome.is === 'delivered') {
    if (settings.receipts !== 'all') return
    const storedMs = Math.max(0, hall.world.clock.wall() - record.storedAt)
    const times = { latencyMs: Math.round(outcome.latencyMs), storedMs }
    const delivery = { delivered: true, ...about, ...times, historical: isHistorical }
    send(0, { ...messageOf(packet), resilience: { delivery } })
  } else if (settings.receipts === 'off') {
    if (!isTold) tell(outcome.failure, messageOf(packet))
  } else {
    const failure = shown(outcome.failure)
    const delivery = { delivered: false, ...about }
    send(0, { ...messageOf(packet), resilience: { delivery, reason, failure } })
  }
}

/** The receipt of a message that left the queue without an attempt to send it. */
export function dropped(record: StoredRecord, reason: DropReason): Message {
  const packet = readablePacket(record.codec, record.payload)
  const { topic } = packet ?? {}
  const delivery = { delivered: false, attempts: 0, topic, id: record.id }
  return { ...(packet && messageOf(packet)), resilience: { delivery, reason } }
}
