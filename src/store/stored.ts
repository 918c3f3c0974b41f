/**
 * A message as it comes out of the journal, made of what lies in a segment or is about to. It knows
 * how ids are built and how an adopted message carries the one it had before; whether the bytes are
 * right was proved elsewhere.
 */

import { type EpochMs, epochMs, type Sequence } from '../base/units.js'
import type { Message } from './active.js'
import { adoptedFlag, type Found, framingBytes } from './record.js'
import type { Segment } from './segment.js'
import type { Mirrored, StoredRecord } from './tail.js'
import { afterLine, withLine } from './text.js'

export function storedFrom(queueId: string, { base, salt }: Segment, found: Found): StoredRecord {
  const { ordinal, time, codec, lane, payload: bytes } = found
  const sequence = base + ordinal
  const { payload, id = idOf(queueId, salt, sequence) } =
    found.flags === adoptedFlag ? parted(bytes) : { payload: bytes }
  const framed = bytes.length + framingBytes
  return { sequence, id, storedAt: time, codec, lane, payload, bytes: framed }
}

export function mirroredFrom(message: Message, sequence: Sequence, time: EpochMs): Mirrored {
  const { codec, lane, storedAt, payload } = message
  const bytes = payload.length + framingBytes
  if (storedAt === undefined) return { sequence, storedAt: time, codec, lane, payload, bytes }
  return { sequence, storedAt, codec, lane, bytes, ...parted(payload) }
}

export function withId(queueId: string, salt: string, record: Mirrored): StoredRecord {
  return { ...record, id: record.id ?? idOf(queueId, salt, record.sequence) }
}

function idOf(queueId: string, salt: string, sequence: Sequence): string {
  return `${queueId}-${salt}-${sequence}`
}

/** A message that keeps its id and its time in another journal. */
export function adoptedFrom(
  record: Pick<StoredRecord, 'id' | 'storedAt' | 'codec' | 'lane' | 'payload'>,
): Message {
  const { id, storedAt, codec, lane, payload } = record
  const bytes = withLine(id.replaceAll('\n', ' '), payload)
  return { payload: bytes, codec, lane, storedAt: epochMs(storedAt) }
}

/** The first line, which is the id, and the payload behind it. */
function parted(bytes: Uint8Array): { readonly id: string; readonly payload: Uint8Array } {
  const { line = '', rest = bytes } = afterLine(bytes) ?? {}
  return { id: line, payload: rest }
}
