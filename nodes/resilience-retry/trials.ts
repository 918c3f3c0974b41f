/**
 * The messages of a retry while they are on their way: what the policy decides about a number is
 * done here with the message behind it. Kept in memory only; each comes to exactly one end.
 */

import { countIn } from '../../src/base/counts.js'
import { Fault } from '../../src/base/fault.js'
import { after, type EpochMs, type Instant, ms } from '../../src/base/units.js'
import type { Gate } from '../../src/policy/circuit-breaker-state.js'
import { endedFrom } from '../../src/policy/ended.js'
import type { Blame, Ending } from '../../src/policy/outcome.js'
import { decide } from '../../src/policy/retry.js'
import { freshBudget } from '../../src/policy/retry-budget.js'
import {
  freshRetries,
  type Retries,
  type RetryEvent,
  type RetryVerdict,
} from '../../src/policy/retry-state.js'
import { Alarm } from '../common/alarm.js'
import { DeadLetters } from '../common/dead-letters.js'
import { envelopeOf } from '../common/envelope.js'
import type { Failed } from '../common/letter-boxes.js'
import type { Message } from '../common/node-red.js'
import type { Follower } from '../common/outcome-follower.js'
import type { Context } from '../common/room.js'
import type { Settings } from './resilience-retry.settings.js'

/** One message, until `resolve` or `reject`. */
interface Held {
  readonly msg: Message
  readonly firstAt: EpochMs
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** Of its last attempt. */
  ending: Ending | undefined
  /** Of the first attempt and the last ones. */
  readonly failures: Failed[]
}

const tickMs = ms(1000)
/** Of each message that is tried. */
const failuresMax = 10

type GivenUp = Extract<RetryVerdict, { is: 'give-up' }>

export class Trials {
  readonly state: Retries
  readonly #context: Context<Settings>
  readonly #follower: Follower
  readonly #gate: () => Gate
  readonly #held = new Map<number, Held>()
  readonly #alarm: Alarm
  /** Since the last success. */
  gaveUp = 0
  lastFailure: Blame | undefined
  readonly #spent: () => void
  readonly #letters: DeadLetters

  constructor(context: Context<Settings>, follower: Follower, spent: () => void) {
    const { settings, hall } = context
    const { breaker } = settings
    this.#context = context
    this.#follower = follower
    this.#spent = spent
    this.#letters = new DeadLetters(context, settings.deadLetter)
    this.#gate = () => hall.gates.of(breaker)
    this.state = freshRetries(breaker === '' ? freshBudget() : hall.gates.budgetOf(breaker))
    this.#alarm = new Alarm(hall.world.clock, () => this.#tell({ is: 'time', gate: this.#gate() }))
  }

  /** Resolves when the message has come to its end; rejects when nobody else learns of that. */
  accept(msg: Message): Promise<void> {
    const { hall, settings } = this.#context
    this.#follower.hold(msg)
    // From a retry around this one that waits for the same breaker: it comes no nearer by itself.
    hall.gates.arrived(settings.breaker, envelopeOf(msg)['token'])
    return new Promise((resolve, reject) => {
      const firstAt = hall.world.clock.wall()
      const held = { msg, firstAt, resolve, reject, ending: undefined, failures: [] }
      this.#held.set(this.state.messages + 1, held)
      this.#tell({ is: 'accept', gate: this.#gate() })
    })
  }

  /** The watched breaker has changed. */
  gateMoved(): void {
    if (this.state.waiting > 0) this.#tell({ is: 'gate', gate: this.#gate() })
  }

  /** Tells how many. */
  flush(): number {
    return this.#tell({ is: 'flush' })
  }

  drop(count: number): number {
    return this.#tell({ is: 'drop', count })
  }

  close(): void {
    this.#tell({ is: 'close' })
    this.#letters.close()
    this.#alarm.set(undefined)
  }

  get now(): Instant {
    return this.#context.hall.world.clock.monotonic()
  }

  #tell(event: RetryEvent): number {
    const { verdicts, wakeAt } = decide(this.state, event, this.now, this.#context.settings)
    // The countdown in the status goes on between the moments that the policy asks for.
    const tick = after(this.now, tickMs)
    this.#alarm.set(wakeAt !== undefined && tick < wakeAt ? tick : wakeAt)
    for (const verdict of verdicts) this.#carryOut(verdict)
    this.#context.changed()
    return verdicts.length
  }

  #carryOut(verdict: RetryVerdict): void {
    if (verdict.is === 'late' || verdict.is === 'wait') return
    const held = this.#held.get(verdict.message)
    if (held === undefined) return
    if (verdict.is === 'attempt') {
      this.#attempt(held, verdict)
      return
    }
    this.#held.delete(verdict.message)
    if (held.ending !== undefined && verdict.is !== 'give-up') {
      this.#context.work.tellOuter(this.#follower, held.msg, held.ending)
    }
    if (verdict.is === 'interrupted') held.reject(new Fault('INTERRUPTED'))
    else if (verdict.is === 'give-up') this.#giveUp(held, verdict)
    else this.#settle(held)
  }

  #attempt(held: Held, { message, attempt, number }: Extract<RetryVerdict, { is: 'attempt' }>) {
    const { work, hall, settings } = this.#context
    const { clock, random } = hall.world
    const fields = { attempt: number, firstAt: held.firstAt }
    const token = work.release(this.#follower, held.msg, fields, (ending) => {
      hall.gates.lost(settings.breaker, token)
      held.ending = ending
      countIn(this.#context.counts.by('attempts'), ending.outcome)
      note(held, number, clock.wall())
      const ended = endedFrom(ending, clock.wall())
      this.#tell({ is: 'ended', message, attempt, ended, fraction: random.fraction() })
    })
    if (settings.breaker !== '') hall.gates.sent(settings.breaker, token)
  }

  #settle(held: Held): void {
    if (held.ending?.outcome === 'ok') this.gaveUp = 0
    held.resolve()
  }

  #giveUp(held: Held, { attempts, reason }: GivenUp): void {
    const { msg, firstAt, ending, resolve, reject } = held
    const { work } = this.#context
    const last = ending?.blame ?? this.#heldBack()
    const blame = reason === 'budget' ? spentBudget : last
    this.gaveUp += 1
    countIn(this.#context.counts.by('gaveUp'), reason)
    this.lastFailure = last
    if (reason === 'budget') this.#spent()
    const failure = work.failure(last)
    const fields = { attempt: attempts, firstAt, reason, failure }
    const outcome = reason === 'budget' ? 'failed' : (ending?.outcome ?? 'failed')
    const leave = () => work.leave(this.#follower, { msg, blame, outcome, fields })
    const { failures } = held
    const path = ending?.path ?? []
    Promise.resolve()
      .then(() =>
        this.#letters.isChosen
          ? this.#letters.keep({ msg, reason, attempts, firstAt, failures, path }).then(
              () => this.#follower.handOver(msg, blame),
              (error: unknown) => {
                work.complain(error)
                leave()
              },
            )
          : leave(),
      )
      .then(resolve, reject)
  }

  /** Waited for its breaker and was never tried. */
  #heldBack(): Blame {
    const { work, settings } = this.#context
    const values = { name: work.nameOf(settings.breaker), time: '…' }
    return { code: 'BREAKER_OPEN', values, kind: 'transient' }
  }
}

/** How it failed, for its story: the first failure and the last ones are kept. */
function note({ ending, failures }: Held, attempt: number, at: EpochMs): void {
  if (ending?.blame === undefined) return
  if (failures.length === failuresMax) failures.splice(1, 1)
  failures.push({ at, attempt, blame: ending.blame })
}

const spentBudget: Blame = { code: 'BUDGET_SPENT', values: {}, kind: 'transient' }
