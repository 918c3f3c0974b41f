/**
 * Where a feed reads on in its journal, and when: as soon as half of what the last read gave has
 * gone out, so that a backlog does not stand still at each read while the disk is asked. One read
 * is under way at a time; it keeps no message itself.
 */

import { ahead } from './crowd.js'
import type { Journal } from './journal.js'
import type { ReadLimits } from './reader.js'
import type { StoredRecord } from './tail.js'

const all = () => true

export class ReadingOn {
  /** What comes before was read, passed over or has ended. */
  position = 0
  readonly #journal: Pick<Journal, 'read' | 'durableNext'>
  readonly #keep: (record: StoredRecord) => boolean | Promise<boolean>
  #early: Promise<void> | undefined
  /** With so many left in memory it reads early. */
  #earlyAt = 0

  /** `keep` takes up what was read, in order; what it rejects is read again. */
  constructor(
    journal: Pick<Journal, 'read' | 'durableNext'>,
    keep: (record: StoredRecord) => boolean | Promise<boolean>,
  ) {
    this.#journal = journal
    this.#keep = keep
  }

  /** The read that was begun early, until it has ended; never rejects. */
  get early(): Promise<void> | undefined {
    return this.#early
  }

  /** False when it stands at the end. Rejects as `Journal.read` and `keep`. */
  async read(wanted: NonNullable<ReadLimits['wanted']>): Promise<boolean> {
    const limits = { records: ahead.records, bytes: ahead.bytes, wanted }
    const { records, next } = await this.#journal.read(this.position, limits)
    if (next === this.position) return false
    for (const record of records) {
      this.position = record.sequence // from here again if it cannot be sifted
      const kept = this.#keep(record)
      if (kept instanceof Promise) await kept
    }
    this.position = next
    this.#earlyAt = records.length >> 1
    return true
  }

  /** So many are left in memory: reads if it is time, and if there is a whole helping to read. */
  left(count: number): void {
    if (count !== this.#earlyAt || this.#early !== undefined) return
    if (this.#journal.durableNext - this.position < ahead.records) return
    this.#early = this.read(all)
      .catch(() => {}) // whoever needs it reads it again, and tells
      .then(() => {
        this.#early = undefined
      })
  }
}
