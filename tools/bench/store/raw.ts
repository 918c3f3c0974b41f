/**
 * The limit that the disk sets: messages joined into one blocking write, then a blocking fdatasync,
 * over and over. It keeps no record, no checksum and no promise, so nothing durable can beat it by
 * much.
 */

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { encoded, messageBytes, perSecond } from './workload.js'

/** Messages per second with one sync for every `grouping` messages. */
export function rawPerSecond(path: string, grouping: number, spanMs: number): number {
  const file = openSync(path, 'w')
  try {
    const group = Buffer.allocUnsafe(grouping * messageBytes)
    const begin = performance.now()
    let count = 0
    while (performance.now() < begin + spanMs) {
      for (let i = 0; i < grouping; i++) encoded(count++).copy(group, i * messageBytes)
      writeSync(file, group)
      fdatasyncSync(file)
    }
    return perSecond(count, begin)
  } finally {
    closeSync(file)
  }
}
