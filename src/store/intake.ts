/**
 * The way of a message into a queue: let in by the limits, put into the journal of its class, and
 * taken note of once it is stored. One promise for each message, and no more: they were a third of
 * the memory that a message takes. What is dropped to make room is the queue's business.
 */

import type { Sequence } from '../base/units.js'
import type { Message } from './active.js'
import type { Classes } from './classes.js'
import type { Endings } from './endings.js'
import type { Feed } from './feed.js'
import type { Quota } from './quota.js'
import { framingBytes } from './record.js'
import type { Priority } from './turns.js'

export interface IntakeHost {
  /** Whether others can be dropped in the place of a new message. */
  canDrop(): boolean
  /** A message was not let in, as the newest. */
  turnedAway(key: string): void
  /** There is more than the limits allow. */
  overflowed(): void
}

export class Intake {
  readonly #classes: Classes
  readonly #quota: Quota
  readonly #endings: Endings
  readonly #host: IntakeHost

  constructor(classes: Classes, quota: Quota, endings: Endings, host: IntakeHost) {
    this.#classes = classes
    this.#quota = quota
    this.#endings = endings
    this.#host = host
  }

  /** As `Queue.accept`. */
  accept(message: Message, key: string, priority: Priority): Promise<Sequence | undefined> {
    const bytes = message.payload.length
    return new Promise((resolve, reject) => {
      if (!this.#quota.enter(bytes, this.#host.canDrop())) {
        this.#host.turnedAway(key)
        resolve(undefined)
        return
      }
      const failed = (error: unknown) => {
        this.#left(message)
        reject(error)
      }
      const put = (feed: Feed) => {
        const stored = (sequence: Sequence) => {
          feed.stored()
          this.#endings.stored(feed, message.lane, { sequence, bytes: bytes + framingBytes, key })
          this.#left(message)
          resolve(sequence)
        }
        feed.journal.put(message, { stored, failed })
      }
      const feed = this.#classes.of(priority)
      if (feed instanceof Promise) feed.then(put, failed)
      else put(feed)
    })
  }

  /** It is stored by now, or refused. */
  #left({ payload }: Message): void {
    if (this.#quota.leave(payload.length)) this.#host.overflowed()
  }
}
