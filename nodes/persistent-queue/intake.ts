/**
 * Brings messages into the queue in the order in which they came, however long their key and their
 * priority take to be worked out. What is not accepted is told to its sender.
 */

import { keyFrom } from '../../src/policy/keyed.js'
import { laneOf } from '../../src/store/lane.js'
import type { Queue } from '../../src/store/queue.js'
import { type Priority, priorities } from '../../src/store/turns.js'
import { stored } from '../common/content.js'
import type { ValueOf } from '../common/key.js'
import type { Message } from '../common/node-red.js'
import type { Context } from '../common/room.js'
import type { Settings } from './persistent-queue.settings.js'

export class Intake {
  readonly #context: Context<Settings>
  readonly #queue: Queue
  readonly #keyOf: ValueOf
  readonly #priorityOf: ValueOf
  readonly #turnedAway: (msg: Message) => Promise<void>
  /** Messages whose key or priority is being worked out, one after another. */
  #turn: Promise<unknown> | undefined

  /** `turnedAway` takes a message for which the queue had no room, or rejects. */
  constructor(
    context: Context<Settings>,
    queue: Queue,
    turnedAway: (msg: Message) => Promise<void>,
  ) {
    const { settings, work } = context
    this.#context = context
    this.#queue = queue
    this.#keyOf = work.valueOf(settings.key, 'key')
    this.#priorityOf = work.valueOf(settings.priority, 'priority')
    this.#turnedAway = turnedAway
  }

  /**
   * Resolves when it is as safe as the durability setting says. Rejects as `Queue.accept`, and
   * throws what `keyOf` throws.
   */
  accept(msg: Message): Promise<void> {
    const key = this.#keyOf(msg)
    const priority = this.#priorityOf(msg)
    const isLater = this.#turn !== undefined || key instanceof Promise
    if (isLater || priority instanceof Promise) return this.#keepLater(msg, key, priority)
    return this.#keep(msg, key, priority)
  }

  async #keepLater(msg: Message, key: unknown, priority: unknown): Promise<void> {
    const before = this.#turn
    const values = Promise.all([key, priority])
    const turn = before === undefined ? values : before.then(() => values)
    const quiet = turn.catch(() => {}) // its sender is told below
    this.#turn = quiet
    const [foundKey, foundPriority] = await turn
    const keeping = this.#keep(msg, foundKey, foundPriority)
    if (this.#turn === quiet) this.#turn = undefined
    await keeping
  }

  /** One promise for all of it: each takes a part of the time of a message. */
  #keep(msg: Message, foundKey: unknown, foundPriority: unknown): Promise<void> {
    return new Promise((resolve, failed) => {
      const { hall, settings } = this.#context
      const key = keyFrom(foundKey)
      const accepted = { key, firstAt: hall.world.clock.wall() }
      const { codec, bytes } = stored(msg, accepted, settings.leavesOut)
      const message = { codec, payload: bytes, lane: key === '' ? 0 : laneOf(key) }
      const named = key === '' ? String(msg['_msgid'] ?? '') : key
      const priority = priorityFrom(foundPriority)
      this.#queue.put(
        { message, key: named, priority },
        {
          stored: (sequence) => resolve(sequence === undefined ? this.#turnedAway(msg) : undefined),
          failed,
        },
      )
    })
  }
}

/** `high`, `normal`, `low`, or 2, 1, 0; all else is normal. */
function priorityFrom(value: unknown): Priority {
  const word = String(value).trim().toLowerCase()
  return priorities.find((each, at) => each === word || word === `${2 - at}`) ?? 'normal'
}
