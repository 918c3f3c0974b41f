/**
 * One record of a segment: a header line of 61 ASCII bytes, the payload, a line feed. Frames and
 * reads records in byte arrays and proves them by checksum; it knows nothing of files, and of a
 * payload only its length.
 *
 *     T crc32--- length- ordinal batch-- time------- c ff lane----⏎ payload ⏎
 *
 * Numbers are lower-case hex. `T` is the kind; `crc32` covers the segment's seed, the kind and
 * everything after the checksum up to the end of the payload, so bytes of another file in a
 * recycled sector never validate. `ordinal` counts the messages before this record in its segment.
 * `batch` is the length that the last successful sync had covered when the record was framed: a
 * record with batch > X proves that everything before X was durable.
 */

import { crc32 } from 'node:zlib'
import { type EpochMs, epochMs } from '../base/units.js'

/** C checkpoint, M message, A outcomes, L released, S seal. */
export type Kind = 'C' | 'M' | 'A' | 'L' | 'S'

/** Flag of a message that came from another journal: a first line of its payload is its id. */
export const adoptedFlag = 1

export interface Header {
  readonly kind: Kind
  readonly length: number
  readonly ordinal: number
  readonly batch: number
  readonly time: EpochMs
  readonly codec: number
  readonly flags: number
  readonly lane: number
}

/** A record found at `offset`; `end` is the offset of the next one. */
export interface Found extends Header {
  readonly offset: number
  readonly end: number
  readonly payload: Buffer
}

export const headerBytes = 61
/** What a record takes beyond its payload. */
export const framingBytes = headerBytes + 1

const lineFeed = 0x0a
const space = 0x20
const restAt = 10
/** Offset and digits of each number; a space stands before each. */
const columns = {
  crc: [2, 8],
  length: [11, 7],
  ordinal: [19, 7],
  batch: [27, 7],
  time: [35, 11],
  codec: [47, 1],
  flags: [49, 2],
  lane: [52, 8],
} as const
const spaces = [1, 10, 18, 26, 34, 46, 48, 51]
const kinds: readonly Kind[] = ['C', 'M', 'A', 'L', 'S']
const messageCode = 'M'.charCodeAt(0)
const none = -1
const kindsByCode = new Map(kinds.map((kind) => [kind.charCodeAt(0), kind]))

/** Start values of the checksum for one segment, one per kind. */
export type Seeds = ReadonlyMap<number, number>

/** The seed ties a record to its segment: its salt and its first sequence number. */
export function seedsOf(salt: string, base: number): Seeds {
  const seed = crc32(`${salt}-${base}`)
  return new Map(kinds.map((kind) => [kind.charCodeAt(0), crc32(kind, seed)]))
}

/** Writes one record into `into` at `at` and returns the offset after it. */
export function frame(
  into: Buffer,
  at: number,
  seeds: Seeds,
  header: Omit<Header, 'length'>,
  payload: Uint8Array,
): number {
  const code = header.kind.charCodeAt(0)
  into[at] = code
  for (const column of spaces) into[at + column] = space
  writeHex(into, at, columns.length, payload.length)
  writeHex(into, at, columns.ordinal, header.ordinal)
  writeHex(into, at, columns.batch, header.batch)
  writeHex(into, at, columns.time, Math.max(0, header.time)) // a clock before 1970 counts as then
  writeHex(into, at, columns.codec, header.codec)
  writeHex(into, at, columns.flags, header.flags)
  writeHex(into, at, columns.lane, header.lane)
  into[at + headerBytes - 1] = lineFeed
  into.set(payload, at + headerBytes)
  const end = at + headerBytes + payload.length
  into[end] = lineFeed
  writeHex(into, at, columns.crc, crc32(into.subarray(at + restAt, end), seeds.get(code) ?? 0))
  return end + 1
}

/**
 * The record that begins at `at`, or undefined when these bytes are not a whole valid record of
 * this segment. `payload` shares memory with `bytes`.
 */
export function recordAt(bytes: Buffer, at: number, seeds: Seeds): Found | undefined {
  const end = soundEnd(bytes, at, seeds)
  const header = end === none ? undefined : headerAt(bytes, at)
  if (header === undefined) return undefined
  // Field by field: a spread here takes longer than all the rest of a read.
  const { kind, length, ordinal, batch, time, codec, flags, lane } = header
  const payload = bytes.subarray(at + headerBytes, end)
  return {
    kind,
    length,
    ordinal,
    batch,
    time,
    codec,
    flags,
    lane,
    offset: at,
    end: end + 1,
    payload,
  }
}

/** Whether `recordAt` would find the message of this ordinal; it makes nothing. */
export function isMessageAt(bytes: Buffer, at: number, seeds: Seeds, ordinal: number): boolean {
  if (bytes[at] !== messageCode || fieldAt(bytes, at, 'ordinal') !== ordinal) return false
  return soundEnd(bytes, at, seeds) !== none
}

/** One number of the header at `at`; NaN when it is none. */
export function fieldAt(bytes: Buffer, at: number, field: keyof typeof columns): number {
  return readHex(bytes, at, columns[field])
}

/** The header line at `at`, by its shape alone: the checksum is not looked at. */
export function headerAt(bytes: Buffer, at: number): Header | undefined {
  if (!hasShape(bytes, at)) return undefined
  const kind = kindsByCode.get(bytes[at] ?? 0)
  if (kind === undefined) return undefined
  const header = {
    kind,
    length: readHex(bytes, at, columns.length),
    ordinal: readHex(bytes, at, columns.ordinal),
    batch: readHex(bytes, at, columns.batch),
    time: epochMs(readHex(bytes, at, columns.time)),
    codec: readHex(bytes, at, columns.codec),
    flags: readHex(bytes, at, columns.flags),
    lane: readHex(bytes, at, columns.lane),
  }
  const sound = header.length + header.ordinal + header.batch + header.time + header.flags
  return Number.isNaN(sound + header.codec + header.lane) ? undefined : header
}

/** Where the payload ends of the record whose checksum is right, or `none`. */
function soundEnd(bytes: Buffer, at: number, seeds: Seeds): number {
  const seed = seeds.get(bytes[at] ?? 0)
  if (seed === undefined || !hasShape(bytes, at)) return none
  const end = at + headerBytes + readHex(bytes, at, columns.length)
  if (bytes[end] !== lineFeed) return none
  const crc = crc32(bytes.subarray(at + restAt, end), seed)
  return crc === readHex(bytes, at, columns.crc) ? end : none
}

function hasShape(bytes: Buffer, at: number): boolean {
  if (at + headerBytes > bytes.length || bytes[at + headerBytes - 1] !== lineFeed) return false
  for (const column of spaces) if (bytes[at + column] !== space) return false
  return true
}

type Column = readonly [offset: number, digits: number]

/** So many digits make a small integer; numbers beyond are slow to divide. */
const smallDigits = 7
const smallValues = 16 ** smallDigits

function writeHex(into: Buffer, at: number, column: Column, value: number): void {
  const start = at + column[0]
  const highDigits = Math.max(0, column[1] - smallDigits)
  const high = highDigits === 0 ? 0 : Math.floor(value / smallValues)
  if (highDigits > 0) writeDigits(into, start, highDigits, high)
  writeDigits(into, start + highDigits, column[1] - highDigits, value - high * smallValues)
}

function writeDigits(into: Buffer, start: number, digits: number, value: number): void {
  let rest = value
  for (let place = start + digits - 1; place >= start; place--) {
    const digit = rest & 15
    into[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
    rest >>= 4
  }
}

/** NaN when a byte is no lower-case hex digit. */
function readHex(bytes: Buffer, at: number, column: Column): number {
  const start = at + column[0]
  const end = start + column[1]
  let value = 0
  for (let place = start; place < end; place++) {
    const byte = bytes[place] ?? 0
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30
    else if (byte >= 0x61 && byte <= 0x66) value = value * 16 + byte - 0x57
    else return Number.NaN
  }
  return value
}
