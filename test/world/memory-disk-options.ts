/** What a disk in memory is like: how slow, how large, how honest. */

import type { Clock } from '../../src/base/ports.js'
import type { Ms } from '../../src/base/units.js'

export interface MemoryDiskOptions {
  /** Tells the time of modification, and when a slow sync is over. */
  readonly clock?: Clock
  /** How long a sync of a file or a directory takes; needs a clock. */
  readonly syncTakes?: Ms
  /** How long a write takes; needs a clock. */
  readonly writeTakes?: Ms
  /** What it says it is; `ext4` when absent. */
  readonly fileSystem?: string
  /** Bytes that files may take. */
  readonly capacity?: number
  /** Syncs of files resolve and make nothing durable. */
  readonly lyingSync?: boolean
  /** Syncs of directories resolve and make nothing durable. */
  readonly lyingDirectorySync?: boolean
}
