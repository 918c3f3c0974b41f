/**
 * The words of the outcome ledger: how the work behind a node of ours ended, why, and what is asked
 * of the ledger. Outcomes are never folded together: whoever asks decides what each means for it.
 */

import type { Failure } from '../base/fault.js'
import type { EpochMs, Ms } from '../base/units.js'

/**
 * - `ok`: everything that the message reached has completed, or what was chosen has.
 * - `failed`: something reported an error, or a rule of the dialog says so.
 * - `ignored`: a person or a flow reported that it counts as neither.
 * - `timeout`: no end by then; it may still work.
 * - `interrupted`: a deploy stopped a node while it had the message.
 * - `unsure`: the ledger cannot tell, and says so instead of guessing.
 */
export type Outcome = 'ok' | 'failed' | 'ignored' | 'timeout' | 'interrupted' | 'unsure'

/** How a node learns what became of a message (dialogs.md 3.1). */
export type OutcomeMode = 'downstream' | 'watch' | 'manual' | 'released'

export interface NodeRef {
  readonly id: string
  readonly type: string
  readonly name?: string
  /** The node and what contains it, outermost first, separated by `/`: what a deploy stops. */
  readonly path?: string
}

/** Why the work did not end well. */
export interface Blame extends Failure {
  /** Whether another attempt can help; what is not known to be permanent is transient. */
  readonly kind: 'transient' | 'permanent'
  /** Where it happened, if it happened at a node. */
  readonly node?: NodeRef
  /** What a node said in its own words; the text of `code` is for when it said none. */
  readonly text?: string
  /** Not before this moment: a refusal uses up no attempt outside (design.md 8.1). */
  readonly retryAt?: EpochMs
  /** Not sooner than this after the outcome (`Retry-After`). */
  readonly retryAfterMs?: Ms
}

/** Events do not tell whose they are. */
export const unsure: Blame = { code: 'OUTCOME_UNSURE', values: {}, kind: 'transient' }
/** A deploy stopped a node that had the message. */
export const interrupted: Blame = { code: 'INTERRUPTED', values: {}, kind: 'transient' }

/** How a message ended. */
export interface Ending {
  readonly outcome: Outcome
  /** Present unless `ok` or `ignored`. */
  readonly blame?: Blame
  /** Messages that nodes were given on its behalf; 0: nothing is wired, or it is disabled. */
  readonly deliveries: number
  /** Nodes that had not finished; on `timeout` the most useful thing to know. */
  readonly stillOpen: readonly NodeRef[]
  /** A dead letter node keeps it durably: whoever holds it outside lets go of it. */
  readonly isHandedOver: boolean
  /** Ids of the nodes that it reached, in the order in which it first came there. */
  readonly path?: readonly string[]
  readonly tookMs: Ms
  /** When the first failure was seen; the end is reported later, when all branches have ended. */
  readonly failedAfterMs?: Ms
}

/** An error as a node reported it. */
export interface NodeError {
  readonly code?: string
  readonly text: string
}

/** What counts as failed besides errors; looked at for every message that passes. */
export interface OutcomeRules {
  /** Both ends belong to each range; empty: status is not looked at. */
  readonly failStatus: readonly { readonly from: number; readonly to: number }[]
  /**
   * Works out whether this message counts as failed and answers once, at once or later; absent
   * when there is no such rule. Gets the live message and must not change it.
   */
  readonly judge?: (msg: object, answer: (isFailed: boolean) => void) => void
  /** The rule behind `judge` as the person wrote it. */
  readonly judgeText?: string
}

/** What one message is followed with. */
export interface TraceSpec {
  /** The node of ours that sends it. */
  readonly source: NodeRef
  readonly mode: OutcomeMode
  /** No answer by then is `timeout`. It stands still while only holders work on the message. */
  readonly timeoutMs: Ms
  /** Ids of the nodes that report in mode `watch`. */
  readonly watched: ReadonlySet<string>
  readonly rules: OutcomeRules
  /** The message that brought this work to the node, when the node holds its delivery meanwhile. */
  readonly outer?: object
  /**
   * It stays followed after its time-out, until it ends or is concluded: whoever sent it wants to
   * know of an `ok` that comes late.
   */
  readonly hearsLate?: boolean
  /** Called once; a second time only with `hearsLate`, for an `ok` that came after `timeout`. */
  readonly settled: (ending: Ending) => void
}

/** The outcome that came back with a token. */
export interface Report {
  readonly outcome: 'ok' | 'failed' | 'ignored'
  readonly reason?: string
  readonly retryAfterMs?: Ms
}

/** An end, and whom to tell. */
export interface Settled {
  readonly settled: (ending: Ending) => void
  readonly ending: Ending
}

/**
 * A node that breaks the rule that completion means finished; `halted`: messages on their way to it
 * never arrived, because a hook of another package holds them back.
 */
export interface Suspicion {
  readonly kind: 'late-sender' | 'never-completes' | 'halted'
  readonly node: NodeRef
  /** The node of ours that followed the message, the first time. */
  readonly source: NodeRef
  readonly count: number
}

export interface LedgerLimits {
  /** Messages followed at once; more end `unsure` at once. */
  readonly tracesMax: number
  /** Deliveries of one message that are open at once; beyond, its end is `unsure`. */
  readonly deliveriesMax: number
}

/** For the sidebar and for tests: what the ledger holds just now. */
export interface LedgerFigures {
  readonly traces: number
  readonly deliveries: number
  readonly ids: number
  /** Sends of a node after it was done, while the message was still followed elsewhere. */
  readonly weak: number
  /** Errors that could be charged to nobody. */
  readonly uncharged: number
}
