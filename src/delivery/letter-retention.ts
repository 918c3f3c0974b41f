/**
 * How many letters are kept, how large and how long: the limits of a queue, but that the oldest
 * always make room, those that were deleted before all others. What goes is counted by reason, and
 * told before it comes to that. A letter that is out is never dropped.
 */

import type { DropReason, Event } from '../base/event.js'
import type { Fault } from '../base/fault.js'
import type { Cancel } from '../base/ports.js'
import { type Bytes, type Ms, ms } from '../base/units.js'
import { Drops } from '../store/drops.js'
import { Ages, type Limits } from '../store/limits.js'
import { Quota } from '../store/quota.js'
import type { Ground } from '../store/settings.js'
import type { Entry } from './letter-index.js'
import type { LetterJournal } from './letter-journal.js'

export interface RetentionSettings {
  readonly directory: string
  readonly limits: Limits
  /** Deleted and replaced letters are kept for so long. */
  readonly keepDeletedMs: Ms
}

const sweepEvery = ms(5000)
/** Share of a limit at which letters are told to go soon; `Levels` of the store says so too. */
const near = 0.8
const perTurn = 500

export class LetterRetention {
  readonly #ground: Ground
  readonly #settings: RetentionSettings
  readonly #letters: LetterJournal
  readonly #quota: Quota
  readonly #drops: Drops
  readonly #ages: Ages
  #cancelSweep: Cancel = () => {}
  #isClosed = false

  /** `inFlight`: letters that are out. */
  constructor(
    ground: Ground,
    settings: RetentionSettings,
    letters: LetterJournal,
    inFlight: () => number,
  ) {
    const { clock } = ground.world
    const emit = (event: Event) => this.#tell(event)
    this.#ground = ground
    this.#settings = settings
    this.#letters = letters
    const limits: Limits = { ...settings.limits, overflow: 'drop-oldest' }
    this.#quota = new Quota({ ...ground, emit }, settings.directory, limits, {
      get waiting() {
        return letters.index.size
      },
      get inFlight() {
        return inFlight()
      },
      get liveBytes() {
        return letters.liveBytes
      },
    })
    this.#drops = new Drops(clock, ground.emit)
    this.#ages = new Ages(clock.wall(), clock.monotonic())
  }

  /** Rejects with the system's error. */
  async start(): Promise<void> {
    await this.#quota.look()
    this.#quota.note()
    this.#sweepLater()
  }

  /** As `Quota.freeBytes`. */
  get freeBytes(): Bytes {
    return this.#quota.freeBytes
  }

  /** Whether a limit is at 80 % or more. */
  get isNear(): boolean {
    const { maxMessages, maxBytes, maxAge } = this.#settings.limits
    const { index, liveBytes } = this.#letters
    if (index.size >= maxMessages * near || liveBytes >= maxBytes * near) return true
    const { oldest } = index
    if (maxAge === 'unlimited' || oldest === undefined) return false
    return (this.#ageOf(oldest.storedAt) ?? 0) >= maxAge * near
  }

  /**
   * Runs `keep` with room made for so many bytes. Rejects with PAYLOAD_TOO_LARGE, with QUEUE_FULL
   * or DISK_FULL when all letters are out, or with what `keep` rejects with.
   */
  async room<T>(size: Bytes, keep: () => Promise<T>): Promise<T> {
    this.#quota.enter(size, true)
    try {
      return await keep()
    } finally {
      this.#quota.leave(size)
      this.#trim()
    }
  }

  /** Why a letter of so many bytes would push another out, if it would. */
  refusalOf(bytes: Bytes): Fault | undefined {
    return this.#quota.refusalOf(1, bytes)
  }

  /** Ends a letter and counts it. */
  drop(entry: Entry, reason: DropReason): void {
    const isReplaced = entry.aside?.state === 'resolved'
    const isDeleted = entry.aside?.state === 'deleted'
    const why = isDeleted ? 'operator' : reason
    this.#letters.end(entry, isReplaced ? 'delivered' : why)
    if (!isReplaced) this.#drops.add(why, entry.cause, entry.id)
    this.#quota.note()
  }

  /** Drops all that are there and still meant when their turn comes; resolves with how many. */
  async dropAll(entries: Iterable<Entry>, isMeant: (entry: Entry) => boolean): Promise<number> {
    let count = 0
    for (const entry of entries) {
      if (this.#isClosed) break
      if (entry.isGone || !isMeant(entry)) continue
      this.drop(entry, 'operator')
      if (++count % perTurn === 0) await this.#turn()
    }
    return count
  }

  close(): void {
    this.#isClosed = true
    this.#cancelSweep()
    this.#drops.tell()
  }

  #trim(): void {
    while (this.#quota.isHeldPassed) {
      const [aside] = this.#letters.index.aside
      const next = aside ?? this.#letters.index.oldest
      if (next === undefined) return
      this.drop(next, 'overflow')
    }
  }

  #sweepLater(): void {
    if (this.#isClosed) return
    this.#cancelSweep = this.#ground.world.clock.wake(sweepEvery, () => {
      this.#quota
        .look()
        .catch(() => {}) // what was known of the disk goes on to hold
        .then(() => this.#sweep())
        .catch(() => {}) // told by the journal; the next sweep tries again
        .finally(() => this.#sweepLater())
    })
  }

  async #sweep(): Promise<void> {
    const { limits, keepDeletedMs } = this.#settings
    const { index } = this.#letters
    let dropped = 0
    const inTurns = async (entry: Entry) => {
      this.drop(entry, 'expired')
      if (++dropped % perTurn === 0) await this.#turn()
    }
    for (const entry of [...index.aside]) {
      const age = this.#ageOf(entry.aside?.at ?? 0)
      if (age !== undefined && age >= keepDeletedMs) await inTurns(entry)
    }
    const { maxAge } = limits
    for (let { oldest } = index; maxAge !== 'unlimited' && oldest !== undefined; ) {
      const age = this.#ageOf(oldest.storedAt)
      if (age === undefined || age <= maxAge || this.#isClosed) break
      await inTurns(oldest)
      oldest = index.oldest
    }
    const age = index.oldest === undefined ? ms(0) : this.#ageOf(index.oldest.storedAt)
    if (age !== undefined) this.#quota.aged(age)
    this.#trim()
  }

  #ageOf(storedAt: number): Ms | undefined {
    const { clock } = this.#ground.world
    return this.#ages.of(storedAt, clock.wall(), clock.monotonic())
  }

  /** What a queue warns of is here what comes next: the oldest go. */
  #tell(event: Event): void {
    const { emit } = this.#ground
    const { oldest, size } = this.#letters.index
    const isEnd = 'resolves' in event && event.resolves === 'queue.warned'
    if (isEnd && event.limit !== 'count') return // what expires next has no end that is news
    if (event.kind !== 'queue.warned' || event.limit === 'count' || oldest === undefined)
      emit(event)
    else emit({ kind: 'letters.expiring', cause: oldest.cause, count: size })
  }

  #turn(): Promise<void> {
    return new Promise((go) => this.#ground.world.clock.soon(go))
  }
}
