/**
 * Reads a whole segment from its bytes and tells a torn tail from bit rot. It changes nothing: what
 * to cut, set aside or report is up to recovery.
 *
 * The sectors of one unsynced group may reach the disk in any order, so a valid record behind a bad
 * one proves nothing by itself. Only a later record whose `batch` is greater than the bad offset
 * does: it was framed after a sync that covered that offset. Without one it is a torn tail.
 */

import { type Found, headerBytes, recordAt, type Seeds } from './record.js'

/** Bytes that were durable and are no longer what was written. */
export interface Damage {
  readonly from: number
  readonly to: number
  /** Messages that lay in between. */
  readonly messages: number
}

export interface Scanned {
  /** Everything up to here is known: valid records or damage. What follows is a torn tail. */
  readonly end: number
  /** Number of messages up to `end`, damaged ones included. */
  readonly count: number
  readonly damage: readonly Damage[]
}

/**
 * Calls `visit` with each valid record in order. `bytes` is the segment from its first byte.
 * Ordinals may jump where a compacted segment left settled messages out. Below `durable` nothing
 * can be a torn tail: so far the segment is known to have been synced.
 */
export function scan(
  bytes: Buffer,
  seeds: Seeds,
  visit: (record: Found) => void,
  durable = 0,
): Scanned {
  const damage: Damage[] = []
  let at = 0
  let ordinal = 0
  while (at < bytes.length) {
    const record = recordAt(bytes, at, seeds)
    if (record !== undefined && record.ordinal >= ordinal) {
      visit(record)
      at = record.end
      ordinal = record.kind === 'M' ? record.ordinal + 1 : record.ordinal
      continue
    }
    const next = salvageable(bytes, at, ordinal, seeds, durable)
    if (next === undefined) break
    damage.push({ from: at, to: next.offset, messages: next.ordinal - ordinal })
    at = next.offset
    ordinal = next.ordinal
  }
  return { end: at, count: ordinal, damage }
}

/**
 * The first valid record behind a bad one, if any record behind it proves the bad one was durable.
 */
function salvageable(
  bytes: Buffer,
  bad: number,
  ordinal: number,
  seeds: Seeds,
  durable: number,
): Found | undefined {
  const first = nextRecord(bytes, bad + 1, seeds, ordinal)
  if (bad < durable) return first
  let record = first
  while (record !== undefined && record.batch <= bad) {
    record = nextRecord(bytes, record.end, seeds, record.ordinal)
  }
  return record === undefined ? undefined : first
}

/** The first valid record that begins at or after `from`, in reading order. */
function nextRecord(bytes: Buffer, from: number, seeds: Seeds, ordinal: number): Found | undefined {
  for (let at = from; at + headerBytes < bytes.length; at++) {
    if (bytes[at + 1] !== 0x20 || bytes[at + headerBytes - 1] !== 0x0a) continue
    const record = recordAt(bytes, at, seeds)
    if (record !== undefined && record.ordinal >= ordinal) return record
  }
  return undefined
}
