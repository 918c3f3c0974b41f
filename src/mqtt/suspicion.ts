/**
 * Which message does the broker hang up on? Pure: told of every end and every acknowledgement, it
 * says which records must go out alone and which one is to be set aside. It never blames a record
 * for an acknowledgement that does not come, nor for a broker that hangs up on everything; and with
 * nothing else to send, the suspect itself is tried on and on: there is nothing that it holds up.
 *
 * A line that breaks by chance does not know what is on it. If a share q of all sendings is hit, a
 * good suspect must be hit at all of its five, and seven others at none of theirs: q^5 (1-q)^7, and
 * some more for controls that are tried again, each at the price of a strike. That is 2 in 1,000 at
 * the worst q of all, where half of everything is hit, and 1 in 10^10 where one sending in 100 is.
 * The first two strikes meet the suspect as the first packet of a connection, the others behind
 * controls on the same connection, so a place at which a broker always hangs up explains them no
 * better. One thing looks the same from here: a line that breaks under large messages only.
 */

import type { Ended } from './wire.js'

/** Was a packet of ours why? The broker gave no reason, or said so. */
export type Blame = 'none' | 'silent' | 'spoken'

/**
 * What the broker may have hung up on: a single record, one after it had taken others over the same
 * connection, or what was to be said first.
 */
export type Suspected = 'record' | 'record among others' | 'announcement' | undefined

/** Records are named by the order in which the link took them. */
export interface Suspicion {
  /** Records up to this one go out alone; -1 for none. */
  readonly until: number
  /** The newest that was out when the broker hung up; -1 when all is forgotten. */
  readonly newest: number
  /** The broker hung up so many times since. */
  readonly closes: number
  /** The only record that was out when it last did; -1 for none. */
  readonly suspect: number
  /** What speaks against the suspect. */
  readonly strikes: number
  /** Other records that the broker acknowledged since it last hung up on the suspect. */
  readonly controls: number
}

/** What was out when a connection ended. */
export interface Out {
  readonly count: number
  readonly oldest: number
  readonly newest: number
}

export const none: Suspicion = {
  until: -1,
  newest: -1,
  closes: 0,
  suspect: -1,
  strikes: 0,
  controls: 0,
}

/** From here on a strike counts only when others went through since the one before. */
const aloneMax = 2
/** Others that go before the suspect is tried again, if there are so many. */
const controlsWanted = 2
/** With so many, one more control decides. */
export const strikesMax = 5
/** A broker that names its reason is no matter of chance. */
export const strikesOf = { none: 0, silent: 1, spoken: 3 } as const satisfies Record<Blame, number>
/** Controls beside the suspect, at most: so many bad messages in a row are told apart. */
export const controlsMax = 8

export function blameOf(kind: Ended['kind']): Blame {
  if (kind === 'packet') return 'spoken'
  return kind === 'closed' ? 'silent' : 'none'
}

/** Other records must speak for the broker. */
export const isTested = ({ strikes }: Suspicion): boolean => strikes >= aloneMax

/** The suspect is held back, if there is another record, until enough of those have gone. */
export const needsControl = (suspicion: Suspicion): boolean =>
  isTested(suspicion) && suspicion.controls < controlsWanted

export const mustBeAlone = ({ until }: Suspicion, order: number): boolean => order <= until

/** A connection ended with records out. */
export function afterEnd(before: Suspicion, out: Out, blame: Blame): Suspicion {
  const isSuspect = out.count === 1 && out.oldest === before.suspect
  // What happens to a control may happen to the suspect without being its fault.
  if (isTested(before) && !isSuspect) {
    return { ...before, strikes: Math.max(aloneMax, before.strikes - 1), controls: 0 }
  }
  if (blame === 'none') return before
  const closes = before.closes + 1
  const newest = Math.max(before.newest, out.newest)
  // Most brokers acknowledge in order, so the oldest is to blame; if not, it is any of them.
  const until = closes === 1 ? out.oldest : newest
  const next = { ...before, closes, newest, until, controls: 0 }
  if (out.count > 1) return { ...next, suspect: -1, strikes: 0 }
  const strikes = isSuspect ? before.strikes : 0
  const isCounted = strikes < aloneMax || before.controls > 0
  return { ...next, suspect: out.oldest, strikes: strikes + (isCounted ? strikesOf[blame] : 0) }
}

/**
 * The broker acknowledged a record; `oldest` is the oldest one left besides the suspect, infinite
 * for none. Returns the record to set aside as poison, -1 for none.
 */
export function afterAck(
  before: Suspicion,
  order: number,
  oldest: number,
): { readonly suspicion: Suspicion; readonly poison: number } {
  const { suspect, strikes, controls } = before
  const isControl = suspect !== -1 && order !== suspect
  if (isControl && strikes < strikesMax) {
    const counted = { ...before, controls: controls + 1 }
    return { suspicion: isTested(before) ? counted : before, poison: -1 }
  }
  const isOver = oldest > before.newest
  const cleared = { ...before, suspect: -1, strikes: 0, controls: 0 }
  return { suspicion: isOver ? none : cleared, poison: isControl ? suspect : -1 }
}
