/** What the directories in `v1/` hold, as it was handed to the journal that wrote them. */

import type { Outcome } from '../../src/store/payloads.js'

export const messagesOfV1: readonly unknown[] = Array.from({ length: 24 }, (_, n) => {
  if (n % 4 === 1) return { n, payload: Buffer.from([n, 0, 10, 255]) }
  if (n % 4 === 2)
    return { n, at: new Date(1_764_000_000_000 + n), big: 2n ** 70n, none: undefined }
  return { n, topic: `line/${n}`, payload: `Grüße ${'x'.repeat(n * 9)}` }
})

export const settledOfV1: ReadonlyMap<number, Outcome> = new Map([
  [0, 'delivered'],
  [1, 'delivered'],
  [2, 'expired'],
  [5, 'delivered'],
  [9, 'dead-lettered'],
  [23, 'refused'],
])

/** What was stored for `compacted` and `adopted`. */
export const movedMessagesOfV1 = [...messagesOfV1, ...messagesOfV1, ...messagesOfV1]

/** What waits in `compacted` and `adopted`; everything else was delivered. */
export const staysInV1 = (sequence: number): boolean => sequence % 8 === 3

/** One more was dropped without being kept. */
export const totalsOfV1 = {
  accepted: 25,
  delivered: 3,
  expired: 1,
  'dead-lettered': 1,
  refused: 1,
  overflow: 1,
}
