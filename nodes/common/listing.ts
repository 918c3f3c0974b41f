/**
 * A list that is in memory, in the pieces in which every route answers lists. It sorts nothing: the
 * list has an order of its own, in which the next piece is found even when items have gone.
 */

import type { Listed, Page } from './admin-request.js'

/** By id, as most lists are. */
export const byId = {
  keyOf: ({ id }: { readonly id: string }): string => id,
  isAfter: ({ id }: { readonly id: string }, after: string): boolean => id > after,
}

/** `keyOf`: what names an item for `after`, which `isAfter` then understands. */
export function pieceOf<Item>(
  all: readonly Item[],
  { limit, after }: Page,
  {
    keyOf,
    isAfter,
  }: {
    keyOf(item: NoInfer<Item>): string
    isAfter(item: NoInfer<Item>, after: string): boolean
  },
): Listed<Item> {
  const rest = after === undefined ? all : all.filter((item) => isAfter(item, after))
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  const isMore = last !== undefined && rest.length > limit
  return { items, next: isMore ? keyOf(last) : null, total: all.length }
}
