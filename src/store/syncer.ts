/**
 * When the active segment is synced, and who learns of it. One sync runs at a time; a message
 * resolves when a sync that began after it was written has succeeded. It writes nothing, and after
 * a failure it never tries again.
 */

import type { Cancel, Clock } from '../base/ports.js'
import { after, type Instant, type Ms, ms, type Sequence } from '../base/units.js'
import type { ActiveSegment } from './active.js'
import type { Budget } from './budget.js'

/**
 * When an append counts as accepted: after a sync of its own group; after a sync that runs at most
 * every so often; or when the operating system has it, and a power cut may lose the last seconds.
 */
export type Durability =
  | { readonly is: 'each' }
  | { readonly is: 'interval'; readonly every: Ms }
  | { readonly is: 'system' }

/** A message that is written and waits for its sync. */
export interface Unsynced {
  readonly sequence: Sequence
  resolve(sequence: Sequence): void
  reject(error: unknown): void
}

export interface SyncerHost {
  /** A sync ended well, or the work stopped. */
  done(): void
  failed(error: unknown): void
}

/** Outcomes on their own, and everything under `system`, are synced this late at most. */
const idleSyncAfter = ms(1000)

export class Syncer {
  readonly #clock: Clock
  readonly #budget: Budget
  readonly #durability: Durability
  readonly #host: SyncerHost
  #active: ActiveSegment
  #unsynced: Unsynced[] = []
  #running: Promise<void> | undefined
  #isSyncing = false
  #planned: { readonly due: Instant; readonly cancel: Cancel } | undefined
  #lastAt: Instant
  #stopped: unknown
  /** Messages below this number are as safe as the setting says. */
  durableNext: Sequence

  constructor(
    clock: Clock,
    budget: Budget,
    durability: Durability,
    active: ActiveSegment,
    host: SyncerHost,
  ) {
    this.#clock = clock
    this.#budget = budget
    this.#durability = durability
    this.#active = active
    this.#host = host
    this.#lastAt = clock.monotonic()
    this.durableNext = active.segment.next
  }

  /** When a sync last succeeded, or the file was opened. */
  get lastAt(): Instant {
    return this.#lastAt
  }

  /** A sync is at work; one that waits for its turn among all queues still takes up messages. */
  get isRunning(): boolean {
    return this.#isSyncing
  }

  /** The segment to sync from now on; everything in the one before is durable. */
  turnTo(active: ActiveSegment): void {
    this.#active = active
    this.durableNext = active.segment.next
  }

  /** Takes up a message that is in the file now. */
  add(message: Unsynced): void {
    if (this.#durability.is === 'system') {
      this.durableNext = message.sequence + 1
      message.resolve(message.sequence)
    } else this.#unsynced.push(message)
  }

  /** Something was written: plans the sync that it needs, if none is planned as soon. */
  wrote(): void {
    const now = this.#clock.monotonic()
    if (this.#unsynced.length === 0) this.#by(after(now, idleSyncAfter))
    else if (this.#durability.is === 'interval')
      this.#by(after(this.#lastAt, this.#durability.every))
    else this.now()
  }

  /** Syncs now, unless a sync runs. */
  now(): void {
    this.#planned?.cancel()
    this.#planned = undefined
    if (this.#running !== undefined || this.#stopped !== undefined) return
    this.#running = this.#group()
      .catch((error: unknown) => this.#host.failed(error))
      .then(() => {
        this.#running = undefined
        // A message may be in the file before it is handed over here.
        const isMissing = this.#active.synced < this.#active.written || this.#unsynced.length > 0
        if (isMissing) this.wrote()
        this.#host.done()
      })
  }

  /** Resolves when everything written is durable; rejects when it cannot be. */
  async all(): Promise<void> {
    while (this.#stopped === undefined && this.#active.synced < this.#active.written) {
      this.now()
      await this.#running
    }
    this.#planned?.cancel()
    this.#planned = undefined
    if (this.#stopped !== undefined) throw this.#stopped
  }

  /** Rejects what waits and never syncs again. */
  stop(error: unknown): void {
    this.#stopped ??= error
    this.#planned?.cancel()
    for (const message of this.#unsynced.splice(0)) message.reject(error)
  }

  #by(due: Instant): void {
    if (this.#planned !== undefined && this.#planned.due <= due) return
    this.#planned?.cancel()
    const span = ms(due - this.#clock.monotonic())
    if (span > 0) this.#planned = { due, cancel: this.#clock.wake(span, () => this.now()) }
    else this.now()
  }

  async #group(): Promise<void> {
    let covered: Unsynced[] = []
    try {
      await this.#budget.sync(() => {
        if (this.#stopped !== undefined) throw this.#stopped
        covered = this.#unsynced.splice(0)
        this.#isSyncing = true
        return this.#active.sync()
      })
    } catch (error) {
      for (const message of covered) message.reject(error)
      throw error
    } finally {
      // Before anybody learns of it, so that what is sent in answer begins the next group.
      this.#isSyncing = false
    }
    this.#lastAt = this.#clock.monotonic()
    const last = covered.at(-1)
    if (last !== undefined) this.durableNext = last.sequence + 1
    for (const message of covered) message.resolve(message.sequence)
  }
}
