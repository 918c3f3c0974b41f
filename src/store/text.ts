/**
 * Bytes as text and back, for rooms that know of no Buffer: UTF-8, base64, hex, and a line of text
 * that goes before bytes of any kind. It looks into nothing.
 */

const lineFeed = 0x0a

export const utf8 = (text: string): Uint8Array => Buffer.from(text)

export const textOf = (bytes: Uint8Array): string => viewOf(bytes).toString()

export const base64 = (bytes: Uint8Array): string => viewOf(bytes).toString('base64')

export const hexOf = (bytes: Uint8Array): string => viewOf(bytes).toString('hex')

/** What is no base64 is left out. */
export const bytesOf = (base64Text: string): Uint8Array => Buffer.from(base64Text, 'base64')

/** The line must hold no line feed. */
export function withLine(line: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${line}\n`), bytes])
}

/** Undefined when there is no line feed. The rest shares memory with `bytes`. */
export function afterLine(
  bytes: Uint8Array,
): { readonly line: string; readonly rest: Uint8Array } | undefined {
  const end = bytes.indexOf(lineFeed)
  if (end < 0) return undefined
  return { line: textOf(bytes.subarray(0, end)), rest: bytes.subarray(end + 1) }
}

/** The bytes before each line feed, without it; the last piece is what is left over. */
export function splitLines(bytes: Uint8Array): { readonly lines: Uint8Array[]; rest: Uint8Array } {
  const lines: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
    lines.push(bytes.subarray(from, at))
    from = at + 1
  }
  return { lines, rest: bytes.subarray(from) }
}

export const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
