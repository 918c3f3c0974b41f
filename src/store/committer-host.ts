/**
 * What the committer asks of the journal that it writes for: the notes, the next segment, and where
 * its news go. Types only.
 */

import type { Fault } from '../base/fault.js'
import type { EpochMs, Sequence } from '../base/units.js'
import type { ActiveSegment, Message, Note } from './active.js'
import type { Segment } from './segment.js'

/** What the committer asks of the journal. */
export interface CommitterHost {
  /** Notes that wait to be written; they stay until `noted`. */
  notes(): readonly Note[]
  /** The notes last asked for are in the file. */
  noted(): void
  /** They could not be written now, because the disk is full; they are tried again. */
  notNoted(): void
  /** A message is in the file, at its place in the sequence. */
  stored(message: Message, sequence: Sequence, time: EpochMs): void
  /** Opens the next segment, checkpoint and all; resolves when it is durable. */
  nextSegment(last: Segment): Promise<ActiveSegment>
  /** Makes room for notes on a full disk if anything is kept in reserve. */
  makeRoom(): Promise<boolean>
  /** The reserve is used up: no message may be written before there is one again. */
  isReserveSpent(): boolean
  /** The ground gave way: nothing more is written until the journal is opened again. */
  failed(fault: Fault): void
}
