/**
 * What is known in memory of every letter: enough to list, group, filter and count them, and where
 * each lies in the journal. About 400 bytes a letter, whatever its message; it reads nothing.
 * Looking through all of them is done in slices, so that 100,000 letters never hold up the loop.
 */

import type { DropReason } from '../base/event.js'
import type { Clock } from '../base/ports.js'
import type { Bytes, EpochMs, Sequence } from '../base/units.js'
import { isPoison } from '../policy/letter-fate.js'
import type { Selectable } from '../policy/letter-selection.js'
import type { LetterFailure, LetterState } from './letter.js'
import type { Kept } from './letter-record.js'

/** Set aside by a person, and when. */
export type Aside = { readonly state: 'deleted' | 'resolved'; readonly at: EpochMs }

export interface Entry extends Selectable {
  readonly number: number
  readonly storedAt: EpochMs
  sequence: Sequence
  bytes: Bytes
  cause: string
  reason: DropReason
  firstAt: EpochMs
  lastAt: EpochMs
  redrives: number
  isGivenUp: boolean
  isPoison: boolean
  words: string
  text: string
  /** Id of the node that it can go back to; '' when none is known. */
  source: string
  job: string | undefined
  aside: Aside | undefined
  /** A redrive has it. */
  isOut: boolean
  isGone: boolean
}

/** Where it lies in the journal. */
export interface Place {
  readonly sequence: Sequence
  readonly bytes: Bytes
}

export interface Counts {
  waiting: number
  givenUp: number
  poison: number
  deleted: number
  resolved: number
}

const slice = 2000
/** What can be searched of the text of a failure. */
const textLengthMax = 160
const sharedMax = 10_000

export class LetterIndex {
  readonly counts: Counts = { waiting: 0, givenUp: 0, poison: 0, deleted: 0, resolved: 0 }
  /** Deleted or replaced by an edited copy, in no order. */
  readonly aside = new Set<Entry>()
  /** Waiting or given up, and numbered above `seen`. */
  fresh = 0
  readonly #clock: Clock
  readonly #byId = new Map<string, Entry>()
  /** By number; those that are gone are taken out now and then. */
  #order: Entry[] = []
  #goneCount = 0
  /** Nothing before it is there any more. */
  #head = 0
  #seen = 0
  readonly #causes = new Map<string, number>()
  /** One copy of each text that many letters share. */
  readonly #shared = new Map<string, string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#byId.size
  }

  /** Different causes of letters that wait or were given up. */
  get causes(): number {
    return this.#causes.size
  }

  /** But for those that are out. */
  get oldest(): Entry | undefined {
    while (this.#order[this.#head]?.isGone === true) this.#head++
    for (let at = this.#head; at < this.#order.length; at++) {
      const entry = this.#order[at]
      if (entry !== undefined && !entry.isGone && !entry.isOut) return entry
    }
    return undefined
  }

  /** A person has looked at the letters up to this number. */
  get seen(): number {
    return this.#seen
  }

  /** To be set before there are letters, or to the last number. */
  set seen(number: number) {
    this.#seen = number
    this.fresh = 0
  }

  get lastNumber(): number {
    return this.#order.at(-1)?.number ?? 0
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  hasCause(cause: string): boolean {
    return this.#causes.has(cause)
  }

  add(kept: Kept, { sequence, bytes }: Place): Entry {
    const entry = this.#entryOf(kept, sequence, bytes)
    const { number } = entry
    this.#byId.set(entry.id, entry)
    if (number >= this.lastNumber) this.#order.push(entry)
    else {
      const at = this.#position(number)
      this.#order.splice(at, 0, entry)
      this.#head = Math.min(this.#head, at)
    }
    this.#count(entry, 1)
    return entry
  }

  /** The same letter with another story, in another place. */
  retell(entry: Entry, kept: Kept, { sequence, bytes }: Place): void {
    this.#count(entry, -1)
    const { id, number, storedAt, aside, isOut, isGone } = entry
    const fixed = { id, number, storedAt, aside, isOut, isGone }
    Object.assign(entry, this.#entryOf(kept, sequence, bytes), fixed)
    this.#count(entry, 1)
  }

  setAside(entry: Entry, aside: Aside | undefined): void {
    this.#count(entry, -1)
    entry.aside = aside
    this.#count(entry, 1)
  }

  /** `setAside` of all that are there and still meant when their turn comes; and what they were. */
  async setAsideAll(
    entries: Iterable<Entry>,
    isMeant: (entry: Entry) => boolean,
    asideOf: (entry: Entry) => Aside | undefined,
  ): Promise<Map<Entry, Aside | undefined>> {
    const before = new Map<Entry, Aside | undefined>()
    for (const entry of entries) {
      if (entry.isGone || !isMeant(entry)) continue
      before.set(entry, entry.aside)
      this.setAside(entry, asideOf(entry))
      if (before.size % slice === 0) await this.#turn()
    }
    return before
  }

  remove(entry: Entry): void {
    if (entry.isGone) return
    this.#count(entry, -1)
    entry.isGone = true
    this.#byId.delete(entry.id)
    this.#goneCount++
    if (this.#goneCount > slice && this.#goneCount * 4 > this.#order.length) this.#tidy()
  }

  /** Shows every letter, the newest first, until `visit` answers false. */
  async descend(visit: (entry: Entry) => boolean, below = Number.POSITIVE_INFINITY): Promise<void> {
    for (let next = below; ; ) {
      let at = this.#position(next) - 1
      for (const end = at - slice; at >= 0 && at > end; at--) {
        const entry = this.#order[at]
        if (entry !== undefined && !entry.isGone && !visit(entry)) return
      }
      if (at < 0) return
      next = (this.#order[at]?.number ?? 0) + 1
      await this.#turn()
    }
  }

  /** Those that pass, the oldest first. */
  async matching(isMeant: (entry: Entry) => boolean): Promise<Entry[]> {
    const found: Entry[] = []
    await this.descend((entry) => {
      if (isMeant(entry)) found.push(entry)
      return true
    })
    return found.reverse()
  }

  /** Field by field: an opening makes one of every letter, and a spread takes ten times as long. */
  #entryOf(kept: Kept, sequence: Sequence, bytes: Bytes): Entry {
    const last = kept.failures.at(-1)
    return {
      id: kept.id,
      number: kept.number,
      storedAt: kept.storedAt,
      sequence,
      bytes,
      cause: this.#one(kept.cause),
      reason: this.#one(kept.reason),
      firstAt: kept.firstAt,
      lastAt: kept.lastAt,
      redrives: kept.redrives,
      isGivenUp: kept.isGivenUp,
      isPoison: isPoison(kept),
      words: this.#one(wordsOf(kept, last)),
      text: shortened(last?.text ?? '').toLowerCase(),
      source: this.#one(kept.source),
      job: kept.job === undefined ? undefined : this.#one(kept.job),
      aside: undefined,
      isOut: false,
      isGone: false,
    }
  }

  #one<Text extends string>(text: Text): Text {
    const known = this.#shared.get(text)
    if (known !== undefined) return known as Text
    if (this.#shared.size >= sharedMax) this.#shared.clear()
    this.#shared.set(text, text)
    return text
  }

  /** Index of the first entry with this number or a higher one. */
  #position(number: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#order[middle]?.number ?? 0) < number) low = middle + 1
      else high = middle
    }
    return low
  }

  #count(entry: Entry, by: 1 | -1): void {
    const state = stateOf(entry)
    if (state === 'given-up') this.counts.givenUp += by
    else this.counts[state] += by
    if (state === 'deleted' || state === 'resolved') {
      if (by === 1) this.aside.add(entry)
      else this.aside.delete(entry)
      return
    }
    if (entry.isPoison) this.counts.poison += by
    if (entry.number > this.#seen) this.fresh += by
    const ofCause = (this.#causes.get(entry.cause) ?? 0) + by
    if (ofCause > 0) this.#causes.set(entry.cause, ofCause)
    else this.#causes.delete(entry.cause)
  }

  #tidy(): void {
    this.#order = this.#order.filter(({ isGone }) => !isGone)
    this.#goneCount = 0
    this.#head = 0
  }

  #turn(): Promise<void> {
    return new Promise((go) => this.#clock.soon(go))
  }
}

function wordsOf({ reason, flow, topic }: Kept, last: LetterFailure | undefined): string {
  const { code = '', node } = last ?? {}
  return `${reason} ${code} ${node?.name ?? ''} ${node?.type ?? ''} ${flow} ${topic}`.toLowerCase()
}

/** A copy of its own: a part of a text keeps all of it in memory. */
function shortened(text: string): string {
  if (text.length <= textLengthMax) return text
  const half = textLengthMax / 2
  return [text.slice(0, half), text.slice(half, textLengthMax)].join('')
}

export function stateOf({ aside, isGivenUp }: Pick<Entry, 'aside' | 'isGivenUp'>): LetterState {
  return aside?.state ?? (isGivenUp ? 'given-up' : 'waiting')
}
