/**
 * A link on a standing clock with a fake broker, and sources that hand out what a test gives them.
 * It writes down what happened and checks nothing.
 */

import type { Event } from '../../src/base/event.js'
import type { Cancel } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import {
  type Delivered,
  Link,
  type LinkSettings,
  type Outgoing,
  type Refused,
  type Source,
} from '../../src/mqtt/link.js'
import type { Packet, Session } from '../../src/mqtt/wire.js'
import { FakeBroker, type FakeConnection } from '../world/fake-transport.js'
import { ManualClock } from '../world/manual-clock.js'
import { seededRandom } from '../world/seeded-random.js'

export const settings: LinkSettings = {
  servers: [{ scheme: 'mqtt', host: 'a', port: 1883, path: '' }],
  protocolVersion: 'auto',
  clientId: 'gw1',
  keepalive: ms(15_000),
  connectTimeout: ms(10_000),
  ackTimeout: ms(15_000),
  backOff: { initial: ms(1_000), factor: 2, max: ms(60_000), jitter: 0 },
  maxInFlight: 20,
}

export class Harness {
  readonly clock = new ManualClock()
  readonly broker = new FakeBroker()
  readonly events: Event[] = []
  readonly link: Link
  /** How often the listener was told, as the state it saw then. */
  readonly states: string[] = []

  readonly #connections: number

  constructor(change: Partial<LinkSettings> = {}) {
    const world = { clock: this.clock, random: seededRandom(1) }
    const all = { ...settings, ...change }
    this.#connections = 1 + (all.moreClientIds?.length ?? 0)
    this.link = new Link(world, this.broker.connect, all, (event) => this.events.push(event))
    this.link.listen({ stateChanged: () => this.states.push(this.link.state) })
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind)
  }

  get wire(): FakeConnection {
    return this.broker.last
  }

  /** The newest connection of each client id: a pool has several. */
  get wires(): FakeConnection[] {
    return this.broker.attempts.all.slice(-this.#connections)
  }

  /** A link that has just been let in. */
  static async connected(change: Partial<LinkSettings> = {}, grants: Partial<Session> = {}) {
    const harness = new Harness(change)
    harness.link.open()
    await harness.letIn(grants)
    return harness
  }

  async letIn(grants: Partial<Session> = {}): Promise<void> {
    for (const wire of this.wires) wire.accept(grants)
    await this.clock.settle()
  }

  /** Waits for the next attempt and lets it in. */
  async comeBack(grants: Partial<Session> = {}): Promise<void> {
    const attempts = this.broker.attempts.all.length
    while (this.broker.attempts.all.length === attempts) await this.clock.advance(1_000)
    await this.letIn(grants)
  }

  source(...payloads: string[]): ListSource {
    const source = new ListSource(this.link)
    source.give(...payloads)
    return source
  }

  /** The broker acknowledges the nth PUBLISH packets of this connection. */
  async acknowledge(...nths: number[]): Promise<void> {
    for (const nth of nths) this.wire.answer(nth)
    await this.clock.settle()
  }

  async refuse(nth: number, code: number): Promise<void> {
    this.wire.answer(nth, code)
    await this.clock.settle()
  }

  /** The line is cut, which no message is to blame for. */
  async cut(): Promise<void> {
    this.wire.fail('ETIMEDOUT')
    await this.clock.settle()
  }

  async hangUp(): Promise<void> {
    this.wire.hangUp()
    await this.clock.settle()
  }
}

/** Hands out what it was given, in order, and notes how each ended. */
export class ListSource implements Source {
  /** `<payload> delivered`, or `<payload> <code>`, in the order of settling. */
  readonly settled: string[] = []
  readonly outcomes: Array<Delivered | Refused> = []
  asked = 0
  readonly detach: Cancel
  readonly #link: Link
  readonly #packets: Packet[] = []

  constructor(link: Link) {
    this.#link = link
    this.detach = link.attach(this)
  }

  give(...payloads: string[]): this {
    return this.send(...payloads.map((payload) => ({ payload })))
  }

  send(...packets: Array<Partial<Packet>>): this {
    for (const packet of packets) {
      this.#packets.push({ topic: 't', payload: '', qos: 1, retain: false, ...packet })
    }
    this.#link.wake()
    return this
  }

  next(): Outgoing | undefined {
    this.asked += 1
    const packet = this.#packets.shift()
    if (packet === undefined) return undefined
    return { packet, settled: (outcome) => this.#note(packet, outcome) }
  }

  #note(packet: Packet, outcome: Delivered | Refused): void {
    const end = outcome.is === 'delivered' ? 'delivered' : outcome.failure.code
    this.settled.push(`${packet.payload} ${end}`)
    this.outcomes.push(outcome)
  }
}
