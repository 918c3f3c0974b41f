/**
 * Gives back the space of settled messages in segments where others still wait: copies what is
 * needed beside the file and renames the copy over it. Records are copied byte for byte and keep
 * their ordinals. One segment at a time, in windows of 256 KB, in the background; whatever goes
 * wrong, the old file stays and nothing is lost. Which segments, and when, is not its business.
 */

import { Fault } from '../base/fault.js'
import type { DiskFile } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import type { Budget } from './budget.js'
import { createOver, readRange, writeAll } from './files.js'
import { SegmentIndex } from './payloads.js'
import { type Found, frame, framingBytes, headerAt, headerBytes, recordAt } from './record.js'
import type { Segment } from './segment.js'
import type { StoreWorld } from './settings.js'
import type { Due } from './sparse.js'

const windowBytes = 256 << 10
/** A copy that takes a larger share of the file is not worth it. */
const shareMax = 0.5

/** What compaction asks of the journal. */
export interface CompactionHost {
  /** Whether the directory is still this journal's. */
  isOurs(): Promise<boolean>
  /** Runs while no read is under way. */
  alone(change: () => Promise<void>): Promise<void>
  /** One segment is done with, well or not. */
  ended(segment: Segment): void
}

/** A file that was made beside a segment's own. */
interface Copied {
  readonly fileBytes: Bytes
  /** Bytes of it that are no messages. */
  readonly fixedBytes: Bytes
}

export class Compaction {
  readonly #world: StoreWorld
  readonly #budget: Budget
  readonly #directory: string
  readonly #host: CompactionHost
  readonly #waiting: Due[] = []
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(world: StoreWorld, budget: Budget, directory: string, host: CompactionHost) {
    this.#world = world
    this.#budget = budget
    this.#directory = directory
    this.#host = host
  }

  /** To be called when the checkpoint that these were found by is durable. */
  start(due: readonly Due[]): void {
    if (this.#isClosed) return
    for (const { segment } of due) segment.compaction = 'at work'
    this.#waiting.push(...due)
    if (this.#waiting.length > 0) this.#running ??= this.#run()
  }

  /** Resolves when nothing is under way any more; what was is given up, or ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #run(): Promise<void> {
    for (let due = this.#waiting.shift(); due !== undefined; due = this.#waiting.shift()) {
      due.segment.compaction = await this.#compact(due)
      this.#host.ended(due.segment)
    }
    this.#running = undefined
  }

  async #compact(due: Due): Promise<Segment['compaction']> {
    const { disk } = this.#world
    const path = `${this.#directory}/${due.segment.name}`
    try {
      if (this.#isNeedless(due)) return 'none'
      const copied = await this.#copy(due, path)
      if (copied === undefined) await disk.remove(`${path}.tmp`)
      else await this.#replace(due.segment, copied, path)
      return 'none'
    } catch (error) {
      // Nothing depends on it: the old file is whole, and a later checkpoint tries again.
      await disk.remove(`${path}.tmp`).catch(() => {}) // the next opening removes it
      if (error instanceof Fault && error.code === 'SEGMENT_CORRUPT') leave(due.segment)
      return 'failed'
    }
  }

  /** Emptied meanwhile: the file goes as a whole. */
  #isNeedless({ segment }: Due): boolean {
    return this.#isClosed || segment.waiting === 0
  }

  /** Undefined when it is not worth it, or not needed any more. */
  async #copy(due: Due, path: string): Promise<Copied | undefined> {
    const { disk } = this.#world
    const source = await disk.open(path, 'read')
    try {
      const target = await createOver(disk, `${path}.tmp`)
      try {
        due.segment.fileBytes = await source.length()
        const copy = new Copy(source, target, due)
        while (!copy.isThrough) {
          await copy.next()
          if (this.#isNeedless(due)) return undefined
          if (copy.isTooLong) {
            leave(due.segment)
            return undefined
          }
        }
        const copied = await copy.seal(this.#world)
        await this.#budget.sync(() => target.sync())
        return copied
      } finally {
        await target.close()
      }
    } finally {
      await source.close()
    }
  }

  /** Either file tells the same, so a power cut may leave the one or the other. */
  async #replace(segment: Segment, copied: Copied, path: string): Promise<void> {
    const { disk } = this.#world
    await this.#host.alone(async () => {
      if (!(await this.#host.isOurs())) throw new Fault('STORE_BUSY')
      await disk.rename(`${path}.tmp`, path)
      segment.index = undefined
      segment.fileBytes = copied.fileBytes
      segment.fixedBytes = copied.fixedBytes
    })
    await this.#budget.sync(() => disk.syncDirectory(this.#directory))
  }
}

/** Not to be looked at again: nothing of the file is known to be free. */
function leave(segment: Segment): void {
  segment.fixedBytes = segment.fileBytes
}

/** One segment file on its way into another. */
class Copy {
  readonly #source: DiskFile
  readonly #target: DiskFile
  readonly #due: Due
  /** Bytes of the source, and how far it is read. */
  readonly #length: Bytes
  #read: Bytes = 0
  #written: Bytes = 0
  #messageBytes: Bytes = 0
  #window: Bytes = windowBytes
  readonly #index: SegmentIndex

  constructor(source: DiskFile, target: DiskFile, due: Due) {
    this.#source = source
    this.#target = target
    this.#due = due
    this.#length = due.segment.fileBytes
    this.#index = new SegmentIndex(due.segment.count)
    // An entry for each message, also when the last ones are gone.
    if (due.segment.count > 0) this.#index.set(due.segment.count - 1, 0, 0)
  }

  get isThrough(): boolean {
    return this.#read >= this.#length
  }

  get isTooLong(): boolean {
    return this.#written > this.#length * shareMax
  }

  /** Copies what one window holds. Throws SEGMENT_CORRUPT on a record that is not sound. */
  async next(): Promise<void> {
    const { segment } = this.#due
    const size = Math.min(this.#window, this.#length - this.#read)
    const window = await readRange(this.#source, this.#read, size)
    const kept: Buffer[] = []
    let at = 0
    let end = this.#written
    for (;;) {
      const record = recordAt(window, at, segment.seeds)
      if (record === undefined) break
      at = record.end
      if (!this.#isKept(record)) continue
      if (record.kind === 'M') this.#index.set(record.ordinal, end, record.lane)
      if (record.kind === 'M') this.#messageBytes += record.length + framingBytes
      kept.push(window.subarray(record.offset, record.end))
      end += record.end - record.offset
    }
    await writeAll(this.#target, [Buffer.concat(kept)], this.#written)
    this.#written = end
    this.#read += at
    this.#window = at > 0 ? windowBytes : this.#wider(window)
  }

  /** Ends the copy with its index. */
  async seal({ clock }: Pick<StoreWorld, 'clock'>): Promise<Copied> {
    const { segment } = this.#due
    const payload = this.#index.toBytes()
    const bytes = Buffer.allocUnsafe(payload.length + framingBytes)
    const place = { ordinal: segment.count, batch: this.#written, time: clock.wall() }
    frame(bytes, 0, segment.seeds, { kind: 'S', ...place, codec: 0, flags: 0, lane: 0 }, payload)
    await writeAll(this.#target, [bytes], this.#written)
    const fileBytes = this.#written + bytes.length
    return { fileBytes, fixedBytes: fileBytes - this.#messageBytes }
  }

  #isKept({ kind, ordinal }: Found): boolean {
    if (kind !== 'M') return kind !== 'S'
    return ((this.#due.settled[ordinal >> 3] ?? 0) & (1 << (ordinal & 7))) === 0
  }

  /** As much as the record takes that did not fit. A damaged file is left as it is, to be told. */
  #wider(window: Buffer): Bytes {
    const header = headerAt(window, 0)
    const needed = header === undefined ? headerBytes : header.length + framingBytes
    if (needed > window.length && needed <= this.#length - this.#read) return needed
    throw new Fault('SEGMENT_CORRUPT')
  }
}
