/**
 * Sums drops so that a storm of them is one event a second per reason, with key and id of the last.
 * It drops nothing itself, and loses no count: what is summed when the queue closes is told then.
 */

import type { DropReason, Emit } from '../base/event.js'
import type { Cancel, Clock } from '../base/ports.js'
import { ms } from '../base/units.js'

interface Last {
  readonly lastKey: string
  readonly lastId?: string
}

const every = ms(1000)
/** Tried, and not to be tried again. */
const givenUp: ReadonlySet<DropReason> = new Set(['max-attempts', 'permanent'])

export class Drops {
  /** Since the queue was opened. */
  total = 0
  readonly #clock: Clock
  readonly #emit: Emit
  #sums = new Map<DropReason, Last & { readonly count: number }>()
  #cancel: Cancel | undefined

  constructor(clock: Clock, emit: Emit) {
    this.#clock = clock
    this.#emit = emit
  }

  /** `id`: undefined for a message that was never kept, or never read. */
  add(reason: DropReason, key: string, id: string | undefined): void {
    this.total++
    const count = (this.#sums.get(reason)?.count ?? 0) + 1
    const last = id === undefined ? { lastKey: key } : { lastKey: key, lastId: id }
    this.#sums.set(reason, { count, ...last })
    this.#cancel ??= this.#clock.wake(every, () => this.tell())
  }

  tell(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const sums = this.#sums
    this.#sums = new Map()
    for (const [reason, sum] of sums) {
      const ended = { reason, ...sum }
      if (givenUp.has(reason)) this.#emit({ kind: 'messages.gave-up', ...ended })
      else this.#emit({ kind: 'messages.dropped', ...ended })
    }
  }
}
