/**
 * Which dead letters are meant: single ones, or all that pass a filter. A text that a person types
 * is looked for as it stands, never as a pattern, so that no filter can run long.
 */

import type { DropReason } from '../base/event.js'
import { fieldOf, textOf } from './plain-data.js'

/** What is absent lets every letter pass; `{}` is all of them. */
export interface LetterFilter {
  readonly cause?: string
  readonly reason?: DropReason
  readonly state?: 'waiting' | 'given-up'
  /** Anywhere in what a list shows of a letter; capitals do not matter. */
  readonly text?: string
}

export type Selection = { readonly ids: readonly string[] } | { readonly filter: LetterFilter }

/** A letter as far as it can be selected. */
export interface Selectable {
  readonly id: string
  readonly cause: string
  readonly reason: DropReason
  readonly isGivenUp: boolean
  readonly isPoison: boolean
  /** What a list shows of it, in lower case: names and codes, and how it failed. */
  readonly words: string
  readonly text: string
}

/** Who redrives: the schedule takes what waits, poison included; a person what is not poison. */
export type RedriveBy = 'schedule' | 'person'

/** Tells whether a letter passes. */
export function passerOf({ cause, reason, state, text }: LetterFilter) {
  const sought = text?.toLowerCase() ?? ''
  return (letter: Selectable): boolean =>
    (cause === undefined || letter.cause === cause) &&
    (reason === undefined || letter.reason === reason) &&
    (state === undefined || letter.isGivenUp === (state === 'given-up')) &&
    (sought === '' ||
      letter.text.includes(sought) ||
      letter.words.includes(sought) ||
      letter.id.includes(sought))
}

/** What a redrive takes of the letters. Whoever names a letter gets it, whatever state it is in. */
export function selectorOf(selection: Selection, by: RedriveBy) {
  if ('ids' in selection) {
    const ids = new Set(selection.ids)
    return (letter: Selectable): boolean => ids.has(letter.id)
  }
  const isMeant = passerOf(selection.filter)
  if (by === 'schedule') return isMeant
  return (letter: Selectable): boolean => !letter.isPoison && isMeant(letter)
}

/** What was written down by `JSON.stringify`; undefined for anything else. */
export function selectionFrom(from: unknown): Selection | undefined {
  const ids = fieldOf(from, 'ids')
  if (Array.isArray(ids)) {
    return ids.every((id) => typeof id === 'string') ? { ids } : undefined
  }
  const filter = fieldOf(from, 'filter')
  if (typeof filter !== 'object' || filter === null) return undefined
  const [cause, text, state] = ['cause', 'text', 'state'].map((name) => textOf(filter, name))
  const reason = textOf(filter, 'reason') as DropReason | undefined
  return {
    filter: {
      ...(cause === undefined ? {} : { cause }),
      ...(reason === undefined ? {} : { reason }),
      ...(text === undefined ? {} : { text }),
      ...(state === 'waiting' || state === 'given-up' ? { state } : {}),
    },
  }
}
