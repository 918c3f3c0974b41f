/**
 * Keeps the records apart that a broker may be hanging up on, until it is clear which one it is:
 * what may go out next, what must wait, and what is to be set aside. The judgement itself is that
 * of `suspicion.ts`; while nothing is suspected this costs one comparison.
 */

import type { Entry, InFlight } from './in-flight.js'
import * as suspicion from './suspicion.js'

export type { Blame, Suspected } from './suspicion.js'

export class Quarantine {
  readonly #flight: InFlight
  #suspicion = suspicion.none
  /** Taken over this connection while something was suspected. */
  #others = 0

  constructor(flight: InFlight) {
    this.#flight = flight
  }

  /** The suspect is held back; `control` says what may go out instead. */
  get needsControl(): boolean {
    return suspicion.needsControl(this.#suspicion)
  }

  /**
   * A record that, sent alone, shall show that the broker is well: the first of a topic that is not
   * the suspect's if there is one, so that each topic keeps its order; the suspect itself if there
   * is no other. One is passed over for each that the broker did not take. `take` fetches one more.
   */
  control(take: () => Entry | undefined): Entry | undefined {
    if (this.#flight.count > 0) return undefined
    const { skips } = this.#suspicion
    const suspect = this.#held
    if (suspect === undefined) this.#suspicion = suspicion.none // its source was detached
    const others = () => this.#flight.waiting.filter((each) => each !== suspect)
    for (let more = true; more && others().length <= skips; ) more = take() !== undefined
    const all = firstOfTopicsFirst(others(), suspect)
    return all[Math.min(skips, all.length - 1)] ?? suspect
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
    this.#others += 1
    const held = this.#held
    const left = [...this.#flight.out, ...this.#flight.waiting].filter((each) => each !== held)
    const oldest = Math.min(...left.map((each) => each.order))
    const verdict = suspicion.afterAck(this.#suspicion, order, oldest)
    // Of a suspect whose source was detached nothing is left to find out.
    const isGone = verdict.suspicion.suspect !== -1 && held === undefined
    this.#suspicion = isGone ? suspicion.none : verdict.suspicion
    return verdict.poison === -1 ? undefined : held
  }

  /**
   * The line ended, and what is out has not been put back yet. `blame`: whether the broker ended
   * it because of what we sent, as far as can be told.
   */
  ended(blame: suspicion.Blame): suspicion.Suspected {
    const { out } = this.#flight
    const [oldest, newest] = [out.at(0), out.at(-1)]
    const others = this.#others
    this.#others = 0
    if (oldest === undefined || newest === undefined) return undefined
    // Records wait for announcements, so nothing else was out.
    if (oldest.source === undefined) return blame === 'none' ? undefined : 'announcement'
    const were = { count: out.length, oldest: oldest.order, newest: newest.order }
    this.#suspicion = suspicion.afterEnd(this.#suspicion, were, blame)
    if (blame === 'none' || out.length > 1) return undefined
    return others > 0 ? 'record among others' : 'record'
  }

  /** The suspect, while it is not on the wire. */
  get #held(): Entry | undefined {
    const { suspect } = this.#suspicion
    return this.#flight.waiting.find(({ order }) => order === suspect)
  }

  forget(): void {
    this.#suspicion = suspicion.none
  }
}

function firstOfTopicsFirst(all: readonly Entry[], suspect: Entry | undefined): Entry[] {
  const topics = new Set([suspect?.outgoing.packet.topic])
  const isFirst = new Set<Entry>()
  for (const entry of all) {
    const { topic } = entry.outgoing.packet
    if (!topics.has(topic)) isFirst.add(entry)
    topics.add(topic)
  }
  return [...isFirst, ...all.filter((entry) => !isFirst.has(entry))]
}
