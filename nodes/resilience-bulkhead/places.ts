/**
 * The messages of a bulkhead, at work or waiting: what the policy decides about a number is done
 * here with the message behind it. Kept in memory only; each comes to exactly one end.
 */

import { countIn } from '../../src/base/counts.js'
import { Fault } from '../../src/base/fault.js'
import type { Tally } from '../../src/base/tally.js'
import { decide } from '../../src/policy/bulkhead.js'
import {
  type Bulkhead,
  type BulkheadEvent,
  type BulkheadVerdict,
  freshBulkhead,
  limitOf,
} from '../../src/policy/bulkhead-state.js'
import { endedFrom } from '../../src/policy/ended.js'
import type { Blame } from '../../src/policy/outcome.js'
import { Alarm } from '../common/alarm.js'
import type { Message } from '../common/node-red.js'
import type { Follower } from '../common/outcome-follower.js'
import type { Context } from '../common/room.js'
import { Summed } from '../common/summed.js'
import type { Settings } from './resilience-bulkhead.settings.js'

/** One message, until `resolve` or `reject`. */
interface Held {
  readonly msg: Message
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

type Figures<Is> = Extract<BulkheadVerdict, { is: Is }>

export class Places {
  readonly state: Bulkhead = freshBulkhead()
  readonly #context: Context<Settings>
  readonly #follower: Follower
  readonly #held = new Map<number, Held>()
  readonly #alarm: Alarm
  readonly #full: Summed
  #lastFull = { key: '', limit: 0 }
  /** Since the last one who found a place at once. */
  refused = 0

  constructor(context: Context<Settings>, follower: Follower) {
    const { hall, emit } = context
    this.#context = context
    this.#follower = follower
    this.#alarm = new Alarm(hall.world.clock, () => this.#tell({ is: 'time' }))
    this.#full = new Summed(hall.world.clock, (count) => {
      emit({ kind: 'bulkhead.full', count, ...this.#lastFull })
    })
  }

  /** Resolves when the message has come to its end; rejects when nobody else learns of that. */
  accept(msg: Message, key: string): Promise<void> {
    this.#follower.hold(msg)
    return new Promise((resolve, reject) => {
      this.#held.set(this.state.messages + 1, { msg, resolve, reject })
      this.#tell({ is: 'accept', key })
    })
  }

  /** Places of all keys together. */
  get limit(): number {
    const { settings } = this.#context
    const lanes = [...this.state.lanes.entries()].map(([, lane]) => lane)
    const sum = lanes.reduce((total, lane) => total + limitOf(lane, settings), 0)
    return Math.max(sum, settings.isAdaptive ? 0 : settings.maxInFlight)
  }

  tally(): Tally {
    const { state, limit } = this
    const { counts } = this.#context
    const waitTime = counts.spans('waits')
    const { waiting } = state
    const figures = { inFlight: state.out.size, waiting, limit, admitted: waitTime.count }
    return {
      bulkhead: { ...figures, refused: counts.by('refused'), waitTime },
      outcomes: counts.outcomes,
    }
  }

  /** Tells how many were set aside. */
  drop(key: string): number {
    return this.#tell({ is: 'drop', key })
  }

  close(): void {
    this.#tell({ is: 'close' })
    this.#alarm.set(undefined)
    this.#full.close()
  }

  #tell(event: BulkheadEvent): number {
    const { hall, settings, changed } = this.#context
    const now = hall.world.clock.monotonic()
    const { verdicts, wakeAt } = decide(this.state, event, now, settings)
    this.#alarm.set(wakeAt)
    for (const verdict of verdicts) this.#carryOut(verdict)
    changed()
    return verdicts.length
  }

  #carryOut(verdict: BulkheadVerdict): void {
    if (verdict.is === 'resized') {
      const { key, limit } = verdict
      this.#context.emit({ kind: 'bulkhead.resized', key, limit, count: 0 })
    } else if (verdict.is !== 'freed' && verdict.is !== 'late' && verdict.is !== 'wait') {
      const held = this.#held.get(verdict.message)
      if (held === undefined) return
      if (verdict.is === 'admit') this.#admit(held, verdict)
      else if (verdict.is === 'refuse') this.#refuse(held, verdict)
      else held.reject(new Fault('INTERRUPTED'))
      if (verdict.is !== 'admit') this.#held.delete(verdict.message)
    }
  }

  #admit({ msg, resolve }: Held, verdict: Figures<'admit'>): void {
    const { work, hall } = this.#context
    const { message, inFlight, waiting, waitedMs } = verdict
    if (waitedMs === 0 && waiting === 0) this.refused = 0
    this.#context.counts.spans('waits').add(waitedMs)
    work.release(this.#follower, msg, { bulkhead: { inFlight, waiting, waitedMs } }, (ending) => {
      // After a close its place and its message are gone already.
      if (this.#held.delete(message)) work.tellOuter(this.#follower, msg, ending)
      this.#tell({ is: 'ended', message, ended: endedFrom(ending, hall.world.clock.wall()) })
      resolve()
    })
  }

  #refuse({ msg, resolve, reject }: Held, verdict: Figures<'refuse'>): void {
    const { work, settings } = this.#context
    const { key, reason, inFlight, waiting, waitedMs } = verdict
    const lane = this.state.lanes.get(key)
    const limit = lane === undefined ? settings.maxInFlight : limitOf(lane, settings)
    this.refused += 1
    countIn(this.#context.counts.by('refused'), reason)
    if (reason !== 'operator') {
      this.#lastFull = { key, limit }
      this.#full.add()
    }
    const fields = { reason, bulkhead: { inFlight, waiting, waitedMs } }
    const blame: Blame = { code: 'BULKHEAD_FULL', values: { n: limit }, kind: 'transient' }
    Promise.resolve()
      .then(() => work.leave(this.#follower, { msg, blame, fields }))
      .then(resolve, reject)
  }
}
