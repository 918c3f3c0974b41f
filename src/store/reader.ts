/**
 * Reads messages back from segment files: in order by windows of 256 KB at most, or anywhere by the
 * segment's index. Every record is proved by its checksum; bytes that fail are handed to `damaged`
 * and skipped, never passed on. It holds no file open and no more than one window.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Disk, DiskFile } from '../base/ports.js'
import type { Bytes, Sequence } from '../base/units.js'
import { readRange } from './files.js'
import { SegmentIndex } from './payloads.js'
import { type Found, framingBytes, headerAt, headerBytes, recordAt } from './record.js'
import { scan } from './scan.js'
import type { Segment } from './segment.js'

const windowBytes = 256 << 10
const sectorBytes = 4096
/** Indexes of segments read lately. */
const indexesKept = 8
/** Settled messages that are cheaper to read over than to look up. */
const skipsMax = 64

export interface ReadLimits {
  readonly records: number
  readonly bytes: Bytes
  /** Only messages below this number. */
  readonly before: Sequence
}

/** Ordinals of a segment that cannot be read any more. */
export type Damaged = (segment: Segment, ordinals: readonly number[]) => Promise<void>

export class Reader {
  readonly #disk: Disk
  readonly #directory: string
  readonly #damaged: Damaged
  readonly #indexed: Segment[] = []
  #cursor = { name: '', ordinal: 0, offset: 0 }

  constructor(disk: Disk, directory: string, damaged: Damaged) {
    this.#disk = disk
    this.#directory = directory
    this.#damaged = damaged
  }

  /** Unsettled messages of one segment from `ordinal` on; none when all of them turn out damaged. */
  async read(segment: Segment, ordinal: number, limits: ReadLimits): Promise<Found[]> {
    try {
      const file = await this.#disk.open(`${this.#directory}/${segment.name}`, 'read')
      try {
        return await this.#readMending(file, segment, ordinal, limits)
      } finally {
        await file.close()
      }
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      await this.#reportMissing(segment, new Set(), segment.count)
      return []
    }
  }

  /** Comes upon damage, reports it and goes on behind it, as long as that settles something. */
  async #readMending(file: DiskFile, segment: Segment, ordinal: number, limits: ReadLimits) {
    for (let first = ordinal; ; ) {
      while (first < segment.count && segment.isSettled(first)) first++
      if (first >= segment.count) return []
      const found = await this.#readFrom(file, segment, first, limits)
      if (found !== undefined) return found
      if (segment.isSettled(first)) continue // meanwhile
      const settled = segment.settledCount
      await this.#mend(file, segment)
      if (segment.settledCount === settled) throw new Fault('SEGMENT_CORRUPT')
    }
  }

  /** Undefined when the bytes are damaged. */
  async #readFrom(
    file: DiskFile,
    segment: Segment,
    first: number,
    limits: ReadLimits,
  ): Promise<Found[] | undefined> {
    let offset = await this.#offsetOf(file, segment, first)
    const found: Found[] = []
    let bytes = 0
    let wanted = windowOf(segment, limits)
    while (offset < segment.fileBytes) {
      const rest = segment.fileBytes - offset
      const window = await this.#readWindow(file, offset, Math.min(wanted, rest))
      let at = 0
      for (;;) {
        const record = recordAt(window, at, segment.seeds)
        if (record === undefined) break
        at = record.end
        if (record.kind !== 'M') continue
        if (segment.base + record.ordinal >= limits.before) return found
        this.#cursor = { name: segment.name, ordinal: record.ordinal + 1, offset: offset + at }
        if (record.ordinal < first || segment.isSettled(record.ordinal)) continue
        found.push(record)
        bytes += record.length
        if (found.length >= limits.records || bytes >= limits.bytes) return found
      }
      const needed = neededAt(window, at)
      const isWhole = window.length - at >= needed
      const isCutOff = offset + at + needed > segment.fileBytes || (at === 0 && wanted >= needed)
      if (isWhole || isCutOff) return this.#orDamaged(found, segment)
      if (found.length > 0) return found
      offset += at
      wanted = Math.max(windowBytes, needed)
    }
    return this.#orDamaged(found, segment)
  }

  /**
   * What was found before the damage goes out first; the next read comes upon the damage itself.
   */
  #orDamaged(found: Found[], segment: Segment): Found[] | undefined {
    const last = found.at(-1)
    if (last === undefined) return undefined
    this.#cursor = { name: segment.name, ordinal: -1, offset: 0 }
    return found
  }

  async #offsetOf(file: DiskFile, segment: Segment, ordinal: number): Promise<number> {
    const { name, ordinal: at, offset } = this.#cursor
    if (name === segment.name && at >= 0 && at <= ordinal && ordinal - at < skipsMax) return offset
    if (segment.index === undefined) {
      segment.index = (await sealedIndex(file, segment)) ?? (await this.#mend(file, segment))
      this.#keepIndex(segment)
    }
    return segment.index.offset(ordinal)
  }

  #keepIndex(segment: Segment): void {
    this.#indexed.push(segment)
    const oldest = this.#indexed.length > indexesKept ? this.#indexed.shift() : undefined
    if (oldest !== undefined && oldest !== segment) oldest.index = undefined
  }

  /** A sector that cannot be read at all counts as zeros, so that the rest can be salvaged. */
  async #readWindow(file: DiskFile, offset: number, length: number): Promise<Buffer> {
    try {
      return await readRange(file, offset, length)
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error
      const size = Math.min(length, (await file.length()) - offset)
      const window = Buffer.alloc(size)
      // By the sectors of the file, so that every way of reading loses the same bytes.
      for (let at = 0; at < size; ) {
        const until = at + sectorBytes - ((offset + at) % sectorBytes)
        const sector = window.subarray(at, until)
        await file.read(sector, offset + at).catch(() => sector.fill(0))
        at = until
      }
      return window
    }
  }

  /** Rebuilds the index by one scan and reports what is no longer there. */
  async #mend(file: DiskFile, segment: Segment): Promise<SegmentIndex> {
    // The segment may still grow while it is read.
    const { count, fileBytes } = segment
    const bytes = await this.#readWindow(file, 0, fileBytes)
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

/** As much as the wanted records take by the segment's average, in one read. */
function windowOf({ fileBytes, count }: Segment, { records }: ReadLimits): Bytes {
  const average = fileBytes / Math.max(1, count)
  return Math.min(windowBytes, Math.max(sectorBytes, Math.ceil(average * records)))
}

/** Length of the record that begins here, as far as its header can be seen. */
function neededAt(window: Buffer, at: number): number {
  const header = headerAt(window, at)
  return header === undefined ? headerBytes : header.length + framingBytes
}

/** The index that the seal at the segment's end holds, or undefined when there is no sound one. */
async function sealedIndex(file: DiskFile, segment: Segment): Promise<SegmentIndex | undefined> {
  const length = framingBytes + segment.count * 8
  if (length > segment.fileBytes) return undefined
  const bytes = await readRange(file, segment.fileBytes - length, length)
  const record = recordAt(bytes, 0, segment.seeds)
  return record?.kind === 'S' ? SegmentIndex.fromBytes(record.payload) : undefined
}
