/**
 * Letters as JSON lines, out of one dead letter node and into another. It holds one line in memory,
 * and never takes a line that it cannot read for a letter.
 */

import { Fault } from '../base/fault.js'
import type { Bytes } from '../base/units.js'
import { joined, splitLines } from '../store/text.js'
import { importedFrom, type Kept } from './letter-record.js'

/** What became of the lines of an import. */
export interface Imported {
  readonly imported: number
  /** Letters that are here already, under the same id. */
  readonly known: number
  /** Lines that cannot be read; the first ten by number, from 1. */
  readonly wrong: number
  readonly wrongLines: readonly number[]
}

const importBytesMax = 100 << 20
const wrongLinesMax = 10
/** What a letter takes besides its message, at most. */
const storyBytesMax = 32 << 10

/**
 * Hands each letter to `take`, which answers whether it was new, one after another. Rejects with
 * PAYLOAD_TOO_LARGE beyond 100 MB or in a line too long for a message of `messageBytesMax`, or as
 * `take` does.
 */
export async function importLines(
  chunks: AsyncIterable<Uint8Array>,
  messageBytesMax: Bytes,
  take: (letter: Kept) => Promise<boolean>,
): Promise<Imported> {
  // Base64 makes four bytes of three.
  const lineBytesMax = Math.ceil(messageBytesMax * 1.4) + storyBytesMax
  const counts = { imported: 0, known: 0, wrong: 0 }
  const wrongLines: number[] = []
  let number = 0
  for await (const line of linesOf(chunks, lineBytesMax)) {
    number++
    if (line.length === 0) continue
    const letter = importedFrom(line)
    if (letter === undefined) {
      counts.wrong++
      if (wrongLines.length < wrongLinesMax) wrongLines.push(number)
    } else if (await take(letter)) counts.imported++
    else counts.known++
  }
  return { ...counts, wrongLines }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>, lineBytesMax: Bytes) {
  let parts: Uint8Array[] = []
  let [size, bytes] = [0, 0]
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > importBytesMax) throw tooLarge(bytes, importBytesMax)
    const { lines, rest } = splitLines(chunk)
    for (const line of lines) {
      yield joined([...parts, line])
      parts = []
      size = 0
    }
    size += rest.length
    if (size > lineBytesMax) throw tooLarge(size, lineBytesMax)
    if (rest.length > 0) parts.push(rest)
  }
  if (size > 0) yield joined(parts)
}

function tooLarge(size: Bytes, limit: Bytes): Fault {
  return new Fault('PAYLOAD_TOO_LARGE', { size, limit, who: 'import' })
}
