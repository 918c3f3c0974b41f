/**
 * The segment being written: frames messages and notes into one buffer, writes it at the known end
 * and remembers how far the file is written and how far it is durable. When to write or sync, and
 * what a failure means, is the committer's.
 */

import type { DiskFile } from '../base/ports.js'
import type { Bytes, EpochMs } from '../base/units.js'
import { writeAll } from './files.js'
import { adoptedFlag, frame, framingBytes, type Kind } from './record.js'
import type { Segment } from './segment.js'
import type { TimedSyncs } from './timed-syncs.js'

export interface Message {
  readonly payload: Uint8Array
  /** How the payload is encoded; 4 bits, the journal does not look. */
  readonly codec: number
  /** Hash of key, topic or cause; 0 for none. */
  readonly lane: number
  /** When another journal stored it; then its payload begins with a line of its id there. */
  readonly storedAt?: EpochMs
  /**
   * What the payload was made of, if nobody can change it: handed back with the record as long as
   * that is in memory, so that it need not be decoded.
   */
  readonly value?: unknown
}

/** A record of the journal's own, beside the messages. */
export interface Note {
  readonly kind: Exclude<Kind, 'M'>
  readonly payload: Uint8Array
  readonly flags: number
}

/** Larger writes are rare and take memory of their own. */
const reusedBytesMax = 512 << 10

export class ActiveSegment {
  readonly segment: Segment
  readonly file: DiskFile
  /** Length of the file as far as it is complete. */
  written: Bytes
  /** Length that the last successful sync covered. */
  synced: Bytes
  readonly #syncs: TimedSyncs
  #buffer = Buffer.alloc(0)

  constructor(segment: Segment, file: DiskFile, written: Bytes, syncs: TimedSyncs) {
    this.segment = segment
    this.file = file
    this.#syncs = syncs
    this.written = written
    this.synced = written
  }

  /**
   * Writes notes, then messages, in one go. When it rejects, nothing of it counts; the file may be
   * longer than `written` until `cutBack`.
   */
  async write(notes: readonly Note[], messages: readonly Message[], time: EpochMs): Promise<void> {
    const { segment, synced: batch } = this
    const bytes = this.#frames(sizeOf(notes) + sizeOf(messages))
    let end = 0
    for (const { kind, flags, payload } of notes) {
      const header = { kind, ordinal: segment.count, batch, time, codec: 0, flags, lane: 0 }
      end = frame(bytes, end, segment.seeds, header, payload)
    }
    const firstAt = this.written + end
    let ordinal = segment.count
    for (const { codec, lane, payload, storedAt } of messages) {
      const flags = storedAt === undefined ? 0 : adoptedFlag
      const at = storedAt ?? time
      // Not spread: that takes longer than the framing.
      const header = { kind: 'M', ordinal, batch, time: at, codec, flags, lane } as const
      end = frame(bytes, end, segment.seeds, header, payload)
      ordinal++
    }
    await writeAll(this.file, [bytes.subarray(0, end)], this.written)
    this.written += end
    segment.fileBytes = this.written
    let offset = firstAt
    for (const { lane, payload, storedAt } of messages) {
      segment.index?.set(segment.count, offset, lane)
      segment.add(payload.length, storedAt ?? time)
      offset += payload.length + framingBytes
    }
  }

  /** Cuts off what a failed write left behind. */
  cutBack(): Promise<void> {
    return this.file.truncate(this.written)
  }

  /** Makes durable what is written now; later writes may go on meanwhile. */
  async sync(): Promise<void> {
    const target = this.written
    await this.#syncs.run(() => this.file.sync())
    this.synced = Math.max(this.synced, target)
  }

  /** One write is under way at a time, so that all can share their memory. */
  #frames(size: Bytes): Buffer {
    if (size > reusedBytesMax) return Buffer.allocUnsafe(size)
    if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(roundedUp(size))
    return this.#buffer
  }
}

/** To a power of two, so that growing ends soon. */
function roundedUp(size: Bytes): Bytes {
  return 2 ** Math.ceil(Math.log2(size))
}

function sizeOf(records: readonly { readonly payload: Uint8Array }[]): Bytes {
  let size = 0
  for (const { payload } of records) size += payload.length + framingBytes
  return size
}
