/**
 * What waits in a directory, without opening it for work: no lock is taken and nothing is changed,
 * so it may be that of a queue at work, or of a process that died. What it tells was so a moment
 * ago; it never tells of a message that was settled before it looked.
 */

import type { Disk } from '../base/ports.js'
import { type Bytes, type EpochMs, epochMs } from '../base/units.js'
import { LookingDisk } from './looking-disk.js'
import { metaName, ownerOf } from './meta.js'
import { Reader } from './reader.js'
import { recover } from './recovery.js'
import { type Segment, segmentNamed } from './segment.js'
import type { StoredRecord } from './tail.js'
import { priorities } from './turns.js'

const batch = { records: 100, bytes: 256 << 10 }

/** Nobody: what it finds is to be known, whoever it was made for. */
const anybody = { queueId: undefined, boot: '' }

export class Survey {
  readonly #parts: readonly Part[]

  private constructor(parts: readonly Part[]) {
    this.#parts = parts
  }

  /**
   * The journal in a directory, and those of other priorities below it; empty where there is none.
   * Rejects with the system's error when it cannot be read.
   */
  static async of(disk: Disk, directory: string): Promise<Survey> {
    const looking = new LookingDisk(disk)
    const names = await looking.list(directory)
    const below = priorities.filter((priority) => names.includes(priority))
    const parts: Part[] = []
    for (const part of [...below.map((priority) => `${directory}/${priority}`), directory]) {
      parts.push(...(await partOf(looking, part)))
    }
    return new Survey(parts)
  }

  get messages(): number {
    return this.#segments.reduce((sum, { waiting }) => sum + waiting, 0)
  }

  /** Of the messages that wait. */
  get bytes(): Bytes {
    return this.#segments.reduce((sum, { liveBytes }) => sum + liveBytes, 0)
  }

  /**
   * When the first of the oldest segment was stored, which may have been settled since; undefined
   * when nothing waits.
   */
  get oldestAt(): EpochMs | undefined {
    const oldest = Math.min(...this.#segments.map(({ oldestAt }) => oldestAt))
    return Number.isFinite(oldest) ? epochMs(oldest) : undefined
  }

  /** One after another, a quarter of a megabyte at a time. Rejects as `of`. */
  async *read(): AsyncGenerator<StoredRecord> {
    for (const { reader, segments } of this.#parts) {
      try {
        for (const segment of segments) yield* messagesOf(reader, segment)
      } finally {
        await reader.close() // also when nobody wants more
      }
    }
  }

  get #segments(): readonly Segment[] {
    return this.#parts.flatMap(({ segments }) => segments)
  }
}

interface Part {
  readonly reader: Reader
  /** Those in which messages wait. */
  readonly segments: readonly Segment[]
}

async function partOf(disk: LookingDisk, directory: string): Promise<Part[]> {
  const names = await disk.list(directory)
  if (!names.some((name) => name === metaName || segmentNamed(name) !== undefined)) return []
  const { queueId } = await ownerOf(
    disk,
    directory,
    directory.slice(directory.lastIndexOf('/') + 1),
  )
  const recovered = await recover(disk, directory, anybody)
  // What cannot be read is passed over: whoever opens the directory tells of it.
  const reader = new Reader(disk, directory, { queueId, recovered }, async (segment, ordinals) => {
    for (const ordinal of ordinals) segment.settle(ordinal)
  })
  return [{ reader, segments: recovered.segments.filter(({ waiting }) => waiting > 0) }]
}

async function* messagesOf(reader: Reader, segment: Segment): AsyncGenerator<StoredRecord> {
  for (let from = segment.base; from < segment.next; ) {
    const { records, next } = await reader.read(segment, from, batch)
    yield* records
    if (next === from) return
    from = next
  }
}
