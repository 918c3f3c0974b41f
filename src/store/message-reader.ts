/**
 * Reads the messages of a journal in order: the recent ones from memory, all others from their
 * segment. It gives none that is not durable yet, and settles none.
 */

import type { Sequence } from '../base/units.js'
import { diskFault } from './files.js'
import type { Opened } from './opening.js'
import type { Reader, Reading, ReadLimits } from './reader.js'
import type { StoredRecord, Tail } from './tail.js'

type Within = ReadLimits & { readonly before: Sequence }

const all = () => true

export class MessageReader {
  readonly #opened: Pick<Opened, 'queueId' | 'segments'>
  readonly #directory: string
  readonly #reader: Reader
  readonly #tail: Tail

  constructor(
    opened: Pick<Opened, 'queueId' | 'segments'>,
    directory: string,
    reader: Reader,
    tail: Tail,
  ) {
    this.#opened = opened
    this.#directory = directory
    this.#reader = reader
    this.#tail = tail
  }

  /**
   * Unsettled messages from a number on, in order, below `end`. One call looks into one segment
   * file at most, so it may give few or none long before the end; whoever reads on from `next`
   * until a reading ends where it began misses none and comes to an end. Rejects with
   * DISK_UNWRITABLE, or SEGMENT_CORRUPT, when the disk does not answer.
   */
  async read(from: Sequence, limits: ReadLimits, end: Sequence): Promise<Reading<StoredRecord>> {
    const { before = end } = limits
    // Not spread: the runtime keeps something of every object made so, for longer than it lives.
    const within: Within = {
      records: limits.records,
      bytes: limits.bytes,
      wanted: limits.wanted ?? all,
      before: Math.max(from, Math.min(before, end)),
    }
    const segment = this.#opened.segments.waitingFrom(from)
    const start = Math.max(from, segment?.base ?? within.before)
    let reading: Reading<StoredRecord>
    if (segment === undefined || start >= within.before) {
      reading = { records: [], next: within.before }
    } else if (start >= this.#tail.from) reading = this.#fromTail(start, within)
    else {
      reading = await this.#reader.read(segment, start, within).catch((error: unknown) => {
        throw diskFault(error, this.#directory)
      })
    }
    if (reading.next >= end) this.#tail.resume()
    return reading
  }

  #fromTail(from: Sequence, limits: Within): Reading<StoredRecord> {
    return this.#tail.read(from, limits, this.#opened.segments)
  }
}
