/**
 * What a link says outside its records: first after every connect, last before a planned goodbye,
 * and the will that the broker keeps for it. Worked out anew for each connect by whoever knows the
 * words; what the broker refuses of it is told and never tried again.
 */

import type { DropReason, Emit } from '../base/event.js'
import type { Ms } from '../base/units.js'
import type { Outgoing } from './in-flight.js'
import type { Sender } from './sender.js'
import { type Blame, strikesMax, strikesOf } from './suspicion.js'
import type { Packet } from './wire.js'

export type Occasion = 'will' | 'birth' | 'close'

/**
 * The words for an occasion; of `will` only the first counts. `connects` counts the attempts to
 * connect from 1, the same number for the will and what is said under it. Whoever works them out
 * leaves out, and tells, what cannot be; when it rejects, nothing is said.
 */
export type Announce = (occasion: Occasion, connects: number) => Promise<readonly Packet[]>

export class Announcer {
  readonly #announce: Announce | undefined
  readonly #emit: Emit
  #connects = 0
  /** Of connections in a row that the broker ended before it had answered for the first words. */
  #strikes = 0

  constructor(announce: Announce | undefined, emit: Emit) {
    this.#announce = announce
    this.#emit = emit
  }

  /** A new attempt begins; its will, at once when there is nothing to work out. */
  will(use: (will: Packet | undefined) => void): void {
    this.#connects += 1
    this.#words('will', ([will]) => use(will))
  }

  /** A connection stands. Words that the broker hangs up on are left out, or nothing would go. */
  birth(use: (announcements: readonly Outgoing[]) => void): void {
    this.#words('birth', (packets) => {
      if (this.#strikes < strikesMax) use(packets.map((packet) => this.#outgoing(packet)))
      else {
        for (const packet of packets) this.#tell(packet, 'poison')
        use([])
      }
    })
  }

  /**
   * A connection ended; `blame`: perhaps because of its first words. Without them nothing goes out
   * that belongs behind them, so chance must not be enough to leave them out.
   */
  ended(blame: Blame): void {
    this.#strikes = blame === 'none' ? 0 : this.#strikes + strikesOf[blame]
  }

  /** Says the last words; resolves with whether the broker has answered for all of them. */
  close(sender: Sender, wait: Ms): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#words('close', (packets) => {
        const announcements = packets.map((packet) => this.#outgoing(packet))
        sender.part(announcements, wait).then(resolve, reject)
      })
    })
  }

  #words(occasion: Occasion, use: (packets: readonly Packet[]) => void): void {
    if (this.#announce === undefined) use([])
    else this.#announce(occasion, this.#connects).then(use, () => use([]))
  }

  #outgoing(packet: Packet): Outgoing {
    return {
      packet,
      settled: (outcome) => {
        if (outcome.is === 'delivered') return
        const { code } = outcome.failure
        this.#tell(packet, code === 'NOT_AUTHORISED' ? 'not-authorised' : 'refused')
      },
    }
  }

  #tell({ topic }: Packet, reason: DropReason): void {
    this.#emit({ kind: 'messages.dropped', reason, count: 1, lastKey: topic })
  }
}
