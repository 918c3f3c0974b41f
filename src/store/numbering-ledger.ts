/**
 * What a file of numbers says, and what is to be written into it: one line of JSON for each fact.
 * Pure bookkeeping over text; a line that cannot be read is passed over, and whatever it may have
 * said is made up for by leaving numbers out.
 */

export interface Counter {
  /** What the next message gets. */
  next: number
  /** Numbers below this may be used: a reader who does not know better goes on from here. */
  reservedTo: number
}

/** `t` a counter, `a` a number taken by a message, `r` numbers reserved, `v` the file, `c` closed. */
type Line =
  | readonly ['v', number, string]
  | readonly ['t' | 'r', string, number]
  | readonly ['a', string, number, string]
  | readonly ['c']

/** Numbers that may be used between two syncs, and so be left out after a power cut. */
export const blockSize = 1024

const version = 1
const keysMax = 10_000
/** More messages than can be on their way at once. */
const takenMax = 1000

const lineOf = (line: Line): string => `${JSON.stringify(line)}\n`

export class Ledger {
  readonly #counters = new Map<string, Counter>()
  /** Numbers of messages that may be sent again, oldest first. */
  readonly #taken = new Map<string, { readonly key: string; readonly number: number }>()

  /** Reads a file; `bootId` tells whether all that was written to it must be there. */
  static from(text: string, bootId: string): Ledger {
    const ledger = new Ledger()
    // A line without its end was not written to the end, so its number was never used.
    const lines = text.split('\n').slice(0, -1).map(parsed)
    for (const line of lines) if (line !== undefined) ledger.#read(line)
    const [first, last] = [lines.at(0), lines.at(-1)]
    const isSameBoot = first?.[0] === 'v' && first[1] === version && first[2] === bootId
    const isWhole = !lines.includes(undefined) && (isSameBoot || last?.[0] === 'c')
    // A line that was lost may have been the newest reservation.
    const leap = lines.includes(undefined) ? blockSize : 0
    for (const counter of ledger.#counters.values()) {
      if (!isWhole) counter.next = Math.max(counter.next, counter.reservedTo) + leap
      counter.reservedTo = counter.next
    }
    return ledger
  }

  counter(key: string): Counter {
    const known = this.#counters.get(key)
    if (known !== undefined) return known
    const fresh = { next: 1, reservedTo: 1 }
    this.#counters.set(key, fresh)
    return fresh
  }

  has(key: string, id: string): boolean {
    return this.#taken.get(id)?.key === key
  }

  of(key: string, id: string): number | undefined {
    const taken = this.#taken.get(id)
    if (taken?.key === key) return taken.number
    const counter = this.#counters.get(key)
    return counter === undefined && this.#counters.size >= keysMax
      ? undefined
      : (counter?.next ?? 1)
  }

  take(key: string, id: string): void {
    this.#note(key, this.counter(key).next, id)
  }

  forget(id: string): void {
    this.#taken.delete(id)
  }

  takenLine(key: string, id: string): string {
    return lineOf(['a', key, this.counter(key).next, id])
  }

  reservedLine(key: string, reservedTo: number): string {
    return lineOf(['r', key, reservedTo])
  }

  closedLine(): string {
    return lineOf(['c'])
  }

  /** All of it, for a new file. */
  text(bootId: string): string {
    const lines = [lineOf(['v', version, bootId])]
    for (const [key, { next, reservedTo }] of this.#counters) {
      lines.push(lineOf(['t', key, next]), lineOf(['r', key, reservedTo]))
    }
    for (const [id, { key, number }] of this.#taken) lines.push(lineOf(['a', key, number, id]))
    return lines.join('')
  }

  #read(line: Line): void {
    if (line[0] === 'a') this.#note(line[1], line[2], line[3])
    if (line[0] === 't' || line[0] === 'r') {
      const [kind, key, number] = line
      const counter = this.counter(key)
      if (kind === 't') counter.next = Math.max(counter.next, number)
      else counter.reservedTo = Math.max(counter.reservedTo, number)
    }
  }

  #note(key: string, number: number, id: string): void {
    const counter = this.counter(key)
    counter.next = Math.max(counter.next, number + 1)
    this.#taken.delete(id)
    this.#taken.set(id, { key, number })
    const [oldest] = this.#taken.keys()
    if (this.#taken.size > takenMax && oldest !== undefined) this.#taken.delete(oldest)
  }
}

function parsed(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return isLine(line) ? line : undefined
  } catch {
    return undefined // the tail after a power cut
  }
}

function isLine(line: unknown): line is Line {
  if (!Array.isArray(line)) return false
  const [kind, first, second, third]: unknown[] = line
  switch (kind) {
    case 'v':
      return typeof first === 'number' && typeof second === 'string'
    case 't':
    case 'r':
      return typeof first === 'string' && Number.isSafeInteger(second)
    case 'a':
      return typeof first === 'string' && Number.isSafeInteger(second) && typeof third === 'string'
    default:
      return kind === 'c'
  }
}
