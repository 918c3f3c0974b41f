/**
 * What a person takes out of a queue by hand: the oldest, those of a key, single ones, or all.
 * Leased messages stay until they are settled.
 */

import { laneOf } from './lane.js'
import type { StoredRecord } from './tail.js'
import type { Choice } from './trimming.js'

export type Which =
  | { readonly count: number }
  | { readonly key: string; readonly isForGood?: boolean }
  /** Ids of messages. */
  | { readonly ids: readonly string[] }
  /** For good: nothing is handed over before. */
  | 'everything'

export function choiceOf(which: Which, keyOf: (record: StoredRecord) => string): Choice {
  const any = { wanted: () => true, isMeant: () => true, atMost: Number.POSITIVE_INFINITY }
  if (which === 'everything') return { ...any, isHandedOver: false }
  const choice = { ...any, isHandedOver: true }
  if ('count' in which) return { ...choice, atMost: which.count }
  if ('ids' in which) {
    const ids = new Set(which.ids)
    return { ...choice, isMeant: ({ id }) => ids.has(id), atMost: ids.size }
  }
  const lane = laneOf(which.key)
  const isMeant = (record: StoredRecord) => keyOf(record) === which.key
  const isHandedOver = which.isForGood !== true
  return { ...choice, isHandedOver, wanted: (other) => other === lane, isMeant }
}
