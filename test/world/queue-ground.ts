/**
 * A queue on a world in memory, and the few moves of a test: accept, take, settle, drain. The key
 * of a message is what stands before the first colon of its text. It judges nothing.
 */

import { laneOf } from '../../src/store/lane.js'
import type { Limits } from '../../src/store/limits.js'
import { Queue, type QueueSettings } from '../../src/store/queue.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Priority } from '../../src/store/turns.js'
import { codeOf, directory, dropsIn, groundOf, type StoreGround } from './store-ground.js'

/** A day on which the age of a message counts. */
export const wall = Date.UTC(2027, 0, 1)

export const limitless: Limits = {
  maxMessages: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'drop-oldest',
  warnMessages: 'off',
}

export const textOf = ({ payload }: StoredRecord): string => Buffer.from(payload).toString()

export const keyOfText = (text: string): string => text.split(':')[0] ?? ''

export type QueueOptions = Omit<Partial<QueueSettings>, 'limits'> & {
  readonly limits?: Partial<Limits>
}

export class QueueGround {
  readonly ground: StoreGround
  readonly options: QueueOptions
  queue: Queue

  private constructor(ground: StoreGround, options: QueueOptions, queue: Queue) {
    this.ground = ground
    this.options = options
    this.queue = queue
  }

  static async open(options: QueueOptions = {}, ground = groundOf({ wall })) {
    const queue = await ground.finish(Queue.open(ground, settingsOf(options)))
    return new QueueGround(ground, options, queue)
  }

  async reopen(): Promise<void> {
    await this.ground.finish(this.queue.close())
    this.queue = await this.ground.finish(Queue.open(this.ground, settingsOf(this.options)))
  }

  /** The next process, after this one was killed. */
  afterKill(options: QueueOptions = this.options): Promise<QueueGround> {
    return QueueGround.open(options, this.ground.afterKill())
  }

  /** All at once; what each resolved with, or the code it was refused with. */
  accept(texts: readonly string[], priority?: Priority): Promise<unknown[]> {
    const accepted = texts.map((text) => codeOf(this.begin(text, priority)))
    return this.ground.finish(Promise.all(accepted))
  }

  /** One message on its way. */
  begin(text: string, priority?: Priority): Promise<number | undefined> {
    const key = keyOfText(text)
    const message = { payload: Buffer.from(text), codec: 0, lane: key === '' ? 0 : laneOf(key) }
    return this.queue.accept(message, key, priority)
  }

  /** Leases what can go now, `atMost` so many. */
  async take(atMost = Number.POSITIVE_INFINITY): Promise<StoredRecord[]> {
    const records: StoredRecord[] = []
    while (records.length < atMost && (await this.ground.finish(this.queue.readAhead()))) {
      for (let next = this.queue.takeReady(); next !== undefined; next = this.queue.takeReady()) {
        records.push(next)
        if (records.length === atMost) break
      }
    }
    return records
  }

  deliver(records: readonly StoredRecord[]): void {
    for (const record of records) this.queue.settle(record, 'delivered')
  }

  /** Texts of all that waits, in groups that were out together. */
  async drain(): Promise<string[][]> {
    const groups: string[][] = []
    for (;;) {
      const records = await this.take()
      if (records.length === 0) return groups
      groups.push(records.map(textOf))
      this.deliver(records)
    }
  }

  async drainAll(): Promise<string[]> {
    return (await this.drain()).flat()
  }

  /** Drops that were told, after those that wait to be told. */
  async drops() {
    await this.ground.world.clock.advance(1000)
    return dropsIn(this.ground.events)
  }
}

function settingsOf({ limits, ...others }: QueueOptions): QueueSettings {
  return {
    directory,
    queueId: 'q1',
    durability: { is: 'each' },
    ballastBytes: 0,
    keyOf: (record) => keyOfText(textOf(record)),
    ...others,
    limits: { ...limitless, ...limits },
  }
}
