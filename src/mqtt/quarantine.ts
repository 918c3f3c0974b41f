/**
 * Keeps the records apart that a broker may be hanging up on, until it is clear which one it is:
 * what may go out next, what must wait, and what is to be set aside. The judgement itself is that
 * of `suspicion.ts`; while nothing is suspected this costs one comparison.
 */

import type { Entry, InFlight } from './in-flight.js'
import * as suspicion from './suspicion.js'

/** What the broker may have hung up on: a single record, or what was to be said first. */
export type Suspected = 'record' | 'announcement' | undefined

export class Quarantine {
  readonly #flight: InFlight
  #suspicion = suspicion.none

  constructor(flight: InFlight) {
    this.#flight = flight
  }

  /** The suspect is held back; `control` says what may go out instead. */
  get needsControl(): boolean {
    return suspicion.needsControl(this.#suspicion)
  }

  /**
   * A record that, sent alone, shall show that the broker is well: the one tried least often, or
   * the suspect when there is no other. `take` fetches one more.
   */
  control(take: () => Entry | undefined): Entry | undefined {
    if (this.#flight.count > 0) return undefined
    const { suspect, skips } = this.#suspicion
    const isSuspect = ({ order }: Entry) => order === suspect
    // Its source may have been detached.
    if (!this.#flight.waiting.some(isSuspect)) this.#suspicion = suspicion.none
    const others = () => this.#flight.waiting.filter((each) => !isSuspect(each))
    for (let more = true; more && others().length <= skips; ) more = take() !== undefined
    const [first, ...rest] = others()
    if (first === undefined) return this.#flight.waiting.at(0)
    return rest.reduce((best, each) => (each.attempts < best.attempts ? each : best), first)
  }

  /** It, or what is out already, must be the only record out. */
  mustWait(entry: Entry): boolean {
    if (this.#suspicion.closes === 0 || this.#flight.count === 0) return false
    const { oldest } = this.#flight
    return [entry, oldest].some(
      (each) => each !== undefined && suspicion.mustBeAlone(this.#suspicion, each.order),
    )
  }

  /** The broker acknowledged this record. Returns the one that it will never take, if now known. */
  acknowledged({ order, outgoing }: Entry): Entry | undefined {
    if (this.#suspicion.closes === 0 || outgoing.packet.qos === 0) return undefined
    const oldest = this.#flight.oldest?.order ?? Number.POSITIVE_INFINITY
    const verdict = suspicion.afterAck(this.#suspicion, order, oldest)
    this.#suspicion = verdict.suspicion
    return this.#flight.waiting.find((each) => each.order === verdict.poison)
  }

  /**
   * The line ended, and what is out has not been put back yet. `isBlamed`: the broker ended it,
   * perhaps because of what we sent.
   */
  ended(isBlamed: boolean): Suspected {
    const { out } = this.#flight
    const [oldest, newest] = [out.at(0), out.at(-1)]
    if (oldest === undefined || newest === undefined) return undefined
    // Records wait for announcements, so nothing else was out.
    if (oldest.source === undefined) return isBlamed ? 'announcement' : undefined
    const were = { count: out.length, oldest: oldest.order, newest: newest.order }
    this.#suspicion = suspicion.afterEnd(this.#suspicion, were, isBlamed)
    return isBlamed && out.length === 1 ? 'record' : undefined
  }

  forget(): void {
    this.#suspicion = suspicion.none
  }
}
