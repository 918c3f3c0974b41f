/**
 * The segment being written: frames messages and notes into one buffer, writes it at the known end
 * and remembers how far the file is written and how far it is durable. When to write or sync, and
 * what a failure means, is the committer's.
 */

import type { DiskFile } from '../base/ports.js'
import type { Bytes, EpochMs } from '../base/units.js'
import { writeAll } from './files.js'
import { frame, framingBytes, type Kind } from './record.js'
import type { Segment } from './segment.js'

export interface Message {
  readonly payload: Uint8Array
  /** How the payload is encoded; 4 bits, the journal does not look. */
  readonly codec: number
  /** Hash of key, topic or cause; 0 for none. */
  readonly lane: number
}

/** A record of the journal's own, beside the messages. */
export interface Note {
  readonly kind: Exclude<Kind, 'M'>
  readonly payload: Uint8Array
  readonly flags: number
}

export class ActiveSegment {
  readonly segment: Segment
  readonly file: DiskFile
  /** Length of the file as far as it is complete. */
  written: Bytes
  /** Length that the last successful sync covered. */
  synced: Bytes

  constructor(segment: Segment, file: DiskFile, written: Bytes) {
    this.segment = segment
    this.file = file
    this.written = written
    this.synced = written
  }

  /**
   * Writes notes, then messages, in one go. When it rejects, nothing of it counts; the file may be
   * longer than `written` until `cutBack`.
   */
  async write(notes: readonly Note[], messages: readonly Message[], time: EpochMs): Promise<void> {
    const { segment } = this
    const all = [...notes, ...messages]
    const size = all.reduce((sum, { payload }) => sum + payload.length + framingBytes, 0)
    const bytes = Buffer.allocUnsafe(size)
    const common = { batch: this.synced, time }
    let end = 0
    for (const { kind, flags, payload } of notes) {
      const header = { ...common, kind, ordinal: segment.count, codec: 0, flags, lane: 0 }
      end = frame(bytes, end, segment.seeds, header, payload)
    }
    const offsets = messages.map(({ codec, lane, payload }, i) => {
      const offset = this.written + end
      const ordinal = segment.count + i
      const header = { ...common, kind: 'M' as const, ordinal, codec, flags: 0, lane }
      end = frame(bytes, end, segment.seeds, header, payload)
      return offset
    })
    await writeAll(this.file, [bytes], this.written)
    this.written += end
    segment.fileBytes = this.written
    messages.forEach(({ lane, payload }, i) => {
      segment.index?.set(segment.count, offsets[i] ?? 0, lane)
      segment.add(payload.length, time)
    })
  }

  /** Cuts off what a failed write left behind. */
  cutBack(): Promise<void> {
    return this.file.truncate(this.written)
  }

  /** Makes durable what is written now; later writes may go on meanwhile. */
  async sync(): Promise<void> {
    const target = this.written
    await this.file.sync()
    this.synced = Math.max(this.synced, target)
  }
}
