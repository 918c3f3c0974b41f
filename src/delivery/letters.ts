/**
 * Dead letters on disk: what this resolved for survives a crash and a power cut until it is resolved,
 * ages out, or a person clears it. Lists, groups and filters are answered from an index in memory;
 * messages stay on disk. It sends nothing and decides no fate.
 */

import type { DropReason } from '../base/event.js'
import type { Ms } from '../base/units.js'
import type { RedriveAttempts } from '../policy/letter-fate.js'
import type { LetterFilter } from '../policy/letter-selection.js'
import type { Limits } from '../store/limits.js'
import type { JournalSettings } from '../store/settings.js'
import type {
  Arrival,
  Arrived,
  Letter,
  LetterGroup,
  LetterStats,
  Listed,
  Original,
  Story,
} from './letter.js'

export interface LettersSettings extends JournalSettings {
  /** `overflow` is `drop-oldest`: the oldest letters always go first. */
  readonly limits: Limits
  /** Deleted and replaced letters can be restored for so long; 0: not at all. */
  readonly keepDeletedMs: Ms
  /** Redrives that may fail before a letter is given up. */
  readonly attempts: RedriveAttempts
}

/** Which part of a list; the newest letter comes first. */
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

/** Counted since the directory was made: accepted = delivered + deadLettered + dropped + stored. */
export interface LetterTotals {
  readonly accepted: number
  /** Resolved. */
  readonly delivered: number
  /** Handed over to another dead letter node. */
  readonly deadLettered: number
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
  /** Letters in any state. */
  readonly stored: number
}

/** What became of the lines of an import. */
export interface Imported {
  readonly imported: number
  /** Letters that are here already, under the same id. */
  readonly known: number
  /** Lines that cannot be read; the first ten by number, from 1. */
  readonly wrong: number
  readonly wrongLines: readonly number[]
}

/** How a letter failed again; what is absent stays as it is. */
export type LetterUpdate = Pick<
  Story,
  'reason' | 'cause' | 'redrives' | 'permanents' | 'isGivenUp' | 'job'
>

export interface Letters {
  readonly stats: LetterStats
  readonly totals: LetterTotals
  /** Whether a person has stopped the schedule; survives restarts. */
  readonly isPaused: boolean

  /**
   * Keeps a failed message; resolves when it is as safe as the durability setting says. Whether it
   * is new, was handed in before, or is a redriven letter that came back, is found by its ids.
   * Rejects with PAYLOAD_TOO_LARGE, DISK_FULL, DISK_STALLED, DISK_UNWRITABLE or INTERRUPTED.
   */
  accept(arrival: Arrival): Promise<Arrived>

  /** One letter with its message; undefined when there is none of that id. */
  read(id: string): Promise<Letter | undefined>
  /** The newest letters with their messages, of one cause or of all: 100 at most, and 256 KB. */
  peek(count: number, filter: LetterFilter): Promise<Letter[]>
  list(filter: LetterFilter & { readonly isDeleted?: boolean }, page: Page): Promise<PageOf<Listed>>
  /** The group with the newest failure first. */
  groups(page: Page): Promise<PageOf<LetterGroup>>

  /**
   * Keeps a changed copy as a new letter with a link to the first, which counts as resolved.
   * Resolves with the new id. Rejects with LETTER_GONE, or as `accept`.
   */
  edit(id: string, original: Original): Promise<string>
  /** Deletes letters so that they can be restored for a while; resolves with how many there were. */
  delete(ids: readonly string[]): Promise<number>
  /** The same for all that pass a filter; the oldest first, `atMost` of them. */
  clear(filter: LetterFilter, atMost?: number): Promise<number>
  /** Undoes `delete` and `clear` as long as that is possible; resolves with how many there were. */
  restore(ids: readonly string[]): Promise<number>
  /** Drops all letters for good, deleted ones included. */
  purge(): Promise<number>
  /** Writes what a person has to say about a cause, 1,024 characters at most; '' removes it. */
  note(cause: string, text: string): Promise<void>
  /** A person has looked at the causes: nothing is fresh any more. */
  seen(): Promise<void>
  pause(isPaused: boolean): Promise<void>

  /** The letters that pass, oldest first, one JSON line each, with its line feed. */
  export(filter: LetterFilter): AsyncIterable<Uint8Array>
  /**
   * Takes up letters that `export` wrote, from chunks of any size. Stops at 100 MB, and at the first
   * letter that cannot be stored: rejects as `accept`; the letters before it are kept.
   */
  import(chunks: AsyncIterable<Uint8Array>): Promise<Imported>

  /** Writes what is under way and lets go of the directory. */
  close(): Promise<void>
}
