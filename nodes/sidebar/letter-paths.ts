/**
 * What the page of dead letters asks for: addresses below `/resilience`, and the piece of a list
 * that is worth asking for. It imports types only, so that the browser gets this very file.
 */

import type { Line } from './letter-shapes.js'

/** What a person narrows the letters down to. */
export interface Filter {
  /** A plain piece of text; '' for any. */
  readonly text: string
  readonly isGivenUp: boolean
  /** Deleted ones, instead of those that are there. */
  readonly isDeleted: boolean
}

export const unfiltered: Filter = { text: '', isGivenUp: false, isDeleted: false }

/** Letters are shown as one list instead of by cause. */
export const isFiltered = ({ text, isGivenUp, isDeleted }: Filter): boolean =>
  text !== '' || isGivenUp || isDeleted

/** What stands for all letters that pass a filter where else the fingerprint of a cause stands. */
export const matching = ''

export const piece = 50
/** No list on the page is longer; a filter finds the others. */
export const linesMax = 500
/** The gateway takes so many ids in one order. */
export const idsMax = 10_000

export const deskPath = (node: string): string => `dlq/${encodeURIComponent(node)}`

export function groupsPath(node: string, limit: number): string {
  return `${deskPath(node)}/groups?limit=${limit}`
}

export function letterPath(node: string, id: string): string {
  return `${deskPath(node)}/letters/${encodeURIComponent(id)}`
}

export function notePath(node: string, cause: string): string {
  return `${deskPath(node)}/groups/${encodeURIComponent(cause)}/note`
}

/** `cause` may be `matching`; deleted letters are listed without regard to the rest. */
export function listPath(
  node: string,
  {
    cause,
    filter,
    limit,
    after,
  }: {
    readonly cause: string
    readonly filter: Filter
    readonly limit: number
    readonly after?: string | null
  },
): string {
  const query = new URLSearchParams(queryOf(cause, filter))
  query.set('limit', String(limit))
  if (after) query.set('after', after)
  return `${deskPath(node)}/letters?${query}`
}

export function exportPath(node: string, cause: string, filter: Filter): string {
  const query = new URLSearchParams(queryOf(cause, { ...filter, isDeleted: false })).toString()
  return `${deskPath(node)}/export${query === '' ? '' : `?${query}`}`
}

function queryOf(cause: string, { text, isGivenUp, isDeleted }: Filter): Record<string, string> {
  return {
    ...(cause === matching ? {} : { cause }),
    ...(text === '' ? {} : { text }),
    ...(isGivenUp ? { state: 'given-up' } : {}),
    ...(isDeleted ? { aside: 'deleted' } : {}),
  }
}

/** As `filter` of a redrive. */
export function filterOf({ text, isGivenUp }: Filter): object {
  return { ...(text === '' ? {} : { text }), ...(isGivenUp ? { state: 'given-up' } : {}) }
}

/**
 * A list that was read again; what a person is writing in stays where it was, even when the gateway
 * has it no more.
 */
export function kept<Item>(
  before: readonly Item[],
  now: readonly Item[],
  { keyOf, isBusy }: { keyOf(item: Item): string; isBusy(item: Item): boolean },
): readonly Item[] {
  const keys = new Set(now.map(keyOf))
  const all = [...now]
  before.forEach((item, at) => {
    if (!keys.has(keyOf(item)) && isBusy(item)) all.splice(at, 0, item)
  })
  return all
}

/** What of an exported line says whether it was chosen. */
export function exportedFrom(line: string): Pick<Line, 'id' | 'cause'> | undefined {
  if (line === '') return undefined
  const { id, cause }: Partial<Line> = JSON.parse(line)
  return id === undefined || cause === undefined ? undefined : { id, cause }
}
