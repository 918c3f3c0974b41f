/**
 * Plain counters of one link, written on the hot path and read only when somebody asks. They count
 * from the start of the process and are never reset; announcements are not among them. What they
 * mean to a person is said elsewhere.
 */

import type { EpochMs, Ms } from '../base/units.js'
import type { Cause } from './outcome-of.js'

/** Upper bounds of the buckets of acknowledgement times, in ms; longer ones are in `count` only. */
export const latencyBounds = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

export interface LatencyTally {
  readonly count: number
  readonly sumMs: number
  /** How many took at most the bound of the same index and longer than the one before. */
  readonly buckets: readonly number[]
}

export interface LinkTally {
  /** Connections made; of these, those after the first; connections that ended unasked. */
  readonly connections: number
  readonly reconnections: number
  readonly disconnections: number
  /** These by what ended them; what never happened is absent. */
  readonly disconnectionsBy: Readonly<Partial<Record<Cause, number>>>
  /** Confirmed by the broker; for QoS 0, taken by the socket. */
  readonly published: number
  /** Accepted by the nodes that use this link, and on disk. */
  readonly stored: number
  /** Refused for good, by the broker or by this link in the broker's name. */
  readonly failed: number
  /** Failed attempts and lost connections since one last held for a while. */
  readonly consecutiveFailures: number
  /** Sent and not yet settled. */
  readonly inFlight: number
  readonly lastAttemptAt: EpochMs | undefined
  /** When the present connection was made; undefined while there is none. */
  readonly connectedAt: EpochMs | undefined
  /** Since when there is no connection; undefined while there is one, or none is wanted. */
  readonly downSinceAt: EpochMs | undefined
  /** From sending to acknowledgement, QoS 1 and 2 only. */
  readonly ackLatency: LatencyTally
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

export class Latencies implements LatencyTally {
  count = 0
  sumMs = 0
  readonly buckets: number[] = latencyBounds.map(() => 0)

  add(span: Ms): void {
    this.count += 1
    this.sumMs += span
    const bucket = latencyBounds.findIndex((bound) => span <= bound)
    const before = this.buckets[bucket]
    if (before !== undefined) this.buckets[bucket] = before + 1
  }
}

/** The same record, as its owner sees it. */
export type OwnTally = Writable<Omit<LinkTally, 'ackLatency' | 'disconnectionsBy'>> & {
  readonly ackLatency: Latencies
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
  ackLatency: new Latencies(),
})
