/**
 * For a queue on the crash simulator that has lanes, classes or conflation: the place of a message
 * travels in its payload, because its lane is a key's, and to the simulator it is shown under its
 * place as ever. A class that is not in its order is an error here, for its places hide it.
 */

import type { Message } from '../../src/store/active.js'
import type { Order } from '../../src/store/feed.js'
import type { Outcome } from '../../src/store/payloads.js'
import type { QueueSettings } from '../../src/store/queue.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Priority } from '../../src/store/turns.js'

export interface QueueTraits {
  readonly order?: Order
  /** Messages of all three classes. */
  readonly hasClasses?: boolean
  readonly isConflating?: boolean
}

export interface DisguiseSettings {
  readonly traits: QueueTraits
  /** Told of the place of each message that the queue drops for reasons of its own. */
  readonly dropped: (place: number) => void
}

const placeBytes = 4
/** Half of all messages have one key. */
const lanes = [1, 2, 1, 3, 1, 4, 1, 5]
const classes: readonly Priority[] = ['normal', 'high', 'normal', 'low', 'high']

export const placeOf = ({ payload }: StoredRecord): number => Buffer.from(payload).readUInt32LE(0)

export class Disguise {
  readonly #about: DisguiseSettings
  /** Places by class and number, as far as they are known. */
  readonly #places = new Map<string, number>()
  /** Dropped before whoever sent them knew their numbers. */
  readonly #early = new Set<string>()

  constructor(about: DisguiseSettings) {
    this.#about = about
  }

  get settings(): Partial<QueueSettings> {
    const { order = 'strict', isConflating = false } = this.#about.traits
    return {
      order,
      isConflating,
      maxInFlight: 8,
      keyOf: (record) => this.#keyOf(record),
      ended: (priority, sequence, outcome) => this.#ended(priority, sequence, outcome),
    }
  }

  /** A message of the simulator as the queue gets it. */
  of({ payload, codec, lane: place }: Message) {
    const bytes = Buffer.alloc(placeBytes + payload.length)
    bytes.writeUInt32LE(place)
    bytes.set(payload, placeBytes)
    const lane = lanes[place % lanes.length] ?? 0
    const disguised = { payload: bytes, codec, lane }
    return { disguised, key: `key ${lane}`, priority: this.#priorityOf(place) }
  }

  /** Takes note of a number; returns the place, which is what the simulator takes for it. */
  stored(place: number, sequence: number): number {
    const name = `${this.#priorityOf(place)} ${sequence}`
    this.#places.set(name, place)
    if (this.#early.delete(name)) this.#about.dropped(place)
    return place
  }

  /** Records as the simulator knows them, by place. Throws when a class is not in its order. */
  shown(records: readonly StoredRecord[]): StoredRecord[] {
    const last = new Map<Priority, number>()
    const all = records.map((record) => {
      const place = placeOf(record)
      const priority = this.#priorityOf(place)
      if ((last.get(priority) ?? -1) >= place) throw new Error(`message ${place} is out of order`)
      last.set(priority, place)
      const { id, storedAt, codec, bytes } = record
      const payload = record.payload.subarray(placeBytes)
      return { id, storedAt, codec, bytes, lane: place, sequence: place, payload }
    })
    return all.sort((a, b) => a.lane - b.lane)
  }

  #priorityOf(place: number): Priority {
    const { hasClasses = false } = this.#about.traits
    return hasClasses ? (classes[place % classes.length] ?? 'normal') : 'normal'
  }

  #keyOf(record: StoredRecord): string {
    const place = placeOf(record)
    this.#places.set(`${this.#priorityOf(place)} ${record.sequence}`, place)
    return `key ${record.lane}`
  }

  #ended(priority: Priority, sequence: number, outcome: Outcome): void {
    if (outcome === 'delivered' || outcome === 'dead-lettered') return
    const name = `${priority} ${sequence}`
    const place = this.#places.get(name)
    if (place === undefined) this.#early.add(name)
    else this.#about.dropped(place)
  }
}
