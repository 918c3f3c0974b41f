/**
 * What a person is told of a queue's level: that a limit is reached, that many wait. Each is told
 * once, and again only after most of it has gone: a queue that stands at its limit is full and not
 * full by turns. It drops nothing and refuses nothing.
 */

import type { Emit } from '../base/event.js'
import { type Limits, type Passed, passed, type Usage } from './limits.js'

/** Share of a level or limit below which the next crossing is told again. */
const rearm = 0.8

export class Levels {
  readonly #limits: Limits
  readonly #emit: Emit
  /** Whether a limit keeps messages out, or pushes old ones out. */
  isFull = false
  #isFullTold = false
  #isWarned = false

  constructor(limits: Limits, emit: Emit) {
    this.#limits = limits
    this.#emit = emit
  }

  /** A message came upon this limit. */
  full(limit: NonNullable<Passed>, waiting: number): void {
    this.isFull = true
    if (this.#isFullTold) return
    this.#isFullTold = true
    this.#emit({ kind: 'queue.full', waiting, limit })
  }

  /** So many wait now. */
  note(usage: Usage): void {
    const { messages, bytes, ceiling } = usage
    const limits = this.#limits
    if (passed(limits, { ...usage, messages: messages + 1 }) === undefined) this.isFull = false
    const grown = { messages: messages / rearm, bytes: bytes / rearm, ceiling }
    if (passed(limits, grown) === undefined) this.#isFullTold = false
    this.#warn(messages)
  }

  #warn(waiting: number): void {
    const { warnMessages: limit } = this.#limits
    if (limit === 'off') return
    if (!this.#isWarned && waiting >= limit) {
      this.#isWarned = true
      this.#emit({ kind: 'queue.warned', waiting, limit })
    } else if (waiting < limit * rearm) this.#isWarned = false
  }
}
