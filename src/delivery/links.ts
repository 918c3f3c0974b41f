/**
 * The links of this process by the id of their broker node. A deploy closes every node and makes it
 * anew; a link whose settings did not change is kept for the moment in between, so that the
 * connection stands. It opens nothing by itself.
 */

import type { Emit } from '../base/event.js'
import type { Cancel, Clock } from '../base/ports.js'
import { ms } from '../base/units.js'
import type { Announce, Link } from '../mqtt/link.js'

const keptFor = ms(5000)
/** A goodbye waits this long for acknowledgements under way. */
export const closeWait = ms(300)

/** What the node that holds a link does for it; a deploy replaces the node under the link. */
export interface Holder {
  readonly emit: Emit
  /** Present in every holder of the same settings, or in none. */
  readonly announce?: Announce
}

interface Entry {
  readonly settings: string
  readonly link: Promise<Link>
  /** Once it is made. */
  made?: Link
  holder: Holder
  /** Set while nobody holds it. */
  closeLater: Cancel | undefined
}

export class Links {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Holds the link of a broker node: the one that was left, when `settings` (any text that stands
   * for all of them) is the same, else a new one, made when the old one has said goodbye: a pool
   * changes its size only when nothing is in flight.
   */
  claim(
    id: string,
    settings: string,
    holder: Holder,
    make: (holder: Holder) => Promise<Link>,
  ): void {
    const left = this.#entries.get(id)
    left?.closeLater?.()
    if (left?.settings === settings) {
      left.closeLater = undefined
      left.holder = holder
      return
    }
    const gone = left === undefined ? Promise.resolve() : this.#closeUnheard(id, left)
    const link = gone.then(() => make(this.#present(id, holder)))
    const entry: Entry = { settings, link, holder, closeLater: undefined }
    this.#entries.set(id, entry)
    link.then(
      (made) => {
        entry.made = made
      },
      () => {}, // whoever asks for it hears of it; nobody asking is no reason to end
    )
  }

  /** Speaks for whoever holds the link by then. */
  #present(id: string, first: Holder): Holder {
    const now = () => this.#entries.get(id)?.holder ?? first
    const emit: Emit = (event) => now().emit(event)
    if (first.announce === undefined) return { emit }
    return { emit, announce: async (...words) => (await now().announce?.(...words)) ?? [] }
  }

  /** Undefined when no broker node of that id is at work. */
  find(id: string): Promise<Link> | undefined {
    return this.#entries.get(id)?.link
  }

  /** Ids of broker nodes whose link tries to connect and knows nothing yet, good or bad. */
  undecided(): string[] {
    const isUndecided = ({ made }: Entry) =>
      made?.state === 'connecting' && made.failure === undefined && made.tally.connections === 0
    return [...this.#entries].filter(([, entry]) => isUndecided(entry)).map(([id]) => id)
  }

  /** Its node is gone for now: another claim may take it within 5 s, then it says goodbye. */
  leave(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.closeLater?.()
    entry.closeLater = this.#clock.wake(keptFor, () => {
      this.#closeUnheard(id, entry)
    })
  }

  /** Its node was removed or disabled, or Node-RED stops: it says goodbye now. */
  async drop(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (entry !== undefined) await this.#close(id, entry)
  }

  /** A link that was never made needs no goodbye; and there is nobody to tell. */
  #closeUnheard(id: string, entry: Entry): Promise<void> {
    return this.#close(id, entry).catch(() => {})
  }

  async #close(id: string, entry: Entry): Promise<void> {
    entry.closeLater?.()
    if (this.#entries.get(id) === entry) this.#entries.delete(id)
    const link = await entry.link
    await link.close(closeWait)
  }
}
