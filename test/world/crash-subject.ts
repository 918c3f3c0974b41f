/**
 * What stands on the crash simulator: a journal, or a queue over one, each as the crash workload
 * drives it. A subject passes on what it is told; what must hold is judged elsewhere.
 */

import type { Message } from '../../src/store/active.js'
import { Journal } from '../../src/store/journal.js'
import type { Limits } from '../../src/store/limits.js'
import type { Outcome, Totals } from '../../src/store/payloads.js'
import { Queue, type QueueSettings } from '../../src/store/queue.js'
import { framingBytes } from '../../src/store/record.js'
import type { Ground } from '../../src/store/settings.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { Disguise, type DisguiseSettings, placeOf } from './crash-disguise.js'
import { readAll, type Sent } from './crash-workload-verdict.js'

/** A queue with these never drops and never refuses. */
export const unlimited: Limits = {
  maxMessages: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'reject',
  warnMessages: 'off',
}

export interface Subject {
  readonly waiting: number
  readonly totals: Readonly<Totals>
  /** Resolves with undefined when the message was counted and not kept. */
  append(message: Message): Promise<number | undefined>
  /** Ends one message; false when it had ended before. */
  settle(lane: number, sent: Sent, outcome: Outcome): boolean
  /** Every message that waits, in order. */
  readAll(): Promise<StoredRecord[]>
  close(): Promise<void>
}

export class JournalSubject implements Subject {
  readonly journal: Journal

  private constructor(journal: Journal) {
    this.journal = journal
  }

  static async open(ground: Ground, settings: QueueSettings): Promise<JournalSubject> {
    return new JournalSubject(await Journal.open(ground, settings))
  }

  get waiting(): number {
    return this.journal.waiting
  }

  get totals(): Readonly<Totals> {
    return this.journal.totals
  }

  append(message: Message): Promise<number> {
    return this.journal.append(message)
  }

  settle(_lane: number, { sequence = -1, payload }: Sent, outcome: Outcome): boolean {
    return this.journal.settle({ sequence, bytes: payload.length + framingBytes }, outcome)
  }

  readAll(): Promise<StoredRecord[]> {
    return readAll(this.journal)
  }

  close(): Promise<void> {
    return this.journal.close()
  }
}

export class QueueSubject implements Subject {
  readonly #queue: Queue
  /** Leased and not settled, by lane. */
  readonly leased = new Map<number, StoredRecord>()

  readonly #disguise: Disguise | undefined

  private constructor(queue: Queue, disguise: Disguise | undefined) {
    this.#queue = queue
    this.#disguise = disguise
  }

  static async open(
    ground: Ground,
    settings: QueueSettings,
    about?: DisguiseSettings,
  ): Promise<QueueSubject> {
    const disguise = about && new Disguise(about)
    return new QueueSubject(
      await Queue.open(ground, { ...settings, ...disguise?.settings }),
      disguise,
    )
  }

  get waiting(): number {
    return this.#queue.waiting
  }

  get totals(): Readonly<Totals> {
    return this.#queue.totals
  }

  append(message: Message): Promise<number | undefined> {
    const disguise = this.#disguise
    if (disguise === undefined) return this.#queue.accept(message, 'key')
    const { disguised, key, priority } = disguise.of(message)
    const accepted = this.#queue.accept(disguised, key, priority)
    return accepted.then((n) => (n === undefined ? n : disguise.stored(message.lane, n)))
  }

  settle(lane: number, _sent: Sent, outcome: Outcome): boolean {
    const record = this.leased.get(lane)
    if (record === undefined) return false
    this.leased.delete(lane)
    this.#queue.settle(record, outcome)
    return true
  }

  /** Leases some more messages; resolves with how many it got. */
  async lease(atMost: number): Promise<number> {
    await this.#queue.readAhead()
    for (let count = 0; count < atMost; count++) {
      const record = this.#queue.takeReady()
      if (record === undefined) return count
      this.leased.set(this.#disguise === undefined ? record.lane : placeOf(record), record)
    }
    return atMost
  }

  async readAll(): Promise<StoredRecord[]> {
    const records = await this.#queue.peek(Number.POSITIVE_INFINITY)
    return this.#disguise?.shown(records) ?? records
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
}
