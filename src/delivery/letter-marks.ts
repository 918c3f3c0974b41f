/**
 * What people did to letters without changing them: notes on causes, deletions that can be undone,
 * how far they have looked, a stopped schedule. One small file that is replaced as a whole; letters
 * are named by number, in ranges. It knows no letter.
 */

import { type EpochMs, epochMs } from '../base/units.js'
import { countOf, fieldOf, numberOf, textOf } from '../policy/plain-data.js'
import { rangesOf, runsIn } from '../store/ranges.js'
import type { StateFile } from '../store/state-file.js'
import type { Aside, Entry } from './letter-index.js'

const format = 1
const notesMax = 1000
const noteLengthMax = 1024
/** Higher numbers are no letter's: the file was damaged. */
const numberMax = 2 ** 48

export class LetterMarks {
  /** Letters up to this number were there when a person looked last. */
  seen = 0
  isPaused = false
  readonly notes = new Map<string, string>()
  readonly #file: StateFile
  /** As they were read. */
  #rows: readonly Row[] = []

  private constructor(file: StateFile) {
    this.#file = file
  }

  /** Rejects with DISK_UNWRITABLE; a file without sense counts as none. */
  static async open(file: StateFile): Promise<LetterMarks> {
    const marks = new LetterMarks(file)
    const document = await file.read()
    if (countOf(document, 'format') !== format) return marks
    marks.seen = Math.min(countOf(document, 'seen') ?? 0, numberMax)
    marks.isPaused = fieldOf(document, 'isPaused') === true
    for (const [cause, note] of notesIn(document)) marks.notes.set(cause, note)
    marks.#rows = listIn(document, 'aside').flatMap((row) => rowFrom(row) ?? [])
    return marks
  }

  /** The highest number that the file told of. */
  get lastNumber(): number {
    let last = this.seen
    for (const { numbers } of this.#rows) {
      for (const [digits] of numbers.matchAll(/\d+/g)) {
        if (Number(digits) <= numberMax) last = Math.max(last, Number(digits))
      }
    }
    return last
  }

  /** Tells of the letter of a number how the file told it to be set aside, if it did. */
  asides(): (number: number) => Aside | undefined {
    const runs = this.#rows.flatMap(({ state, at, numbers }) => {
      const aside = { state, at }
      return runsIn(numbers).map(({ first, last }) => ({ first, last, aside }))
    })
    runs.sort((a, b) => a.first - b.first)
    return (number) => {
      let low = 0
      let high = runs.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((runs[middle]?.first ?? 0) <= number) low = middle + 1
        else high = middle
      }
      const run = runs[low - 1]
      return run !== undefined && number <= run.last ? run.aside : undefined
    }
  }

  /** `isInUse` tells whether letters of a cause are there: the notes of others go first. */
  setNote(cause: string, text: string, isInUse: (cause: string) => boolean): void {
    this.notes.delete(cause)
    if (text !== '') this.notes.set(cause, text.slice(0, noteLengthMax))
    if (this.notes.size <= notesMax) return
    const [oldest] = this.notes.keys()
    const unused = [...this.notes.keys()].find((other) => !isInUse(other)) ?? oldest
    if (unused !== undefined) this.notes.delete(unused)
  }

  /** Resolves when this is durable. Rejects with DISK_FULL or DISK_UNWRITABLE. */
  write(aside: Iterable<Entry>): Promise<void> {
    const { seen, isPaused } = this
    const notes = [...this.notes]
    return this.#file.write({ format, seen, isPaused, notes, aside: rowsOf(aside) })
  }
}

interface Row {
  readonly state: Aside['state']
  readonly at: EpochMs
  readonly numbers: string
}

function rowsOf(entries: Iterable<Entry>): Row[] {
  // Those that were set aside together share the note of it.
  const byAct = new Map<Aside, number[]>()
  for (const { aside, number } of entries) {
    if (aside === undefined) continue
    const numbers = byAct.get(aside)
    if (numbers === undefined) byAct.set(aside, [number])
    else numbers.push(number)
  }
  return [...byAct].map(([{ state, at }, numbers]) => {
    return { state, at, numbers: rangesOf(numbers.sort((a, b) => a - b)) }
  })
}

function rowFrom(row: unknown): Row | undefined {
  const state = fieldOf(row, 'state')
  const [at, numbers] = [numberOf(row, 'at'), textOf(row, 'numbers')]
  if ((state !== 'deleted' && state !== 'resolved') || at === undefined) return undefined
  return { state, at: epochMs(at), numbers: numbers ?? '' }
}

function notesIn(document: unknown): [string, string][] {
  return listIn(document, 'notes').flatMap((pair): [string, string][] => {
    const [cause, note]: unknown[] = Array.isArray(pair) ? pair : []
    return typeof cause === 'string' && typeof note === 'string' ? [[cause, note]] : []
  })
}

function listIn(from: unknown, name: string): unknown[] {
  const list = fieldOf(from, name)
  return Array.isArray(list) ? list : []
}
