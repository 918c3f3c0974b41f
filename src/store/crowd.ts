/**
 * How much a feed reads at once, and how much of it stays in memory. One read fits in one window of
 * a segment; more would wait in memory for no use, less would ask the disk more often.
 */

import type { StoredRecord } from './tail.js'

export const ahead = { records: 128, bytes: 128 << 10 }

const kept = { records: 256, bytes: 256 << 10 }

/** Whether these are as many as may stay in memory. */
export function isCrowd(records: readonly StoredRecord[]): boolean {
  if (records.length >= kept.records) return true
  return records.reduce((sum, { bytes }) => sum + bytes, 0) >= kept.bytes
}
