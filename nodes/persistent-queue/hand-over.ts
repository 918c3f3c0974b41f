/**
 * Messages on their way out of a persistent queue: to the first output with a token that names
 * them, or to the second with the reason why they are set aside. What it hands over is read from
 * disk; nothing is decided here.
 */

import type { DropReason } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import { epochMs } from '../../src/base/units.js'
import type { GivenUp, Handed } from '../../src/delivery/release-host.js'
import type { Ending } from '../../src/policy/outcome.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { restored } from '../common/content.js'
import { DeadLetters, type Given } from '../common/dead-letters.js'
import { envelopeOf, passedOn } from '../common/envelope.js'
import type { Message } from '../common/node-red.js'
import type { Follower } from '../common/outcome-follower.js'
import type { Context } from '../common/room.js'
import type { Settings } from './persistent-queue.settings.js'

export class HandOver {
  readonly #context: Context<Settings>
  readonly #follower: Follower
  readonly #letters: DeadLetters

  constructor(context: Context<Settings>) {
    this.#context = context
    this.#follower = context.work.follower(context.settings.outcome)
    this.#letters = new DeadLetters(context, context.settings.deadLetter)
  }

  /** Answers the token that names it until `abandon`. */
  release({ record, attempt, isHistorical }: Handed, settled: (ending: Ending) => void): string {
    const { id, storedAt } = record
    if (attempt > 1) this.#context.counts.redelivered++
    const fields = { id, attempt, storedAt, historical: isHistorical }
    return this.#context.work.hand(this.#follower, restored(record), fields, settled)
  }

  abandon(token: string): void {
    this.#follower.release(token)
  }

  /** Whether somebody takes what is given up. */
  get canGiveUp(): boolean {
    return this.#letters.isChosen ? this.#letters.isThere : this.#context.work.isWired(1)
  }

  /** Whether somebody is to get what is set aside. */
  get setsAside(): boolean {
    return this.#letters.isChosen || this.#context.work.isWired(1)
  }

  /** Leaves, or resolves when it is kept as a dead letter. */
  giveUp({ record, attempt, reason, blame, path }: GivenUp): Promise<void> | undefined {
    if (this.#letters.isChosen) {
      const at = this.#context.hall.world.clock.wall()
      const failures = blame === undefined ? [] : [{ at, blame, attempt }]
      return this.#letters.keepAtLast(letterOf(record, { attempt, reason, failures, path }))
    }
    const failure = blame === undefined ? {} : { failure: this.#context.work.failure(blame) }
    this.#leave(record, { attempt, reason, ...failure })
    return undefined
  }

  /** Throws while nothing that is sent would arrive: then it is offered again. */
  async setAside(record: StoredRecord, reason: DropReason): Promise<void> {
    if (this.#letters.isChosen) {
      const story = { attempt: 0, reason, failures: [], path: [] }
      return this.#letters.keep(letterOf(record, story))
    }
    if (!this.#context.work.isRunning) throw new Fault('INTERRUPTED')
    this.#leave(record, { reason })
  }

  /** The newest, for which there was no room. Rejects where nobody takes it. */
  async turnAway(msg: Message): Promise<void> {
    const reason: DropReason = 'overflow'
    if (this.#letters.isChosen) {
      const firstAt = this.#context.hall.world.clock.wall()
      await this.#letters.keep({ msg, reason, attempts: 0, firstAt, failures: [], path: [] })
    } else if (this.#context.work.isWired(1)) this.#context.send(1, passedOn(msg, { reason }))
    else throw new Fault('MESSAGE_DROPPED', { reason })
  }

  isReport(msg: Message): boolean {
    return this.#follower.isReport(msg)
  }

  /** An ok that comes after its time-out still counts until the next attempt. */
  report(msg: Message): void {
    this.#follower.report(msg)
  }

  close(): void {
    this.#letters.close()
    this.#follower.close()
  }

  #leave(record: StoredRecord, fields: object): void {
    if (!this.#context.work.isWired(1)) return
    const { id, storedAt } = record
    this.#context.send(1, passedOn(restored(record), { id, storedAt, ...fields }))
  }
}

/** The message as the queue accepted it, under the id that it has there. */
function letterOf(
  record: StoredRecord,
  { attempt, ...story }: Pick<Given, 'reason' | 'failures' | 'path'> & { readonly attempt: number },
): Given {
  const { id, storedAt } = record
  const msg = restored(record)
  const { firstAt } = envelopeOf(msg)
  const at = epochMs(typeof firstAt === 'number' ? firstAt : storedAt)
  return { ...story, id, msg, attempts: attempt, firstAt: at }
}
