/**
 * Which message does the broker hang up on? Pure: told of every end and every acknowledgement, it
 * says which records must go out alone and which one is to be set aside. An acknowledgement that
 * never comes proves nothing here, and neither does a broker that hangs up on everything: a message
 * is poison only when the broker has taken another one in between. With nothing else to send, the
 * suspect itself is tried on and on: there is nothing that it could hold up.
 */

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
  /** So many times in a row. */
  readonly alone: number
  /** Controls that the broker did not acknowledge: another one is tried next. */
  readonly skips: number
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
  alone: 0,
  skips: 0,
}

/** The broker hung up so many times on a record that was out alone: a control must speak for it. */
const aloneMax = 2
/** Controls beside the suspect, at most: so many bad messages in a row are told apart. */
export const controlsMax = 8

/** The suspect is held back, if there is another record, until that was acknowledged. */
export const needsControl = ({ alone }: Suspicion): boolean => alone >= aloneMax

export const mustBeAlone = ({ until }: Suspicion, order: number): boolean => order <= until

/**
 * A connection ended with records out. `blamed`: the broker ended it, and gave no reason but
 * perhaps a packet of ours.
 */
export function afterEnd(before: Suspicion, out: Out, blamed: boolean): Suspicion {
  if (needsControl(before) && out.oldest !== before.suspect) {
    return { ...before, alone: 0, skips: Math.min(controlsMax - 1, before.skips + 1) }
  }
  if (!blamed) return before
  const closes = before.closes + 1
  const newest = Math.max(before.newest, out.newest)
  // Most brokers acknowledge in order, so the oldest is to blame; if not, it is any of them.
  const until = closes === 1 ? out.oldest : newest
  if (out.count > 1) return { ...before, closes, newest, until, suspect: -1, alone: 0 }
  const alone = out.oldest === before.suspect ? before.alone + 1 : 1
  return { ...before, closes, newest, until, suspect: out.oldest, alone }
}

/**
 * The broker acknowledged a record; `oldest` is the oldest one left, infinite for none. Returns the
 * record to set aside as poison, -1 for none.
 */
export function afterAck(
  before: Suspicion,
  order: number,
  oldest: number,
): { readonly suspicion: Suspicion; readonly poison: number } {
  const isControl = needsControl(before) && order !== before.suspect
  const poison = isControl ? before.suspect : -1
  const isCleared = isControl || order === before.suspect
  const cleared = isCleared ? { ...before, suspect: -1, alone: 0, skips: 0 } : before
  const isOver = oldest > before.newest || (isControl && oldest === poison)
  return { suspicion: isOver ? none : cleared, poison }
}
