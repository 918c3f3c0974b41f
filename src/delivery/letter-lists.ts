/**
 * Letters as people look at them: pages of a list, the newest first, and groups by cause. What is
 * looked through is the index; of the disk only the letters of one page are read.
 */

import type { EpochMs } from '../base/units.js'
import { type LetterFilter, passerOf } from '../policy/letter-selection.js'
import type { Letter, LetterGroup, LetterState, Listed } from './letter.js'
import { type Entry, stateOf } from './letter-index.js'
import type { LetterJournal } from './letter-journal.js'
import type { Kept } from './letter-record.js'

/** Which part of a list. */
export interface Page {
  /** 1 to 500. */
  readonly limit: number
  /** `next` of the page before. */
  readonly after?: string
}

export interface PageOf<Item> {
  readonly items: readonly Item[]
  /** Undefined when there is no further item. */
  readonly next: string | undefined
  /** All that pass the filter. */
  readonly total: number
}

/** A filter for lists; letters that were deleted or replaced are shown only when asked for. */
export type ListFilter = LetterFilter & { readonly aside?: 'deleted' | 'resolved' }

const limitMax = 500
const peekMax = 100
const peekBytesMax = 256 << 10

export class LetterLists {
  readonly #letters: LetterJournal
  readonly #noteOf: (cause: string) => string

  constructor(letters: LetterJournal, noteOf: (cause: string) => string) {
    this.#letters = letters
    this.#noteOf = noteOf
  }

  async list(filter: ListFilter, { limit, after }: Page): Promise<PageOf<Listed>> {
    const below = after === undefined ? Number.POSITIVE_INFINITY : Number(after)
    const found: Entry[] = []
    let total = 0
    await this.#letters.index.descend(
      counting(filter, (entry) => {
        total++
        if (entry.number < below && found.length <= clamped(limit)) found.push(entry)
      }),
    )
    const hasMore = found.length > clamped(limit)
    const shown = hasMore ? found.slice(0, -1) : found
    const items: Listed[] = []
    for (const entry of shown) {
      const letter = await this.letter(entry)
      if (letter !== undefined) items.push(listed(letter))
    }
    return { items, next: hasMore ? String(shown.at(-1)?.number) : undefined, total }
  }

  /** With their messages: 100 at most, and 256 KB or one. */
  async peek(count: number, filter: LetterFilter): Promise<Letter[]> {
    const atMost = Math.min(count, peekMax)
    const found: Entry[] = []
    await this.#letters.index.descend((entry) => {
      if (found.length < atMost) counting(filter, (one) => found.push(one))(entry)
      return found.length < atMost
    })
    const letters: Letter[] = []
    let bytes = 0
    for (const entry of found) {
      bytes += entry.bytes
      if (bytes > peekBytesMax && letters.length > 0) break
      const letter = await this.letter(entry)
      if (letter !== undefined) letters.push(letter)
    }
    return letters
  }

  /** The one with the newest failure first; `after` is how many come before the page. */
  async groups({ limit, after }: Page): Promise<PageOf<LetterGroup>> {
    const groups = [...(await this.#tallied()).values()].sort((a, b) => b.lastAt - a.lastAt)
    const from = Number(after ?? 0) || 0
    const to = from + clamped(limit)
    const items: LetterGroup[] = []
    for (const { example, ...group } of groups.slice(from, to)) {
      const letter = await this.letter(example)
      const failure = letter?.failures.at(-1)
      const note = this.#noteOf(group.cause)
      items.push({ ...group, note, example: { id: example.id, failure } })
    }
    return { items, next: to < groups.length ? String(to) : undefined, total: groups.length }
  }

  /** Undefined when it is gone meanwhile. */
  async letter(entry: Entry): Promise<Letter | undefined> {
    const kept = await this.#letters.read(entry)
    return kept === undefined ? undefined : letterOf(kept, entry)
  }

  async #tallied(): Promise<Map<string, Tallied>> {
    const groups = new Map<string, Tallied>()
    await this.#letters.index.descend(counting({}, (entry) => tally(groups, entry)))
    return groups
  }
}

export function letterOf(kept: Kept, entry: Entry): Letter {
  const state: LetterState = stateOf(entry)
  return { ...kept, state, isPoison: entry.isPoison }
}

function listed({ original: _original, ...rest }: Letter): Listed {
  return rest
}

interface Tallied {
  readonly cause: string
  count: number
  givenUp: number
  poison: number
  firstAt: EpochMs
  lastAt: EpochMs
  example: Entry
}

function tally(groups: Map<string, Tallied>, entry: Entry): void {
  const { cause, firstAt, lastAt } = entry
  const known = groups.get(cause)
  const group = known ?? {
    ...{ cause, count: 0, givenUp: 0, poison: 0, firstAt, lastAt, example: entry },
  }
  if (known === undefined) groups.set(cause, group)
  group.count++
  if (entry.isGivenUp) group.givenUp++
  if (entry.isPoison) group.poison++
  if (firstAt < group.firstAt) group.firstAt = firstAt
  if (lastAt > group.lastAt) {
    group.lastAt = lastAt
    group.example = entry
  }
}

/** Goes on to the end, and shows those that pass. */
function counting({ aside, ...filter }: ListFilter, visit: (entry: Entry) => void) {
  const isMeant = passerOf(filter)
  return (entry: Entry): boolean => {
    if (entry.aside?.state === aside && isMeant(entry)) visit(entry)
    return true
  }
}

const clamped = (limit: number): number => Math.max(1, Math.min(limit, limitMax))
