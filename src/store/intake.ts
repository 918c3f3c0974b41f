/**
 * The way of a message into a queue: let in by the limits, put into the journal of its class, and
 * taken note of once it is stored. It makes no promise of its own: promises and what they hold on
 * to were half of the memory that a message takes. What is dropped to make room is the queue's
 * business.
 */

import type { Sequence } from '../base/units.js'
import type { Message } from './active.js'
import type { Told } from './append.js'
import type { Classes } from './classes.js'
import type { Endings } from './endings.js'
import type { Feed } from './feed.js'
import type { Quota } from './quota.js'
import { framingBytes } from './record.js'
import type { Priority } from './turns.js'

/** A message, and what `keyOf` would find in it. */
export interface Incoming {
  readonly message: Message
  readonly key: string
  readonly priority: Priority
}

/** Who hands a message in hears of it once, one way or the other. Must not throw. */
export interface Accepted {
  /** As safe as the durability setting says; undefined when it was dropped as the newest. */
  stored(sequence: Sequence | undefined): void
  failed(error: unknown): void
}

export interface IntakeParts {
  readonly classes: Classes
  readonly quota: Quota
  readonly endings: Endings
  /** Whether others can be dropped in the place of a new message. */
  canDrop(): boolean
  /** A message was not let in, as the newest. */
  turnedAway(key: string): void
  /** There is more than the limits allow. */
  overflowed(): void
}

export class Intake {
  readonly #parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** As `Queue.put`. */
  put(incoming: Incoming, accepted: Accepted): void {
    const parts = this.#parts
    try {
      if (!parts.quota.enter(incoming.message.payload.length, parts.canDrop())) {
        parts.turnedAway(incoming.key)
        accepted.stored(undefined)
        return
      }
    } catch (error) {
      accepted.failed(error)
      return
    }
    const entering = new Entering(parts, incoming, accepted)
    const feed = parts.classes.of(incoming.priority)
    if (!(feed instanceof Promise)) entering.put(feed)
    else feed.then((opened) => entering.put(opened)).catch((error) => entering.failed(error))
  }
}

/** One message that was let in. */
class Entering implements Told {
  readonly #parts: IntakeParts
  readonly #incoming: Incoming
  readonly #accepted: Accepted
  #feed: Feed | undefined

  constructor(parts: IntakeParts, incoming: Incoming, accepted: Accepted) {
    this.#parts = parts
    this.#incoming = incoming
    this.#accepted = accepted
  }

  put(feed: Feed): void {
    this.#feed = feed
    feed.journal.put(this.#incoming.message, this)
  }

  stored(sequence: Sequence): void {
    const { message, key } = this.#incoming
    const bytes = message.payload.length + framingBytes
    if (this.#feed !== undefined) {
      this.#feed.stored()
      this.#parts.endings.stored(this.#feed, message.lane, { sequence, bytes, key })
    }
    this.#leave()
    this.#accepted.stored(sequence)
  }

  failed(error: unknown): void {
    this.#leave()
    this.#accepted.failed(error)
  }

  #leave(): void {
    const { quota, overflowed } = this.#parts
    if (quota.leave(this.#incoming.message.payload.length)) overflowed()
  }
}
