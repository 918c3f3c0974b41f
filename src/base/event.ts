/**
 * Events: rare facts worth telling a person. Log lines, statuses and, later, the timeline are all
 * derived from these; nothing else in the engine writes a line of text. Things that happen often
 * are counted in tallies instead, and summed into at most one event a second per reason.
 */

import type { Failure } from './fault.js'
import type { Bytes, EpochMs, Ms } from './units.js'

/** Why a message left a queue without being delivered (dialogs.md section 5, closed list). */
export type DropReason =
  | 'expired'
  | 'overflow'
  | 'max-attempts'
  | 'permanent'
  | 'timeout'
  | 'deadline'
  | 'budget'
  | 'refused'
  | 'too-large'
  | 'not-authorised'
  | 'poison'
  | 'cycle'
  | 'offline'
  | 'superseded'
  | 'unstorable'
  | 'operator'
  | 'damaged'

/** A node of any kind that an event tells of. */
export interface Watched {
  readonly id: string
  readonly type: string
  readonly name?: string
}

export type Severity = 'info' | 'warning' | 'error'

/** A limit that a queue is set to. */
type Limit = 'messages' | 'bytes'

type WarnedLimit = 'count' | Limit | 'age'

/** How full a queue is. */
interface Level {
  readonly waiting: number
  readonly bytes: Bytes
  /** How long the oldest has waited; absent while that is not known. */
  readonly oldestMs?: Ms
}

/** Messages that left a queue alike, summed. */
interface Ended {
  readonly reason: DropReason
  readonly count: number
  readonly lastKey: string
  /** Absent where the last of them was never kept, or left unread when a newer one came. */
  readonly lastId?: string
}

/** Reason `damaged` is ours alone: bytes that rotted on disk. */
export type Event =
  | { readonly kind: 'link.connected'; readonly server: string; readonly downMs: Ms }
  | {
      readonly kind: 'link.reconnecting'
      readonly server: string
      readonly attempt: number
      readonly waitMs: Ms
      readonly failure: Failure
    }
  | { readonly kind: 'link.lost'; readonly server: string; readonly failure: Failure }
  | { readonly kind: 'link.failed'; readonly server: string; readonly failure: Failure }
  | { readonly kind: 'link.switched'; readonly from: string; readonly to: string }
  | (Level & { readonly kind: 'queue.warned'; readonly limit: WarnedLimit })
  | (Level & { readonly kind: 'queue.full'; readonly limit: Limit | 'disk' })
  | (Level & {
      readonly kind: 'queue.drained'
      readonly resolves: 'queue.warned'
      readonly limit: WarnedLimit
    })
  | (Level & {
      readonly kind: 'queue.drained'
      readonly resolves: 'queue.full'
      readonly limit: Limit | 'disk'
    })
  | { readonly kind: 'queue.drained'; readonly count: number; readonly tookMs: Ms }
  | { readonly kind: 'queue.held'; readonly by: string; readonly waiting: number }
  | (Ended & { readonly kind: 'messages.dropped' })
  | (Ended & { readonly kind: 'messages.gave-up' })
  | {
      readonly kind: 'store.recovered'
      readonly directory: string
      readonly messages: number
      readonly quarantined: number
    }
  | {
      readonly kind: 'store.corrupt'
      readonly directory: string
      readonly file: string
      readonly messages: number
    }
  | { readonly kind: 'store.full'; readonly directory: string; readonly free: Bytes }
  | {
      readonly kind: 'outcome.late-sender' | 'outcome.never-completes'
      readonly watched: Watched
      readonly count: number
    }
  | { readonly kind: 'outcome.unavailable'; readonly reason: string }
  | (BreakerChanged & {
      readonly kind: 'breaker.opened' | 'breaker.would-open'
      readonly cause: BreakerCause
      /** In the window, or of the probes. */
      readonly count: number
      readonly failed: number
      readonly slow: number
      /** The last of them, oldest first: `calledMax` at most. */
      readonly calls: readonly Called[]
      readonly openMs: Ms
      readonly retryAt: EpochMs
    })
  | (BreakerChanged & { readonly kind: 'breaker.half-opened' })
  | (BreakerChanged & { readonly kind: 'breaker.closed'; readonly resolves: 'breaker.opened' })
  | {
      readonly kind: 'retry.budget-spent'
      /** Given up since the last such event. */
      readonly count: number
      /** Messages that may be tried again at a time. */
      readonly limit: number
    }
  | {
      readonly kind: 'bulkhead.full' | 'bulkhead.resized'
      readonly key: string
      /** Refused since the last such event; 0 for a new limit. */
      readonly count: number
      readonly limit: number
    }
  | (HealthTold & {
      readonly kind: 'health.changed'
      readonly from: HealthWord
      readonly to: HealthWord
      /** It is well again, or has kept still for a while. */
      readonly resolves?: 'health.changed' | 'health.flapping'
    })
  | (HealthTold & { readonly kind: 'health.check-failed' })
  | { readonly kind: 'health.flapping'; readonly label: string; readonly count: number }
  | {
      readonly kind: 'letters.arrived' | 'letters.expiring'
      /** Fingerprint of what the letters failed of. */
      readonly cause: string
      readonly count: number
    }
  | (Redriven & { readonly kind: 'redrive.started' | 'redrive.finished' })
  | (Redriven & { readonly kind: 'redrive.stopped'; readonly why: RedriveStop })
  | {
      readonly kind: 'person.acted'
      /** '' where nobody has to log in. */
      readonly user: string
      readonly command: string
      /** What it was done to. */
      readonly count: number
    }
  | {
      readonly kind: 'balance.broken'
      readonly accepted: number
      readonly delivered: number
      readonly waiting: number
      readonly deadLettered: number
      readonly dropped: number
    }
  | { readonly kind: 'store.slow'; readonly directory: string; readonly syncMs: Ms }
  | {
      readonly kind: 'store.unsuitable'
      readonly directory: string
      readonly filesystem: string
      /** In memory only, on the layer of a container, or on another computer. */
      readonly risk: 'memory' | 'layer' | 'remote'
    }
  | {
      readonly kind: 'store.recovered'
      readonly directory: string
      readonly resolves: 'store.slow'
      readonly syncMs: Ms
    }
  | {
      readonly kind: 'store.recovered'
      readonly directory: string
      readonly resolves: 'store.full'
      readonly free: Bytes
    }

export type EventKind = Event['kind']

/** Why a circuit breaker opened, or would have. */
export type BreakerCause = 'consecutive' | 'failure-rate' | 'slow-rate' | 'monitor' | 'person'

type HealthWord = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/** One of the calls that made a circuit breaker open. */
export interface Called {
  readonly at: EpochMs
  readonly is: 'ok' | 'failed' | 'timeout'
  readonly tookMs: Ms
  /** Why it failed; '' for `ok`, and where nothing is known. */
  readonly code: string
  /** That an HTTP server answered; absent where none did. */
  readonly status?: number
}

/** An event tells of no more calls: hundreds of events are kept. */
export const calledMax = 20

/** What a check has found. */
interface HealthTold {
  /** Of the check; '' where none is behind it. */
  readonly label: string
  readonly failure?: Failure
  readonly latencyMs?: Ms
}

/** Why a redrive ended before all its letters had gone. */
export type RedriveStop = 'failing' | 'unreceived' | 'cancelled' | 'source-gone'

/** One redrive job. */
interface Redriven {
  readonly job: string
  readonly total: number
  readonly ok: number
  /** Failed again. */
  readonly failed: number
}

interface BreakerChanged {
  /** '' where there is one for all messages. */
  readonly key: string
  readonly from: string
  readonly to: string
}

/** How loud an event is: as its kind, unless it is good news of a kind that is not. */
export function severityOf(event: Event): Severity {
  if ('resolves' in event) return 'info'
  if (event.kind !== 'health.changed') return severities[event.kind]
  return event.to === 'unhealthy' ? 'error' : event.to === 'degraded' ? 'warning' : 'info'
}

/** Of each kind. */
export const severities: Readonly<Record<EventKind, Severity>> = {
  'link.connected': 'info',
  'link.reconnecting': 'info',
  'link.lost': 'warning',
  'link.failed': 'error',
  'link.switched': 'info',
  'queue.warned': 'warning',
  'queue.full': 'error',
  'queue.drained': 'info',
  'queue.held': 'info',
  'messages.dropped': 'warning',
  'messages.gave-up': 'warning',
  'store.recovered': 'info',
  'store.corrupt': 'error',
  'store.full': 'error',
  'outcome.late-sender': 'warning',
  'outcome.never-completes': 'warning',
  'outcome.unavailable': 'error',
  'breaker.opened': 'error',
  'breaker.half-opened': 'info',
  'breaker.closed': 'info',
  'breaker.would-open': 'info',
  'retry.budget-spent': 'warning',
  'bulkhead.full': 'warning',
  'bulkhead.resized': 'info',
  'health.changed': 'error',
  'health.check-failed': 'info',
  'health.flapping': 'warning',
  'letters.arrived': 'warning',
  'letters.expiring': 'warning',
  'redrive.started': 'info',
  'redrive.finished': 'info',
  'redrive.stopped': 'warning',
  'person.acted': 'info',
  'balance.broken': 'error',
  'store.slow': 'warning',
  'store.unsuitable': 'warning',
}

/** Where an object of the engine announces its events. Must not throw. */
export type Emit = (event: Event) => void
