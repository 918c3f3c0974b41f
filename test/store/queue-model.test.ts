/**
 * A queue against a naive model: arrivals, leases, settlements in any order, clean restarts and
 * kills, interleaved at every await. In order within a class or a lane, at most one of a lane out,
 * each message once per life, and none lost or back after it was settled.
 */

import 'should'
import type { Order } from '../../src/store/feed.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { type Priority, priorities } from '../../src/store/turns.js'
import { QueueGround, textOf } from '../world/queue-ground.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import { isBalanced } from '../world/store-ground.js'

const lives = 16
const steps = 60

describe('queue against a model', () => {
  for (const order of ['strict', 'lanes'] as const) {
    for (const classes of [1, 3]) {
      it(`${order}, ${classes === 1 ? 'one class' : 'three classes'}`, async () => {
        for (let seed = testSeed; seed < testSeed + lives; seed++) {
          const model = await Model.open(seed, order, priorities.slice(3 - classes))
          await model.live()
          model.complaints.should.eql([], `seed ${seed}`)
        }
      })
    }
  }
})

interface Sent {
  readonly text: string
  readonly number: number
  /** Messages of one line keep their order. */
  readonly line: string
  /** The lease under which it is out. */
  record?: StoredRecord
}

class Model {
  readonly complaints: string[] = []
  readonly #order: Order
  readonly #classes: readonly Priority[]
  readonly #random: ReturnType<typeof seededRandom>
  #queue: QueueGround
  /** By text, in the order in which they came. */
  readonly #waiting = new Map<string, Sent>()
  #count = 0
  readonly #work: Promise<unknown>[] = []

  private constructor(
    seed: number,
    order: Order,
    classes: readonly Priority[],
    queue: QueueGround,
  ) {
    this.#random = seededRandom(seed)
    this.#order = order
    this.#classes = classes
    this.#queue = queue
  }

  static async open(seed: number, order: Order, classes: readonly Priority[]): Promise<Model> {
    const options = { order, maxInFlight: 1 + (seed % 30), segmentBytes: 1500 + (seed % 7) * 3000 }
    return new Model(seed, order, classes, await QueueGround.open(options))
  }

  async live(): Promise<void> {
    for (let step = 0; step < steps; step++) {
      const lot = this.#random.fraction()
      if (lot < 0.25) this.#accept()
      else if (lot < 0.55) this.#take()
      else if (lot < 0.9) this.#settle()
      else if (lot < 0.95) await this.#restart()
      else if (lot < 0.97) await this.#kill()
      for (let tick = below(this.#random, 12); tick > 0; tick--) await Promise.resolve()
      if (this.#random.fraction() < 0.3) await this.#rest()
    }
    await this.#drain()
  }

  #accept(): void {
    const count = below(this.#random, this.#random.fraction() < 0.1 ? 400 : 20)
    const priority = this.#classes[below(this.#random, this.#classes.length)] ?? 'normal'
    for (let n = 0; n < count; n++) {
      // One lane has about half of all messages.
      const key = this.#random.fraction() < 0.5 ? 'hot' : `k${below(this.#random, 40)}`
      const text = `${key}:${++this.#count}:${'x'.repeat(below(this.#random, 60))}`
      const line = this.#order === 'strict' ? priority : `${priority} ${key}`
      this.#waiting.set(text, { text, number: this.#count, line })
      this.#work.push(this.#queue.begin(text, priority))
    }
  }

  #take(): void {
    const { queue } = this.#queue
    this.#work.push(queue.readAhead())
    for (let n = 1 + below(this.#random, 20); n > 0; n--) {
      const record = queue.takeReady()
      if (record === undefined) return
      this.#took(record)
    }
  }

  #took(record: StoredRecord): void {
    const text = textOf(record)
    const sent = this.#waiting.get(text)
    if (sent === undefined) {
      this.#complain(`${text} was settled and is back`)
      return
    }
    if (sent.record !== undefined) this.#complain(`${text} is out twice`)
    for (const { line, number, record: lease } of this.#waiting.values()) {
      if (number >= sent.number) break
      if (line !== sent.line) continue
      if (lease === undefined) this.#complain(`${text} goes before ${number}`)
      else if (this.#order === 'lanes') this.#complain(`${text} and ${number} are both out`)
    }
    sent.record = record
    const count = this.#out.length
    const atMost = this.#queue.options.maxInFlight ?? 0
    if (count > atMost) this.#complain(`${count} are out of ${atMost}`)
  }

  #settle(): void {
    const out = this.#out
    for (let n = below(this.#random, out.length + 1); n > 0; n--) {
      const [sent] = out.splice(below(this.#random, out.length), 1)
      if (sent?.record === undefined) return
      this.#waiting.delete(sent.text)
      this.#queue.queue.settle(sent.record, 'delivered')
    }
  }

  get #out(): Sent[] {
    return [...this.#waiting.values()].filter(({ record }) => record !== undefined)
  }

  async #rest(): Promise<void> {
    await this.#queue.ground.finish(Promise.all(this.#work.splice(0)))
    const { queue } = this.#queue
    if (!isBalanced(queue)) this.#complain(`not balanced: ${JSON.stringify(queue.totals)}`)
    if (queue.waiting !== this.#waiting.size) this.#complain(`${queue.waiting} wait`)
  }

  async #restart(): Promise<void> {
    await this.#rest()
    await this.#queue.reopen()
    for (const sent of this.#waiting.values()) delete sent.record
  }

  async #kill(): Promise<void> {
    await this.#rest()
    this.#queue = await this.#queue.afterKill()
    for (const sent of this.#waiting.values()) delete sent.record
  }

  /** What can go is ready as soon as that was asked for. */
  async #drain(): Promise<void> {
    for (let turn = 0; this.#waiting.size > 0; turn++) {
      this.#work.push(this.#queue.queue.readAhead())
      await this.#rest()
      this.#take()
      if (this.#out.length === 0 || turn > 10_000) {
        return this.#complain(`${this.#waiting.size} never come`)
      }
      this.#settle()
    }
    await this.#rest()
    await this.#queue.ground.finish(this.#queue.queue.close())
  }

  #complain(text: string): void {
    this.complaints.push(text)
  }
}
