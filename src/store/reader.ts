/**
 * Reads messages back from segment files by the segment's index: only what is wanted, in windows of
 * 256 KB at most. Every record is proved by its checksum; bytes that fail are handed to `damaged`
 * and skipped, never passed on. It holds one file open at most, and only while messages of it wait;
 * one window, and the indexes of 8 segments.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Disk, DiskFile } from '../base/ports.js'
import type { Bytes, Sequence } from '../base/units.js'
import { readRange } from './files.js'
import { InTurn } from './in-turn.js'
import type { Opened } from './opening.js'
import { SegmentIndex } from './payloads.js'
import { type Found, framingBytes, isMessageAt, recordAt } from './record.js'
import { scan } from './scan.js'
import type { Segment } from './segment.js'
import { WindowRecord } from './stored.js'
import type { StoredRecord } from './tail.js'
import { Windows } from './windows.js'

const windowBytes = 256 << 10
/** Indexes of segments read lately. */
const indexesKept = 8
/** What is not wanted is read over as far as this, and looked past beyond. */
const gapBytesMax = 4096

/** How much one read gives, and of what. */
export interface ReadLimits {
  /** 1 or more, like the bytes. */
  readonly records: number
  /** Ends with the record that reaches this many payload bytes, or a little before it. */
  readonly bytes: Bytes
  /** Only messages below this number. */
  readonly before?: Sequence
  /**
   * Whether to read a message, asked once for each unsettled one that the read comes by, ascending,
   * and for none from the reading's `next` on. What it refuses is not read from the disk. A lane is
   * a hash: the key in the record decides. Must not throw.
   */
  readonly wanted?: (lane: number, sequence: Sequence) => boolean
}

/**
 * What one read found. All below `next` is dealt with: given, refused, settled or damaged. To read
 * on, call again with `next`; a read whose `next` is where it began stands at the end.
 */
export interface Reading<T> {
  readonly records: T[]
  readonly next: Sequence
}

/** Ordinals of a segment that cannot be read any more. */
export type Damaged = (segment: Segment, ordinals: readonly number[]) => Promise<void>

export class Reader {
  readonly #disk: Disk
  readonly #directory: string
  readonly #queueId: string
  readonly #damaged: Damaged
  readonly #turns = new InTurn()
  readonly #windows = new Windows()
  /** Segments whose index is kept, the one used last at the end. */
  #indexed: readonly Segment[]
  /** The file that was read last: a backlog is read in many windows of the same file. */
  #held: { readonly segment: Segment; readonly file: DiskFile } | undefined
  #isClosed = false

  /** Lets go of the indexes that the opening has built, in time. */
  constructor(
    disk: Disk,
    directory: string,
    { queueId, recovered }: Pick<Opened, 'queueId' | 'recovered'>,
    damaged: Damaged,
  ) {
    this.#disk = disk
    this.#directory = directory
    this.#queueId = queueId
    this.#indexed = recovered.segments.filter(({ index }) => index !== undefined)
    this.#damaged = damaged
  }

  /** Unsettled messages of one segment from a number on. */
  read(segment: Segment, from: Sequence, limits: ReadLimits): Promise<Reading<StoredRecord>> {
    return this.#turns.take(() => this.#read(segment, from, limits))
  }

  /** Runs while no read is under way and no file is held. */
  alone(change: () => Promise<void>): Promise<void> {
    return this.#turns.take(async () => {
      await this.#letGo()
      await change()
    })
  }

  /** Nothing of this segment waits any more: its file may be removed. */
  emptied(segment: Segment): void {
    if (this.#held?.segment !== segment) return
    this.#turns
      .take(async () => {
        if (this.#held?.segment === segment) await this.#letGo()
      })
      .catch(() => {}) // it was only read: nothing is lost
  }

  /** Lets go of the file, for good. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.alone(async () => {})
  }

  async #read(
    segment: Segment,
    from: Sequence,
    limits: ReadLimits,
  ): Promise<Reading<StoredRecord>> {
    try {
      const file = await this.#fileOf(segment)
      const index = await this.#indexOf(file, segment)
      const { records: ordinals, next } = choose(segment, index, from, limits)
      const records = await this.#fetch(file, segment, index, ordinals)
      if (next >= segment.next || this.#isClosed) await this.#letGo()
      return { records, next }
    } catch (error) {
      await this.#letGo()
      if (systemCode(error) !== 'ENOENT') throw error
      await this.#reportMissing(segment, new Set(), segment.count)
      return { records: [], next: endOf(segment, limits) }
    }
  }

  async #fileOf(segment: Segment): Promise<DiskFile> {
    if (this.#held?.segment === segment) return this.#held.file
    await this.#letGo()
    const file = await this.#disk.open(`${this.#directory}/${segment.name}`, 'read')
    this.#held = { segment, file }
    return file
  }

  async #letGo(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    await held?.file.close()
  }

  /** Comes upon damage, reports it and goes on behind it; twice in one segment makes no sense. */
  async #fetch(
    file: DiskFile,
    segment: Segment,
    first: SegmentIndex,
    ordinals: readonly number[],
  ): Promise<StoredRecord[]> {
    let index = first
    const found: StoredRecord[] = []
    for (let at = 0; at < ordinals.length; ) {
      const run = runFrom(segment, index, ordinals, at)
      const bytes = await this.#windows.read(file, segment.name, run.from, run.to - run.from)
      const window = { queueId: this.#queueId, segment, bytes }
      for (; at < run.end; at++) {
        const ordinal = ordinals[at] ?? 0
        if (segment.isSettled(ordinal)) continue // meanwhile
        const offset = index.offset(ordinal) - run.from
        if (!isMessageAt(bytes, offset, segment.seeds, ordinal)) break
        found.push(new WindowRecord(window, offset, segment.base + ordinal))
      }
      if (at === run.end) continue
      if (index !== first) throw new Fault('SEGMENT_CORRUPT')
      index = await this.#mend(file, segment)
    }
    return found
  }

  async #indexOf(file: DiskFile, segment: Segment): Promise<SegmentIndex> {
    if (segment.index !== undefined && !this.#indexed.includes(segment)) return segment.index
    // An older checkpoint may tell the length that the file had before it was compacted.
    if (segment.index === undefined) segment.fileBytes = await file.length()
    const index =
      segment.index ?? (await sealedIndex(file, segment)) ?? (await this.#mend(file, segment))
    segment.index = index
    if (this.#indexed.at(-1) === segment) return index
    const used = [...this.#indexed.filter((other) => other !== segment), segment]
    this.#indexed = used.slice(-indexesKept)
    for (const oldest of used.slice(0, -indexesKept)) oldest.index = undefined
    return index
  }

  /** Rebuilds the index by one scan and reports what is no longer there. */
  async #mend(file: DiskFile, segment: Segment): Promise<SegmentIndex> {
    // The segment may still grow while it is read.
    const { count, fileBytes } = segment
    const bytes = await this.#windows.read(file, segment.name, 0, fileBytes)
    const index = new SegmentIndex(count)
    const present = new Set<number>()
    const take = (record: Found) => {
      if (record.kind !== 'M') return
      index.set(record.ordinal, record.offset, record.lane)
      present.add(record.ordinal)
    }
    scan(bytes, segment.seeds, take, fileBytes)
    for (let ordinal = count; ordinal < segment.count; ordinal++) {
      const { index: grown } = segment
      index.set(ordinal, grown?.offset(ordinal) ?? 0, grown?.lane(ordinal) ?? 0)
    }
    segment.index = index
    await this.#reportMissing(segment, present, count)
    return index
  }

  async #reportMissing(segment: Segment, present: ReadonlySet<number>, count: number) {
    const gone: number[] = []
    for (let ordinal = 0; ordinal < count; ordinal++) {
      if (!present.has(ordinal) && !segment.isSettled(ordinal)) gone.push(ordinal)
    }
    if (gone.length > 0) await this.#damaged(segment, gone)
  }
}

/** The unsettled and wanted ones from a number on, as ordinals. */
function choose(
  segment: Segment,
  index: SegmentIndex,
  from: Sequence,
  limits: ReadLimits,
): Reading<number> {
  const { base } = segment
  const { records, bytes, wanted } = limits
  const end = endOf(segment, limits)
  const ordinals: number[] = []
  let size = 0
  let next = from
  while (next < end && ordinals.length < records && size < bytes) {
    const sequence = next++
    const ordinal = sequence - base
    if (segment.isSettled(ordinal)) continue
    if (wanted !== undefined && !wanted(index.lane(ordinal), sequence)) continue
    ordinals.push(ordinal)
    size += index.extent(ordinal, segment.fileBytes) - framingBytes
  }
  return { records: ordinals, next }
}

/** The first number that a read of this segment does not come by. */
function endOf({ next }: Segment, { before = next }: ReadLimits): Sequence {
  return Math.min(next, before)
}

/** Ordinals up to `end` in the list that are read in one go, and where they lie in the file. */
interface Run {
  readonly end: number
  readonly from: Bytes
  readonly to: Bytes
}

function runFrom(
  { fileBytes }: Segment,
  index: SegmentIndex,
  ordinals: readonly number[],
  at: number,
): Run {
  const from = index.offset(ordinals[at] ?? 0)
  let to = from + index.extent(ordinals[at] ?? 0, fileBytes)
  let end = at + 1
  for (; end < ordinals.length; end++) {
    const ordinal = ordinals[end] ?? 0
    const offset = index.offset(ordinal)
    const next = offset + index.extent(ordinal, fileBytes)
    if (offset < to || offset - to > gapBytesMax || next - from > windowBytes) break
    to = next
  }
  return { end, from, to }
}

/** The index that the seal at the segment's end holds, or undefined when there is no sound one. */
async function sealedIndex(file: DiskFile, segment: Segment): Promise<SegmentIndex | undefined> {
  const length = framingBytes + segment.count * 8
  const sealAt = segment.fileBytes - length
  if (sealAt < 0) return undefined
  const bytes = await readRange(file, sealAt, length).catch((error: unknown) => {
    if (systemCode(error) !== 'EIO') throw error
    return Buffer.alloc(0) // the messages tell as well where they are
  })
  const record = recordAt(bytes, 0, segment.seeds)
  return record?.kind === 'S' ? SegmentIndex.fromBytes(record.payload, sealAt) : undefined
}
