/**
 * The counters of one link as their owner writes them, on the hot path. They count from the start
 * of the process and are never reset; what they mean to a person is said elsewhere.
 */

import { type LinkTally, Spans } from '../base/tally.js'
import type { Cause } from './outcome-of.js'

export type { LinkTally } from '../base/tally.js'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** The same record, as its owner sees it. */
export type OwnTally = Writable<Omit<LinkTally, 'ackLatency' | 'disconnectionsBy'>> & {
  readonly ackLatency: Spans
  readonly disconnectionsBy: Partial<Record<Cause, number>>
}

export const newTally = (): OwnTally => ({
  connections: 0,
  reconnections: 0,
  disconnections: 0,
  disconnectionsBy: {},
  published: 0,
  stored: 0,
  failed: 0,
  consecutiveFailures: 0,
  inFlight: 0,
  lastAttemptAt: undefined,
  connectedAt: undefined,
  downSinceAt: undefined,
  ackLatency: new Spans(),
})
