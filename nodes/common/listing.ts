/**
 * A list that is in memory, in the pieces in which every route answers lists. It sorts nothing.
 */

import type { Listed, Page } from './admin-request.js'

/** `keyOf`: what `after` of the next piece names. From the start when there is no such item. */
export function pieceOf<Item>(
  all: readonly Item[],
  { limit, after }: Page,
  keyOf: (item: Item) => string,
): Listed<Item> {
  const from = after === undefined ? 0 : all.findIndex((item) => keyOf(item) === after) + 1
  const items = all.slice(from, from + limit)
  const last = items.at(-1)
  const isMore = last !== undefined && from + limit < all.length
  return { items, next: isMore ? keyOf(last) : null, total: all.length }
}
