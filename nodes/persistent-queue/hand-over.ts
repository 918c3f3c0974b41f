/**
 * Messages on their way out of a persistent queue: to the first output with a token that names
 * them, or to the second with the reason why they are set aside. What it hands over is read from
 * disk; nothing is decided here.
 */

import type { DropReason } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import type { GivenUp, Handed } from '../../src/delivery/release-host.js'
import type { Ending } from '../../src/policy/outcome.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { passedOn } from '../common/envelope.js'
import type { Message } from '../common/node-red.js'
import type { Follower } from '../common/outcome-follower.js'
import type { Context } from '../common/room.js'
import { restored } from './content.js'
import type { Settings } from './persistent-queue.settings.js'

export class HandOver {
  readonly #context: Context<Settings>
  readonly #follower: Follower

  constructor(context: Context<Settings>) {
    this.#context = context
    this.#follower = context.work.follower(context.settings.outcome)
  }

  /** Answers the token that names it until `abandon`. */
  release({ record, attempt, isHistorical }: Handed, settled: (ending: Ending) => void): string {
    const { id, storedAt } = record
    const fields = { id, attempt, storedAt, historical: isHistorical }
    return this.#context.work.hand(this.#follower, restored(record), fields, settled)
  }

  abandon(token: string): void {
    this.#follower.release(token)
  }

  giveUp({ record, attempt, reason, blame }: GivenUp): void {
    const failure = blame === undefined ? {} : { failure: this.#context.work.failure(blame) }
    this.#leave(record, { attempt, reason, ...failure })
  }

  /** Throws while nothing that is sent would arrive: then it is offered again. */
  setAside(record: StoredRecord, reason: DropReason): void {
    if (!this.#context.work.isRunning) throw new Fault('INTERRUPTED')
    this.#leave(record, { reason })
  }

  /** The newest, for which there was no room. */
  turnAway(msg: Message): void {
    this.#context.send(1, passedOn(msg, { reason: 'overflow' satisfies DropReason }))
  }

  isReport(msg: Message): boolean {
    return this.#follower.isReport(msg)
  }

  /** An ok that comes after its time-out still counts until the next attempt. */
  report(msg: Message): void {
    this.#follower.report(msg)
  }

  close(): void {
    this.#follower.close()
  }

  #leave(record: StoredRecord, fields: object): void {
    if (!this.#context.work.isWired(1)) return
    const { id, storedAt } = record
    this.#context.send(1, passedOn(restored(record), { id, storedAt, ...fields }))
  }
}
