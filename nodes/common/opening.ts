/**
 * The opening of one room, tried again until it succeeds: a disk that is full or a directory
 * without rights is mended by a person, and found out without a deploy. Messages that come
 * meanwhile wait in memory, a bounded number of them. What a room is, it does not know.
 */

import { Fault } from '../../src/base/fault.js'
import type { Cancel, Clock } from '../../src/base/ports.js'
import { type Instant, ms, since } from '../../src/base/units.js'

const againAfter = ms(10_000)
/** Messages that may wait for a room to open; an opening takes a moment, unless the disk stalls. */
const earlyMax = 10_000

export interface OpeningParts<Room> {
  readonly clock: Clock
  /** Tells the room when its ground gave way: it is closed then, once, and opened again later. */
  open(failed: (fault: Fault) => void): Promise<Room>
  close(room: Room): Promise<void>
  /** It is open, or not any more. */
  changed(isOpen: boolean): void
  /** Why it cannot be opened, or had to be closed. */
  complain(error: unknown): void
}

export class Opening<Room extends object> {
  readonly #parts: OpeningParts<Room>
  /** The room, or why there is none; pending only while an opening runs. */
  #room: Promise<Room | Fault> = Promise.resolve(new Fault('INTERRUPTED'))
  #current: Room | Fault | undefined
  #startedAt: Instant
  /** Messages that wait for it. */
  #early = 0
  #isClosed = false
  #again: Cancel | undefined

  constructor(parts: OpeningParts<Room>) {
    this.#parts = parts
    this.#startedAt = parts.clock.monotonic()
  }

  /** The room, why there is none, or undefined while it opens. */
  get current(): Room | Fault | undefined {
    return this.#current
  }

  start(): void {
    const { clock, open, changed } = this.#parts
    const attempt = { hasFailed: false }
    this.#startedAt = clock.monotonic()
    this.#current = undefined
    changed(false)
    this.#room = open((fault) => this.#failed(fault, attempt))
      .catch((error: unknown) => this.#cannotOpen(error))
      .then((room) => {
        if (attempt.hasFailed) return room
        this.#current = room
        changed(!(room instanceof Fault))
        return room
      })
  }

  /** Waits while it opens. Resolves with DISK_STALLED when too many wait already. */
  async whenOpen(): Promise<Room | Fault> {
    if (this.#current !== undefined) return this.#room
    if (this.#early >= earlyMax) {
      const time = since(this.#startedAt, this.#parts.clock.monotonic())
      return new Fault('DISK_STALLED', { time })
    }
    this.#early++
    try {
      return await this.#room
    } finally {
      this.#early--
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#again?.()
    await this.#clear(this.#room)
  }

  #cannotOpen(error: unknown): Fault {
    this.#parts.complain(error)
    this.#later()
    return error instanceof Fault ? error : new Fault('DISK_UNWRITABLE', {}, error)
  }

  /** The ground gave way under a room: it is cleared now, once, and tried again later. */
  #failed(fault: Fault, attempt: { hasFailed: boolean }): void {
    if (attempt.hasFailed) return
    attempt.hasFailed = true
    this.#parts.complain(fault)
    const cleared = this.#clear(this.#room).then(() => fault)
    this.#current = fault
    this.#room = cleared
    this.#parts.changed(false)
    cleared.finally(() => this.#later()).catch(() => {}) // whoever awaits it hears of it
  }

  #later(): void {
    if (this.#isClosed) return
    this.#again?.()
    this.#again = this.#parts.clock.wake(againAfter, () => this.start())
  }

  async #clear(opening: Promise<Room | Fault>): Promise<void> {
    const room = await opening
    if (!(room instanceof Fault)) await this.#parts.close(room)
  }
}
