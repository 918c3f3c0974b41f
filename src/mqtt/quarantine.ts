/**
 * Keeps the records apart that a broker may be hanging up on, until it is clear which one it is:
 * what may go out next, what must wait, and what is to be set aside. The judgement itself is that
 * of `suspicion.ts`; while nothing is suspected this costs one comparison.
 */

import type { Entry, InFlight } from './in-flight.js'
import * as suspicion from './suspicion.js'
import { controlsMax } from './suspicion.js'

export type { Blame, Suspected } from './suspicion.js'

export class Quarantine {
  readonly #flight: InFlight
  #suspicion = suspicion.none
  /** Controls that the broker did not take, and how often. */
  readonly #failed = new Map<Entry, number>()
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
   * A record that, sent alone, shall show that the broker is well; the suspect itself when there is
   * no other. One of another topic is looked for first, so that each topic keeps its order. `take`
   * fetches one more.
   */
  control(take: () => Entry | undefined): Entry | undefined {
    if (this.#flight.count > 0) return undefined
    const suspect = this.#held
    if (suspect === undefined) this.#become(suspicion.none) // its source was detached
    const others = () => this.#flight.waiting.filter((each) => each !== suspect)
    if (others().length === 0) suspect?.source?.heldBack?.()
    const topic = suspect?.outgoing.packet.topic
    let found = this.#best(others(), topic)
    while (!this.#overtakesNone(found, topic) && others().length < controlsMax) {
      if (take() === undefined) break
      found = this.#best(others(), topic)
    }
    return found ?? suspect
  }

  #overtakesNone(entry: Entry | undefined, suspected: string | undefined): boolean {
    if (entry === undefined || this.#failed.has(entry)) return false
    return entry.outgoing.packet.topic !== suspected
  }

  /** One that the broker did not take is tried again before others of its topic overtake it. */
  #best(others: readonly Entry[], suspected: string | undefined): Entry | undefined {
    const failures = (entry: Entry) => this.#failed.get(entry) ?? 0
    const isFresh = (entry: Entry) => failures(entry) === 0
    const firsts = firstOfTopics(others, suspected)
    return (
      firsts.find(isFresh) ??
      firsts.find((entry) => failures(entry) === 1) ??
      others.find(isFresh) ??
      others.toSorted((one, other) => failures(one) - failures(other))[0]
    )
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
    this.#become(isGone ? suspicion.none : verdict.suspicion)
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
    const before = this.#suspicion
    if (suspicion.isTested(before) && oldest.order !== before.suspect) {
      this.#failed.set(oldest, (this.#failed.get(oldest) ?? 0) + 1)
    }
    this.#become(suspicion.afterEnd(before, were, blame))
    if (blame === 'none' || out.length > 1) return undefined
    return others > 0 ? 'record among others' : 'record'
  }

  /** The suspect, while it is not on the wire. */
  get #held(): Entry | undefined {
    const { suspect } = this.#suspicion
    return this.#flight.waiting.find(({ order }) => order === suspect)
  }

  forget(): void {
    this.#become(suspicion.none)
  }

  #become(next: suspicion.Suspicion): void {
    if (next.suspect !== this.#suspicion.suspect) this.#failed.clear()
    this.#suspicion = next
  }
}

/** The first of each topic, that of `last` behind all others. */
function firstOfTopics(all: readonly Entry[], last: string | undefined): Entry[] {
  const firsts = new Map<string, Entry>()
  for (const entry of all) {
    const { topic } = entry.outgoing.packet
    if (!firsts.has(topic)) firsts.set(topic, entry)
  }
  const isLast = ({ outgoing }: Entry) => outgoing.packet.topic === last
  const each = [...firsts.values()]
  return [...each.filter((entry) => !isLast(entry)), ...each.filter(isLast)]
}
