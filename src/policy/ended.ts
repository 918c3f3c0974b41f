/**
 * How a guarded message ended, as far as circuit breaker, retry and bulkhead care: one word, why,
 * and when the other side wants to be asked again. It does not find that out; the outcome ledger
 * does.
 */

import { families, type Values } from '../base/fault.js'
import { type EpochMs, type Ms, ms } from '../base/units.js'
import type { Ending, Outcome } from './outcome.js'

/**
 * - `transient`: may succeed later; whatever is not known is.
 * - `permanent`: will never succeed as it is.
 * - `refusal`: a rule on the way said no, and nothing was attempted.
 */
export type FailureKind = 'transient' | 'permanent' | 'refusal'

export interface EndedWhy {
  /** Of dialogs.md section 7. */
  readonly code: string
  readonly kind: FailureKind
  /** Figures for the text; `status` is that of an HTTP answer. */
  readonly values?: Values
  /** What a node said in its own words. */
  readonly text?: string
}

export interface Ended {
  readonly is: Outcome
  readonly why?: EndedWhy
  /** The other side wants to be left alone that long: `Retry-After`, a busy broker, an open breaker. */
  readonly retryAfter?: Ms
  /** A node for dead letters has it safely: nobody else needs to keep or repeat the message. */
  readonly isHandedOver?: boolean
}

/** The end of a message as the ledger tells it, at this moment of the wall clock. */
export function endedFrom({ outcome, blame, isHandedOver }: Ending, wall: EpochMs): Ended {
  if (blame === undefined) return { is: outcome, isHandedOver }
  const { code, kind, values, text, retryAt, retryAfterMs } = blame
  const isRefusal = families[code] === 'refusal'
  const why: EndedWhy = {
    ...{ code, values, kind: isRefusal ? 'refusal' : kind },
    ...(text === undefined ? {} : { text }),
  }
  const waits = [retryAfterMs, retryAt === undefined ? undefined : retryAt - wall]
  const wait = Math.max(0, ...waits.filter((each) => each !== undefined))
  return { is: outcome, why, isHandedOver, ...(wait > 0 ? { retryAfter: ms(wait) } : {}) }
}
