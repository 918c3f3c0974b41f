/**
 * A message as it comes out of the journal, made of what lies in a segment. It knows how ids are
 * built; whether the bytes are right was proved before.
 */

import type { Sequence } from '../base/units.js'
import { type Found, framingBytes } from './record.js'
import type { Segment } from './segment.js'
import type { StoredRecord } from './tail.js'

export function storedFrom(queueId: string, { base, salt }: Segment, found: Found): StoredRecord {
  const { ordinal, time, codec, lane, payload } = found
  const sequence = base + ordinal
  const id = idOf(queueId, salt, sequence)
  return {
    sequence,
    id,
    storedAt: time,
    codec,
    lane,
    payload,
    bytes: payload.length + framingBytes,
  }
}

export function idOf(queueId: string, salt: string, sequence: Sequence): string {
  return `${queueId}-${salt}-${sequence}`
}
