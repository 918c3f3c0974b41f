/**
 * The pump of a durable queue: hands messages to a flow as fast as places, rate, gate and pauses
 * allow, learns how each ended, and takes it off the disk only then. When and how often is the
 * policy's; it keeps in memory what is out or waits for another attempt, and nothing else.
 */

import type { DropReason } from '../base/event.js'
import type { Cancel, Clock } from '../base/ports.js'
import { type Instant, type Ms, ms, since } from '../base/units.js'
import { Brake } from '../mqtt/brake.js'
import type { Gate } from '../policy/circuit-breaker-state.js'
import { endedFrom } from '../policy/ended.js'
import type { Ending } from '../policy/outcome.js'
import { ended, hurry, withdraw } from '../policy/release.js'
import { again, next, took, waitOf } from '../policy/release-next.js'
import {
  freshRelease,
  type HeldMessage,
  type Release,
  type ReleaseVerdict,
  type Wait,
} from '../policy/release-state.js'
import { choiceOf, type Which } from '../store/clearing.js'
import type { Choice } from '../store/trimming.js'
import { type Lease, Leases } from './leases.js'
import { ReadAhead } from './read-ahead.js'
import type { ReleaserHost, ReleaserParts, ReleaserSettings } from './release-host.js'

const historicalAfterMs = 1000
const openGate: Gate = { free: Number.POSITIVE_INFINITY, retryAt: undefined }

export class Releaser {
  readonly state: Release = freshRelease()
  /** Since it was opened. */
  gaveUp = 0
  gaveUpAt: Instant | undefined
  readonly #clock: Clock
  readonly #parts: ReleaserParts
  readonly #settings: ReleaserSettings
  readonly #host: ReleaserHost
  readonly #brake: Brake
  readonly #ahead: ReadAhead
  readonly #leases: Leases
  #wake: { readonly at: Instant; readonly cancel: Cancel } | undefined
  #isPaused = false
  #isStopped = false
  /** What is dropped must not slip out meanwhile. */
  #isDropping = false
  /** Messages that still go whatever the gate says. */
  #flushLeft = 0
  #emptied: (() => void) | undefined

  constructor(parts: ReleaserParts, settings: ReleaserSettings, host: ReleaserHost) {
    const { clock } = parts.world
    this.#clock = clock
    this.#parts = parts
    this.#settings = settings
    this.#leases = new Leases(parts.queue, parts.attempts)
    this.#host = host
    const limited = Object.keys(settings.rate).length > 0
    this.#brake = new Brake(clock, limited ? settings.rate : undefined, () => this.pump())
    this.#ahead = new ReadAhead(clock, parts.queue, () => this.pump())
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused
    this.#host.changed()
    this.pump()
  }

  /** Whether a circuit breaker holds everything back. */
  get isGated(): boolean {
    return this.#flushLeft === 0 && this.#parts.gate().free <= 0
  }

  /** What the next of the messages that were tried waits for; undefined when none waits. */
  get wait(): Wait | undefined {
    return waitOf(this.state, this.#settings)
  }

  /** How the last attempt ended of the message that holds back all others. */
  get holdEnding(): Ending | undefined {
    const { hold } = this.state
    return hold === undefined ? undefined : this.#leases.get(hold.message)?.ending
  }

  /** Something was stored. */
  stored(): void {
    this.#host.changed()
    this.pump()
  }

  /** The circuit breaker has changed: what it refused need not wait any longer. */
  gateMoved(): void {
    if (this.#parts.gate().free > 0) hurry(this.state, this.#clock.monotonic(), ['refusal'])
    this.#host.changed()
    this.pump()
  }

  /** Releases what waits now, paused or not: waits and the gate are set aside, the rate is kept. */
  flush(): void {
    const { queue } = this.#parts
    this.#flushLeft = queue.waiting - this.state.out
    hurry(this.state, this.#clock.monotonic())
    this.pump()
  }

  /** Hands out whatever may go now. */
  pump(): void {
    while (this.#isRunning) {
      const now = this.#clock.monotonic()
      const gate = this.#flushLeft > 0 ? openGate : this.#parts.gate()
      const choice = next(this.state, gate.free, now, this.#settings)
      if (choice.is === 'none') {
        this.#wakeAt(gate.free > 0 ? choice.wakeAt : gate.retryAt)
        return
      }
      if (!this.#brake.mayGo()) return
      if (choice.is === 'lease' && !this.#lease()) return
      if (choice.is === 'again') {
        const held = again(this.state, choice.message)
        if (held !== undefined) this.#release(held)
      }
    }
    this.#brake.release()
  }

  /** Drops what a person chose and is not out, the oldest first; resolves with the count. */
  async drop(which: Which): Promise<number> {
    const { queue } = this.#parts
    this.#isDropping = true
    try {
      const count = this.#dropHeld(choiceOf(which, this.#settings.keyOf))
      const isCount = typeof which === 'object' && 'count' in which
      const rest = isCount ? { count: which.count - count } : which
      return count + (await queue.drop(rest))
    } finally {
      this.#isDropping = false
      this.pump()
    }
  }

  /** Hands out nothing new, waits at most `wait` for what is out, and remembers how often. */
  async close(wait: Ms): Promise<void> {
    this.#isStopped = true
    if (this.state.out > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.wake(wait, resolve)
        this.#emptied = () => {
          cancel()
          resolve()
        }
      })
    }
    this.#ahead.stop()
    this.#brake.release()
    this.#wakeAt(undefined)
    for (const lease of this.#leases.all()) this.#abandon(lease)
    await this.#leases.remember(this.state.held.values(), true)
    this.#leases.clear()
  }

  get #isRunning(): boolean {
    return !this.#isStopped && !this.#isDropping && (!this.#isPaused || this.#flushLeft > 0)
  }

  #dropHeld({ isMeant, atMost, isHandedOver }: Choice): number {
    let count = 0
    for (const lease of this.#leases.all()) {
      const { message, record, attempt } = lease
      if (count === atMost || !isMeant(record) || !withdraw(this.state, message)) continue
      count++
      const given = { record, attempt, reason: 'operator', blame: undefined, path: [] } as const
      const isGiven = isHandedOver && this.#host.canGiveUp()
      this.#leave(lease, 'operator', isGiven ? this.#host.giveUp(given) : undefined)
    }
    return count
  }

  /** False when none can be had at once. */
  #lease(): boolean {
    const lease = this.#leases.take()
    if (lease === undefined) {
      this.#ahead.want()
      this.#wakeAt(this.wait?.until)
      // What was flushed and then dropped is not to let others through later.
      if (this.#parts.queue.waiting <= this.state.held.size) this.#flushLeft = 0
      return false
    }
    this.#release(took(this.state, lease.message, lease.past))
    return true
  }

  #release({ message, releases }: HeldMessage): void {
    const lease = this.#leases.get(message)
    if (lease === undefined) return
    const { record } = lease
    this.#abandon(lease)
    this.#brake.sent(record.payload.length)
    if (this.#flushLeft > 0) this.#flushLeft--
    const isHistorical = this.#clock.wall() - record.storedAt >= historicalAfterMs
    lease.attempt = releases
    lease.isFollowed = true
    const handed = { record, attempt: releases, isHistorical }
    lease.token = this.#host.release(handed, (ending) => {
      // What was told of an earlier attempt in the turn in which this one began says nothing of it.
      if (lease.attempt === releases) this.#ended(lease, ending)
    })
    this.#host.changed()
  }

  /** A late end of its last attempt must not be heard any more. */
  #abandon(lease: Lease): void {
    if (lease.isFollowed) this.#host.abandon(lease.token)
    lease.isFollowed = false
  }

  #ended(lease: Lease, ending: Ending): void {
    const { message } = lease
    if (this.#leases.get(message) !== lease) return
    lease.ending = ending
    lease.isFollowed = ending.outcome === 'timeout'
    const { clock, random } = this.#parts.world
    const { deliveries, stillOpen, failedAfterMs } = ending
    const [only, other] = stillOpen
    const isAlone = ending.outcome === 'timeout' && other === undefined
    const onlyOpen = isAlone && failedAfterMs === undefined ? only?.id : undefined
    const around = {
      now: clock.monotonic(),
      fraction: random.fraction(),
      canGiveUp: this.#host.canGiveUp(),
    }
    const end = { deliveries, onlyOpen, ...endedFrom(ending, clock.wall()) }
    for (const verdict of ended(this.state, message, end, this.#settings, around)) {
      this.#carryOut(verdict)
    }
    if (this.state.out === 0) this.#emptied?.()
    this.#host.changed()
    this.pump()
  }

  #carryOut(verdict: ReleaseVerdict): void {
    switch (verdict.is) {
      case 'settle':
        this.#leases.settle(verdict.message, verdict.as)
        break
      case 'give-up':
        this.#giveUp(verdict.message, verdict.reason)
        break
      case 'wait':
        void this.#leases.remember(this.state.held.values(), false) // never rejects
        break
      case 'late':
        break
      default:
        verdict satisfies never
    }
  }

  #giveUp(message: number, reason: DropReason): void {
    const lease = this.#leases.get(message)
    if (lease === undefined) return
    const { record, ending } = lease
    this.gaveUp++
    this.gaveUpAt = this.#clock.monotonic()
    const { blame, path = [] } = ending ?? {}
    const taking = this.#host.giveUp({ record, attempt: lease.attempt, reason, blame, path })
    this.#leave(lease, reason, taking)
  }

  /** A message that is kept elsewhere stays here until it is safe there. */
  #leave(lease: Lease, reason: DropReason, taking: unknown): void {
    this.#abandon(lease)
    const { message } = lease
    if (taking instanceof Promise) {
      void taking.then(() => {
        this.#leases.settle(message, 'dead-lettered')
        this.#host.changed()
        this.pump()
      })
    } else this.#leases.settle(message, reason)
  }

  #wakeAt(at: Instant | undefined): void {
    if (this.#wake?.at === at) return
    this.#wake?.cancel()
    this.#wake = undefined
    if (at === undefined) return
    const span = ms(Math.max(1, since(this.#clock.monotonic(), at)))
    const cancel = this.#clock.wake(span, () => {
      this.#wake = undefined
      this.pump()
    })
    this.#wake = { at, cancel }
  }
}
