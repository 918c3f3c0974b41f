/**
 * Sets of whole numbers written as ranges: `1041-1140,1142`. Reads and writes that text; it does
 * not judge what the numbers mean.
 */

/** Text of the numbers in `sorted`, which must be ascending and without repetition. */
export function rangesOf(sorted: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i] ?? 0
    let last = first
    for (i++; sorted[i] === last + 1; i++) last++
    parts.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return parts.join(',')
}

/**
 * Text of the first `count` numbers whose bit is set; undefined when it would be longer than
 * `lengthMax`, which ends the work early.
 */
export function rangesIn(bits: Uint8Array, count: number, lengthMax: number): string | undefined {
  let text = ''
  const isSet = (n: number) => n < count && ((bits[n >> 3] ?? 0) & (1 << (n & 7))) !== 0
  for (let n = 0; n < count; n++) {
    if ((n & 7) === 0 && (bits[n >> 3] ?? 0) === 0) n += 7
    else if (isSet(n)) {
      const first = n
      while (isSet(n + 1)) n++
      text += `${text === '' ? '' : ','}${first === n ? first : `${first}-${n}`}`
      if (text.length > lengthMax) return undefined
    }
  }
  return text
}

/** Numbers one after another, both ends included. */
export interface Run {
  readonly first: number
  readonly last: number
}

/** The runs of a text of ranges, in its order; what makes no sense is left out. */
export function runsIn(text: string): Run[] {
  const runs: Run[] = []
  for (const part of text === '' ? [] : text.split(',')) {
    const [first = Number.NaN, last = first] = part.split('-').map(Number)
    if (first <= last) runs.push({ first, last }) // false for what is no number
  }
  return runs
}

/**
 * Calls `visit` with each number of a text of ranges between `from` and `to`, in order; numbers
 * outside are passed over, so that a wrong text cannot keep the process busy.
 */
export function eachOf(text: string, from: number, to: number, visit: (n: number) => void): void {
  for (const { first, last } of runsIn(text)) {
    const end = Math.min(last, to)
    for (let n = Math.max(first, from); n <= end; n++) visit(n)
  }
}
