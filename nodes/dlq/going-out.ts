/**
 * Letters on their way out: to the first output or back into the node where they failed, with a
 * token that names them, and to the second output when they are given up for good. What is handed
 * over is read from disk; nothing is decided here.
 */

import { countIn } from '../../src/base/counts.js'
import { Fault } from '../../src/base/fault.js'
import type { Letter, Reported } from '../../src/delivery/letter.js'
import type { RedriveHost } from '../../src/delivery/redrive-host.js'
import { type Ending, unsure } from '../../src/policy/outcome.js'
import { passedOn } from '../common/envelope.js'
import type { Follower } from '../common/outcome-follower.js'
import type { Context } from '../common/room.js'
import { reportedBlame } from './arrivals.js'
import type { Settings } from './dlq.settings.js'
import { givenUpShown, messageOf } from './shown.js'

export class GoingOut implements RedriveHost {
  readonly #context: Context<Settings>
  readonly #follower: Follower

  constructor(context: Context<Settings>, follower: Follower) {
    this.#context = context
    this.#follower = follower
  }

  release(letter: Letter, redrive: number, told: (ending: Ending) => void): string {
    const { work, settings, counts } = this.#context
    const settled = (ending: Ending) => {
      countIn(counts.by('redriven'), ending.outcome)
      told(ending)
    }
    const { id, hops, cause, editedFrom = null, firstAt, source } = letter
    const deadLetter = { id, redrives: redrive, hops, cause, editedFrom }
    const fields = { attempt: 1, firstAt, deadLetter }
    const msg = messageOf(letter)
    if (settings.redriving.toSource) {
      return work.inject(this.#follower, source, msg, fields, settled)
    }
    const token = work.hand(this.#follower, msg, fields, (ending) => {
      // What ends after its time-out has failed all the same, and is not waited for.
      if (ending.outcome === 'timeout') this.#follower.release(token)
      settled(ending)
    })
    return token
  }

  abandon(token: string): void {
    this.#follower.release(token)
  }

  giveUp(letter: Letter): void {
    const { work, send } = this.#context
    if (!work.isRunning) throw new Fault('INTERRUPTED')
    if (!work.isWired(1)) return
    const { reason } = letter
    send(1, passedOn(messageOf(letter), { reason, deadLetter: givenUpShown(letter) }))
  }

  reported({ blame = unsure }: Ending): Omit<Reported, 'attempt'> {
    const { work, hall } = this.#context
    const { attempt: _attempt, ...told } = reportedBlame(blame, hall.world.clock.wall(), 1, work)
    return told
  }

  isRunning(): boolean {
    return this.#context.work.isRunning
  }

  isPresent(nodeId: string): boolean {
    return this.#context.work.takesMessages(nodeId)
  }

  complain(error: unknown): void {
    this.#context.work.complain(error)
  }

  changed(): void {
    this.#context.changed()
  }
}
