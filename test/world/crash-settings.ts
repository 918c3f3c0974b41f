/**
 * What a life on the crash simulator is told, and what it reports. The same settings give the same
 * report on every machine.
 */

import type { Limits } from '../../src/store/limits.js'
import type { Durability } from '../../src/store/syncer.js'
import type { QueueTraits } from './crash-disguise.js'
import type { MemoryDisk } from './memory-disk.js'
import type { MemoryDiskOptions } from './memory-disk-options.js'

export interface CrashSettings {
  readonly seed: number
  /** Turns of the journal's life, with up to three things happening in each. */
  readonly steps: number
  /** States built after every operation that changes the disk. */
  readonly statesPerOperation: number
  readonly durability?: Durability
  readonly segmentBytes?: number
  readonly disk?: Omit<MemoryDiskOptions, 'clock'>
  /** Messages are settled in any order, and some are left for long. */
  readonly isSparse?: boolean
  /** Writes take as much as chance will have it. */
  readonly hasShortWrites?: boolean
  /** Messages up to 5 MB among the others. */
  readonly hasLargeMessages?: boolean
  /** A queue with these limits is at work, instead of a journal. */
  readonly limits?: Partial<Limits>
  /** What that queue does beside storing. */
  readonly traits?: QueueTraits
  /** What a mutant does to each state before the journal is opened on it. */
  readonly tamper?: (disk: MemoryDisk, directory: string) => void
  /** Stop at the first complaint. */
  readonly isImpatient?: boolean
}

export interface CrashReport {
  readonly states: number
  /** States with a message over 64 KB. */
  readonly largeStates: number
  /** Messages appended and acknowledged. */
  readonly acknowledged: number
  /** Segments that were compacted. */
  readonly compactions: number
  readonly adopted: number
  /** How messages ended. */
  readonly ended: Readonly<Record<string, number>>
  /** What was wrong, and where to find it again. */
  readonly complaints: readonly string[]
}
