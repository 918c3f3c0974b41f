/**
 * What the journal's own records say: checkpoint (C), outcomes (A), released (L) and seal (S).
 * Pure text and bytes in both directions; a payload that cannot be understood reads as undefined,
 * and never throws.
 */

import type { DropReason } from '../base/event.js'
import { type Bytes, type EpochMs, epochMs, type Sequence } from '../base/units.js'

/** How a message left the journal. */
export type Outcome = 'delivered' | 'dead-lettered' | DropReason

/** Running totals since the journal was made: accepted = sum of outcomes + waiting. */
export type Totals = { accepted: number } & { [outcome in Outcome]?: number }

/** One segment that still holds unsettled messages, as a checkpoint tells of it. */
export interface SegmentEntry {
  readonly base: Sequence
  readonly salt: string
  /** Messages in it, settled ones included. */
  readonly count: number
  /** Framed bytes of its unsettled messages. */
  readonly liveBytes: Bytes
  readonly fileBytes: Bytes
  readonly oldestAt: EpochMs
  /** Settled ordinals: ranges, or `~` and a base64 bitmap, whichever is shorter. */
  readonly settled: string
}

/** Up to which message the reader has let go, and how many of those may be out at once. */
export interface Released {
  readonly upTo: Sequence
  readonly atMost: number
  /** The only message that is out, when they are released one at a time after a crash. */
  readonly alone?: Sequence
}

export interface Checkpoint {
  readonly format: 1
  readonly queue: string
  /** Boot id of the machine that wrote it: tells a crash of the process from a power cut. */
  readonly boot: string
  readonly released: Released
  readonly totals: Totals
  readonly segments: readonly SegmentEntry[]
}

type Row = readonly [Sequence, string, number, Bytes, Bytes, EpochMs, string]

export function checkpointBytes(checkpoint: Checkpoint): Buffer {
  const rows = checkpoint.segments.map(
    (s): Row => [s.base, s.salt, s.count, s.liveBytes, s.fileBytes, s.oldestAt, s.settled],
  )
  return Buffer.from(JSON.stringify({ ...checkpoint, segments: rows }))
}

/** The checksum has vouched for the bytes, so only the format number is checked. */
export function checkpointFrom(payload: Buffer): Checkpoint | undefined {
  const raw = JSON.parse(payload.toString()) as Omit<Checkpoint, 'segments'> & { segments: Row[] }
  if (raw.format !== 1) return undefined
  const segments = raw.segments.map(
    ([base, salt, count, liveBytes, fileBytes, oldestAt, settled]): SegmentEntry => ({
      base,
      salt,
      count,
      liveBytes,
      fileBytes,
      oldestAt: epochMs(oldestAt),
      settled,
    }),
  )
  return { ...raw, segments }
}

/** Messages of one segment that ended alike. */
export interface Settled {
  readonly base: Sequence
  readonly liveBytes: Bytes
  /** Ordinals, as ranges. */
  readonly ranges: string
}

/** One outcome and the messages it befell. `unstored`: accepted and dropped without being kept. */
export interface Outcomes {
  readonly outcome: Outcome
  readonly unstored: number
  readonly settled: readonly Settled[]
}

/** First line the outcome and the unstored; then per segment: base, bytes, ordinals. */
export function outcomesBytes(outcomes: Outcomes): Buffer {
  const lines = outcomes.settled.map((s) => `${s.base} ${s.liveBytes} ${s.ranges}`)
  return Buffer.from([`${outcomes.outcome} ${outcomes.unstored}`, ...lines].join('\n'))
}

export function outcomesFrom(payload: Buffer): Outcomes {
  const [head = '', ...lines] = payload.toString().split('\n')
  const [outcome = '', unstored = '0'] = head.split(' ')
  const settled = lines.map((line): Settled => {
    const [base = '0', liveBytes = '0', ranges = ''] = line.split(' ')
    return { base: Number(base), liveBytes: Number(liveBytes), ranges }
  })
  return { outcome: outcome as Outcome, unstored: Number(unstored), settled }
}

export function releasedBytes({ upTo, atMost, alone }: Released): Buffer {
  return Buffer.from(alone === undefined ? `${upTo} ${atMost}` : `${upTo} ${atMost} ${alone}`)
}

export function releasedFrom(payload: Buffer): Released {
  const [upTo = '0', atMost = '0', alone] = payload.toString().split(' ')
  const released = { upTo: Number(upTo), atMost: Number(atMost) }
  return alone === undefined ? released : { ...released, alone: Number(alone) }
}

/** Flag of a seal that ends a journal closed in good order; without it the seal ends a segment. */
export const cleanClose = 1

/**
 * Offset and lane of every message of a segment, by ordinal; 0 stands for a message that is gone.
 */
export class SegmentIndex {
  #words: Uint32Array
  /** Where the seal begins that holds it; Infinity while there is none. */
  readonly #end: Bytes
  count = 0

  constructor(capacity = 64, end: Bytes = Number.POSITIVE_INFINITY) {
    this.#words = new Uint32Array(capacity * 2)
    this.#end = end
  }

  /** Sets the entry of `ordinal`; ordinals left out before it read as gone. */
  set(ordinal: number, offset: number, lane: number): void {
    if (ordinal * 2 >= this.#words.length) {
      const larger = new Uint32Array(Math.max(ordinal + 1, this.count * 2) * 2)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[ordinal * 2] = offset
    this.#words[ordinal * 2 + 1] = lane
    this.count = Math.max(this.count, ordinal + 1)
  }

  offset(ordinal: number): number {
    return this.#words[ordinal * 2] ?? 0
  }

  lane(ordinal: number): number {
    return this.#words[ordinal * 2 + 1] ?? 0
  }

  /**
   * Bytes from the beginning of a message to that of the next one that is there: it takes no more,
   * and less where other records lie in between.
   */
  extent(ordinal: number, fileBytes: Bytes): Bytes {
    let next = ordinal + 1
    while (next < this.count && this.offset(next) === 0) next++
    const end = next < this.count ? this.offset(next) : Math.min(fileBytes, this.#end)
    return Math.max(0, end - this.offset(ordinal))
  }

  /** Payload of a seal: 8 bytes per message, little-endian. */
  toBytes(): Buffer {
    const bytes = Buffer.alloc(this.count * 8)
    for (let i = 0; i < this.count * 2; i++) bytes.writeUInt32LE(this.#words[i] ?? 0, i * 4)
    return bytes
  }

  static fromBytes(bytes: Buffer, end?: Bytes): SegmentIndex {
    const index = new SegmentIndex(bytes.length / 8, end)
    for (let i = 0; i < bytes.length / 8; i++) {
      index.set(i, bytes.readUInt32LE(i * 8), bytes.readUInt32LE(i * 8 + 4))
    }
    return index
  }
}
