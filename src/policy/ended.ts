/**
 * How a guarded message ended, as far as circuit breaker, retry and bulkhead care: one word, why,
 * and when the other side wants to be asked again. It does not find that out; the outcome ledger
 * does.
 */

import type { Values } from '../base/fault.js'
import type { Ms } from '../base/units.js'

/**
 * - `timeout`: no answer in time; the work may still be going on.
 * - `interrupted`: a deploy or a stop came first.
 * - `unsure`: it could not be told which message an outcome belongs to.
 * - `ignored`: a person or a flow says that this one shall not count.
 */
export type EndedAs = 'ok' | 'failed' | 'timeout' | 'interrupted' | 'unsure' | 'ignored'

/**
 * - `transient`: may succeed later; whatever is not known is.
 * - `permanent`: will never succeed as it is.
 * - `refusal`: a rule on the way said no, and nothing was attempted.
 */
export type FailureKind = 'transient' | 'permanent' | 'refusal'

export interface EndedWhy {
  /** Of dialogs.md section 7, or what a node called its own error, such as `ECONNREFUSED`. */
  readonly code: string
  readonly kind: FailureKind
  /** Figures for the text; `status` is that of an HTTP answer. */
  readonly values?: Values
}

export interface Ended {
  readonly is: EndedAs
  readonly why?: EndedWhy
  /** The other side wants to be left alone that long: `Retry-After`, a busy broker, an open breaker. */
  readonly retryAfter?: Ms
  /** A node for dead letters has it safely: nobody else needs to keep or repeat the message. */
  readonly isHandedOver?: boolean
}
