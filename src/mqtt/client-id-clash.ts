/**
 * Does another client use our id? A broker of MQTT 5 says so (reason 0x8E); of one that hangs up
 * without a word it is guessed, from how long our connections live. The other client comes back
 * after the same wait each time, so they all end at the same age, and the broker lets us in again
 * at once in between. Pure; it says "perhaps", and decides nothing about waiting.
 */

import { type Ms, ms } from '../base/units.js'

/** Connections in a row that the broker let in and then hung up on, all at much the same age. */
export interface Evictions {
  readonly count: number
  readonly shortest: Ms
  readonly longest: Ms
}

export const none: Evictions = { count: 0, shortest: ms(0), longest: ms(0) }

/** Core's MQTT nodes come back after 15 s, other clients sooner. */
const lifeMax = ms(20_000)
/** Beyond a quarter of the age, for connecting and a busy machine. */
const slack = ms(500)
/** Restarts of a broker may come as close together, but not so evenly, nor unnoticed each time. */
const guessedAt = 5

export const isGuess = ({ count }: Evictions): boolean => count >= guessedAt

/** The broker hung up without a word on a connection of this age. */
export function afterHangUp(before: Evictions, life: Ms): Evictions {
  if (life >= lifeMax) return none
  const shortest = ms(Math.min(before.shortest, life))
  const longest = ms(Math.max(before.longest, life))
  const isEven = longest - shortest <= shortest / 4 + slack
  if (before.count > 0 && isEven) return { count: before.count + 1, shortest, longest }
  return { count: 1, shortest: life, longest: life }
}
