/**
 * Time, told apart by the type checker: a span, a moment on the monotonic clock and a moment on
 * the wall clock are all numbers, and mixing them up is the commonest way to be wrong about time.
 */

declare const unit: unique symbol

/** A span in milliseconds. */
export type Ms = number & { readonly [unit]: 'ms' }
/** A moment on the monotonic clock, in ms since some point in the past. Never written or shown. */
export type Instant = number & { readonly [unit]: 'instant' }
/** A moment on the wall clock, in ms since 1970 (UTC). May jump; never used to measure a span. */
export type EpochMs = number & { readonly [unit]: 'epoch' }

export const ms = (value: number): Ms => value as Ms
export const instant = (value: number): Instant => value as Instant
export const epochMs = (value: number): EpochMs => value as EpochMs

/** The span between two moments of the monotonic clock. */
export const since = (from: Instant, to: Instant): Ms => ms(to - from)
/** The moment that lies `span` after `from`. */
export const after = (from: Instant, span: Ms): Instant => instant(from + span)

/** Size in bytes. */
export type Bytes = number
/** Number of a stored message: grows by one or more per message, never reused in a journal. */
export type Sequence = number
