/**
 * Tallies: plain counters and gauges that each object keeps on the hot path and that are read only
 * when somebody asks. Metrics, the sidebar, the status document and the statistics in the log are
 * all derived from these. They hold figures, never a payload, a topic or a key.
 */

import type { DropReason } from './event.js'
import type { Bytes, EpochMs, Ms } from './units.js'

/** Upper bounds of the buckets of spans, in ms; longer ones are in `count` only. */
export const spanBounds = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

/** How long something took, each time since the process began. */
export interface SpanTally {
  readonly count: number
  readonly sumMs: number
  /** How many took at most the bound of the same index and longer than the one before. */
  readonly buckets: readonly number[]
}

/** Where spans are counted. */
export class Spans implements SpanTally {
  count = 0
  sumMs = 0
  readonly buckets: number[] = spanBounds.map(() => 0)

  add(span: Ms): void {
    this.count += 1
    this.sumMs += span
    const bucket = spanBounds.findIndex((bound) => span <= bound)
    const before = this.buckets[bucket]
    if (before !== undefined) this.buckets[bucket] = before + 1
  }
}

/**
 * The balance of a node that keeps messages: accepted = delivered + waiting + dead-lettered +
 * dropped. It rests on totals in the journal, and holds across restarts.
 */
export interface Balance {
  readonly accepted: number
  readonly delivered: number
  readonly waiting: number
  readonly deadLettered: number
  /** What never happened is absent. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
}

/** The same since the process began, as counters are told: without what is still there. */
export type Flow = Omit<Balance, 'waiting'>

/** What waits in a queue, and what became of the rest. */
export interface QueueTally {
  readonly waiting: number
  readonly bytes: Bytes
  /** Out and not settled. */
  readonly inFlight: number
  readonly isPaused: boolean
  /** A limit keeps messages out, or pushes old ones out. */
  readonly isFull: boolean
  /** Of the nearest limit, 0 to 1. */
  readonly limitRatio: number
  /** Delivered, averaged over the last seconds. */
  readonly perSecond: number
  /** At this pace; undefined while it does not fill, or is all but empty, or does not empty. */
  readonly fullInMs: Ms | undefined
  readonly emptyInMs: Ms | undefined
  /** Released or sent again, since the process began. */
  readonly redelivered: number
  readonly balance: Balance
  readonly counted: Flow
  readonly store: StoreTally
}

/** The journal below a queue or a dlq. */
export interface StoreTally {
  readonly directory: string
  /** Each fdatasync. */
  readonly syncs: SpanTally
  /** As last looked; undefined before that. */
  readonly freeBytes: Bytes | undefined
  /** Files set aside because they could not be read. */
  readonly quarantined: number
}

/** Plain counters of one link, as all nodes that use it share it. Announcements do not count. */
export interface LinkTally {
  /** Connections made; of these, those after the first; connections that ended unasked. */
  readonly connections: number
  readonly reconnections: number
  readonly disconnections: number
  /** These by what ended them; what never happened is absent. */
  readonly disconnectionsBy: Readonly<Partial<Record<string, number>>>
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
  readonly ackLatency: SpanTally
}

/** The link of one node that publishes, and the word for how it is. */
export interface ConnectionTally extends LinkTally {
  /** Node id of the broker, and what it is called: several nodes may share one link. */
  readonly broker: string
  readonly brokerName: string
  /** `disconnected`, `connecting`, `connected`, `failed`. */
  readonly state: string
  readonly server: string
}

/** States that one node's breakers can be in. */
export type BreakerWord = 'closed' | 'open' | 'half-open' | 'isolated' | 'disabled'

export interface BreakerTally {
  /** How many of this node's breakers are in each state; shadow counts as what it would be. */
  readonly states: Readonly<Record<BreakerWord, number>>
  /** How many only watch. */
  readonly shadow: number
  /** By outcome: `ok`, `failed`, `timeout`, `interrupted`, `unsure`, `ignored`, `slow`. */
  readonly calls: Readonly<Partial<Record<string, number>>>
  readonly refused: number
  /** By `from` and `to`, as `closed>open`. */
  readonly transitions: Readonly<Partial<Record<string, number>>>
  readonly callTime: SpanTally
}

export interface RetryTally {
  /** On their way, waiting ones included. */
  readonly trying: number
  readonly waiting: number
  /** By outcome. */
  readonly attempts: Readonly<Partial<Record<string, number>>>
  /** By reason. */
  readonly gaveUp: Readonly<Partial<Record<string, number>>>
}

export interface BulkheadTally {
  readonly inFlight: number
  readonly waiting: number
  readonly limit: number
  readonly admitted: number
  /** By reason. */
  readonly refused: Readonly<Partial<Record<string, number>>>
  readonly waitTime: SpanTally
}

export interface LettersTally {
  /** Kept and not resolved, those given up included. */
  readonly waiting: number
  readonly bytes: Bytes
  readonly causes: number
  /** Arrived since a person looked. */
  readonly fresh: number
  readonly isNearlyFull: boolean
  readonly isPaused: boolean
  /** Arrived since the process began, by reason. */
  readonly arrived: Readonly<Partial<Record<string, number>>>
  /** Sent round since the process began, by outcome. */
  readonly redriven: Readonly<Partial<Record<string, number>>>
  readonly balance: Balance
  readonly counted: Flow
  readonly store: StoreTally
}

export type HealthWord = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

export interface CheckTally {
  readonly label: string
  readonly status: HealthWord
  /** By outcome: `ok`, `slow`, `failed`. */
  readonly checks: Readonly<Partial<Record<string, number>>>
  readonly checkTime: SpanTally
}

export interface HealthTally {
  readonly status: HealthWord
  readonly isPaused: boolean
  readonly checks: readonly CheckTally[]
}

/** All that one node counts, by concern; what it does not do is absent. */
export interface Tally {
  readonly queue?: QueueTally
  readonly link?: ConnectionTally
  readonly breaker?: BreakerTally
  readonly retry?: RetryTally
  readonly bulkhead?: BulkheadTally
  readonly letters?: LettersTally
  readonly health?: HealthTally
  /** How work that it followed has ended, and after how long, by outcome. */
  readonly outcomes?: Readonly<Partial<Record<string, SpanTally>>>
}
