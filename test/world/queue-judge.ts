/**
 * The judge of a queue that is killed, stopped and deployed: it hears what arrives, is told of each
 * accident, and complains of whatever was not promised. After a stop or a deploy one message of
 * each lane may come again, the last, which was in flight. After a kill exactly those may come
 * again that were still on the disk: what was in flight, and what had ended so shortly before that
 * its outcome was not written yet. Order holds in each lane.
 */

/** What ended longer before a kill than this is off the disk (design.md 9.4). */
export const endedWithinMs = 1000

/** What came again, or could have, after one kill. */
export interface Kill {
  /** Of each lane at most one. */
  readonly inFlight: number
  /** Their lane had gone on: they had ended. */
  readonly ended: number
  /** How long before the last arrival the first of these had arrived. */
  readonly endedMs: number
}

interface Arrival {
  readonly lane: number
  readonly at: number
}

export class QueueJudge {
  readonly accepted = new Set<number>()
  readonly arrived = new Map<number, Arrival>()
  readonly aside: string[] = []
  readonly kills: Kill[] = []
  duplicates = 0
  readonly complaints: string[] = []
  /** The last arrival of each lane, repetitions included. */
  readonly #last = new Map<number, number>()
  /** Lanes whose last message may come again once. */
  readonly #mayRepeat = new Set<number>()
  /** On the disk when the process was killed. */
  #unsettled: Set<number> = new Set()
  readonly #isStrict: boolean

  /** `isStrict`: all lanes are one, for the queue keeps one order. */
  constructor({ isStrict }: { readonly isStrict: boolean }) {
    this.#isStrict = isStrict
  }

  /** `at`: ms of a clock that nobody sets. */
  hear([what, , number, lane, attempt]: readonly string[], at: number): void {
    const n = Number(number)
    if (what === 'accepted') this.accepted.add(n)
    else if (what === 'aside') this.aside.push(String(number))
    else if (what === 'got') {
      const arrival = { lane: this.#isStrict ? 0 : Number(lane), at }
      if (this.arrived.has(n)) this.#again(n, arrival, Number(attempt))
      else this.#first(n, arrival)
      this.#last.set(arrival.lane, n)
    }
  }

  /** To be told before a stop or a deploy begins. */
  stops(): void {
    for (const lane of this.#last.keys()) this.#mayRepeat.add(lane)
  }

  /** To be told after a kill, with what its disk says that waits, before the next start. */
  killed(waiting: ReadonlySet<number>): void {
    const again = [...this.arrived].filter(([n]) => waiting.has(n))
    const ended = again.filter(([n, { lane }]) => this.#last.get(lane) !== n)
    const lastAt = Math.max(0, ...[...this.arrived.values()].map(({ at }) => at))
    const spans = ended.map(([, { at }]) => Math.round(lastAt - at))
    for (const [i, [n]] of ended.entries()) {
      const span = spans[i] ?? 0
      if (span > endedWithinMs) this.complaints.push(`${n} ended ${span} ms before and is kept`)
    }
    const inFlight = again.length - ended.length
    this.kills.push({ inFlight, ended: ended.length, endedMs: Math.max(0, ...spans) })
    this.#unsettled = new Set(again.map(([n]) => n))
    this.#mayRepeat.clear()
    for (const [n, { lane }] of again) {
      this.#last.set(lane, Math.min(n - 1, this.#last.get(lane) ?? n))
    }
  }

  /** Of those that were accepted, the ones that never arrived. */
  get missing(): number {
    return [...this.accepted].filter((n) => !this.arrived.has(n)).length
  }

  /** What came again and why, in one line. */
  get summary(): string {
    const kills = this.kills.map(({ inFlight, ended, endedMs }) => {
      return `${inFlight} in flight and ${ended} ended within ${endedMs} ms of a kill`
    })
    return `${this.duplicates} came again; ${kills.join(', ') || 'no kill'}`
  }

  #first(n: number, arrival: Arrival): void {
    const last = this.#last.get(arrival.lane) ?? -1
    if (n < last) this.complaints.push(`${n} came after ${last}`)
    this.arrived.set(n, arrival)
  }

  #again(n: number, { lane }: Arrival, attempt: number): void {
    this.duplicates++
    const last = this.#last.get(lane) ?? -1
    if (this.#unsettled.delete(n)) {
      if (n <= last) this.complaints.push(`${n} came again after ${last}`)
    } else if (n !== last) this.complaints.push(`${n} had ended and came again after ${last}`)
    else if (!this.#mayRepeat.delete(lane)) this.complaints.push(`${n} came again without need`)
    else if (attempt < 2) this.complaints.push(`${n} came again as attempt ${attempt}`)
  }
}
