/**
 * Lane hashes: which messages belong together, as 32 bits in a record's header. Only a hint: the
 * key inside the record decides.
 */

import { crc32 } from 'node:zlib'

/** Hash of a key, topic or cause; 0 means none, so a key never hashes to 0. */
export function laneOf(key: string): number {
  return crc32(key) || 1
}
