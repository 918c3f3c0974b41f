/**
 * A rate limit on messages and bytes: when may the next one go, and what has this one used up? Pure
 * arithmetic on two moments (the generic cell rate algorithm of ITU-T I.371); it holds no timer,
 * drops nothing and knows nothing of what it slows down.
 */

import { after, type Bytes, type Instant, instant, ms } from '../base/units.js'

/** What is absent is not limited. Both are above 0. */
export interface Rate {
  readonly messagesPerSecond?: number
  readonly bytesPerSecond?: number
}

/** The moments at which all that was sent so far would have been sent at an even pace. */
export interface Paced {
  readonly messagesAt: Instant
  readonly bytesAt: Instant
}

/** Nothing was sent yet. */
export const unpaced: Paced = { messagesAt: instant(0), bytesAt: instant(0) }

/** So far ahead of an even pace it may run: timers count in milliseconds. */
const ahead = ms(50)

/** From when on the next message may be sent. */
export function mayGoAt({ messagesAt, bytesAt }: Paced): Instant {
  return after(messagesAt > bytesAt ? messagesAt : bytesAt, ms(-ahead))
}

/** A message of this size is sent now. A large one is paid for afterwards, so none is too large. */
export function paced(before: Paced, now: Instant, size: Bytes, rate: Rate): Paced {
  return {
    messagesAt: later(before.messagesAt, now, 1, rate.messagesPerSecond),
    bytesAt: later(before.bytesAt, now, size, rate.bytesPerSecond),
  }
}

function later(before: Instant, now: Instant, amount: number, perSecond?: number): Instant {
  if (perSecond === undefined) return before
  return after(before > now ? before : now, ms((amount * 1000) / perSecond))
}
