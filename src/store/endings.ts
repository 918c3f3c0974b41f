/**
 * How messages end: handed over first if somebody wants to keep what is set aside, then settled,
 * counted and announced with their key. Stale ones end here before they go out. It never ends a
 * message twice, and never decides that one is too old or too many.
 */

import type { DropReason } from '../base/event.js'
import type { Sequence } from '../base/units.js'
import { Conflation } from './conflation.js'
import type { Drops } from './drops.js'
import type { Feed } from './feed.js'
import type { Newest } from './latest.js'
import type { Outcome } from './payloads.js'
import type { StoredRecord } from './tail.js'
import type { Priority } from './turns.js'

export interface EndingsSettings {
  /**
   * What a person calls a message, for events: its topic or key. The lane of a message is the hash
   * of it, or 0 for a message without one.
   */
  readonly keyOf: (record: StoredRecord) => string
  /** Of messages that wait with the same key, only the newest is kept. */
  readonly isConflating?: boolean
  /**
   * Takes over a message that is about to be dropped; it is settled when this resolves, and offered
   * again when it rejects. Without it a drop is counted and announced, and nothing is poison.
   */
  readonly setAside?: (record: StoredRecord, reason: DropReason) => Promise<void>
  /** What is set aside is kept elsewhere: it ends so, and not as dropped. */
  readonly asideAs?: 'dead-lettered'
  /** Told of each message that ended, by its class and number in it. */
  readonly ended?: (priority: Priority, sequence: Sequence, outcome: Outcome) => void
}

export class Endings {
  readonly conflation: Conflation | undefined
  readonly #settings: EndingsSettings
  readonly #drops: Drops
  readonly #ended: () => void

  /** `ended`: there is room for one more. */
  constructor(settings: EndingsSettings, drops: Drops, ended: () => void) {
    this.#settings = settings
    this.#drops = drops
    this.#ended = ended
    this.conflation = settings.isConflating ? new Conflation((one) => this.keyOf(one)) : undefined
  }

  /** Ends a message; a drop is announced with its reason. */
  end(feed: Feed, record: StoredRecord, outcome: Outcome): void {
    this.conflation?.ended(feed.journal, record.lane, record.sequence)
    if (!feed.settle(record, outcome)) return
    if (isDrop(outcome)) this.#drops.add(outcome, this.keyOf(record), record.id)
    this.#tell(feed, record.sequence, outcome)
  }

  /**
   * Hands a message over, in time, then ends it. Rejects when nobody takes it; then it has not
   * ended.
   */
  async drop(
    feed: Feed,
    record: StoredRecord,
    reason: DropReason,
    inTime: (work: Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { setAside, asideAs = reason } = this.#settings
    if (setAside !== undefined) await inTime(setAside(record, reason))
    this.end(feed, record, asideAs)
  }

  /** Whether it was out alone when the process died, and somebody keeps what is set aside. */
  isPoison(feed: Feed, { sequence }: StoredRecord): boolean {
    return sequence === feed.poison && this.#settings.setAside !== undefined
  }

  /** Whether a message that was read is stale: it is ended then. */
  sift(feed: Feed, record: StoredRecord): boolean | Promise<boolean> {
    const { conflation } = this
    return conflation !== undefined && this.#endStale(conflation, feed, record)
  }

  async #endStale(conflation: Conflation, feed: Feed, record: StoredRecord): Promise<boolean> {
    if (!(await conflation.isStale(record, feed.journal))) return false
    this.end(feed, record, 'superseded')
    return true
  }

  /** A message was stored: an older one of its key may have become stale. */
  stored(feed: Feed, lane: number, newest: Newest & { readonly key: string }): void {
    const stale = this.conflation?.stored(lane, newest, feed)
    if (stale === undefined || !feed.settle(stale, 'superseded')) return
    this.#drops.add('superseded', newest.key, stale.id)
    this.#tell(feed, stale.sequence, 'superseded')
  }

  /** A record that cannot be read has no key: its id tells which one it was. */
  keyOf(record: StoredRecord): string {
    try {
      return this.#settings.keyOf(record)
    } catch {
      return record.id
    }
  }

  #tell(feed: Feed, sequence: Sequence, outcome: Outcome): void {
    this.#settings.ended?.(feed.priority, sequence, outcome)
    this.#ended()
  }
}

const isDrop = (outcome: Outcome): outcome is DropReason =>
  outcome !== 'delivered' && outcome !== 'dead-lettered'
