/**
 * Does another client use our id? A broker of MQTT 5 should say so (reason 0x8E); of one that hangs
 * up without a word it is guessed, from how long our connections live. The other client comes back
 * after the same wait each time, so they all end at the same age; or after waits that grow like
 * ours, so each lives about as long as we were away before it. Pure; it says "perhaps", and decides
 * nothing about waiting.
 */

import { type Ms, ms } from '../base/units.js'

/** Connections in a row that the broker let in at once and then hung up on without a word. */
export interface Evictions {
  /** So many of the last ended at much the same age. */
  readonly even: number
  readonly shortest: Ms
  readonly longest: Ms
  /** So many of the last lived about as long as there was no connection before. */
  readonly mirrored: number
}

export const none: Evictions = { even: 0, shortest: ms(0), longest: ms(0), mirrored: 0 }

/** Core's MQTT nodes come back after 15 s, other clients sooner. */
const evenMax = ms(20_000)
/** Beyond a quarter of the age, for connecting and a busy machine. */
const slack = ms(500)
/** Waits are spread by chance, here and there. */
const mirrorFactor = 2.5
const mirroredMax = ms(45_000)
/** A broker that restarts again and again gives neither so often, nor unnoticed each time. */
const guessedAt = 5

/** How many ends the guess rests on; 0 while there is none. */
export function guessedFrom({ even, mirrored }: Evictions): number {
  const most = Math.max(even, mirrored)
  return most >= guessedAt ? most : 0
}

/** The broker hung up on a connection of this age; `away`: how long there was none before it. */
export function afterHangUp(before: Evictions, life: Ms, away: Ms): Evictions {
  const isMirrored =
    life <= mirroredMax &&
    life <= mirrorFactor * away + slack &&
    away <= mirrorFactor * life + slack
  return { ...evenAfter(before, life), mirrored: isMirrored ? before.mirrored + 1 : 0 }
}

function evenAfter(before: Evictions, life: Ms): Omit<Evictions, 'mirrored'> {
  if (life >= evenMax) return none
  const shortest = ms(Math.min(before.shortest, life))
  const longest = ms(Math.max(before.longest, life))
  const isEven = longest - shortest <= shortest / 4 + slack
  if (before.even > 0 && isEven) return { even: before.even + 1, shortest, longest }
  return { even: 1, shortest: life, longest: life }
}
