/**
 * A link on the real clock, chance and network, for tests against real brokers. Everything that it
 * tells can be waited for; nothing here waits for time to pass.
 */

import type { Event, EventKind } from '../../src/base/event.js'
import type { Failure } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import { realClock } from '../../src/host/clock.js'
import { realRandom } from '../../src/host/random.js'
import { type Delivered, Link, type LinkSettings, type Refused } from '../../src/mqtt/link.js'
import { connect } from '../../src/mqtt/transport.js'
import type { Packet, Server } from '../../src/mqtt/wire.js'
import { Arrivals } from '../world/arrivals.js'

export interface RealLink {
  readonly link: Link
  readonly events: Arrivals<Event>
  /** Resolves with how each packet ended, in the order of settling. */
  deliver(...packets: Array<Partial<Packet>>): Promise<Array<Delivered | Refused>>
  /** Resolves when it has failed, with the reason. */
  failed(): Promise<Failure>
}

export function realLink(server: Server, change: Partial<LinkSettings> = {}): RealLink {
  const events = new Arrivals<Event>()
  const settings: LinkSettings = {
    servers: [server],
    protocolVersion: 'auto',
    clientId: 'gw1',
    keepalive: ms(15_000),
    connectTimeout: ms(10_000),
    ackTimeout: ms(15_000),
    backOff: { initial: ms(10), factor: 1, max: ms(10), jitter: 0 },
    maxInFlight: 20,
    ...change,
  }
  const world = { clock: realClock, random: realRandom }
  const link = new Link(world, connect, settings, (event) => events.add(event))
  link.open()
  const failed = async (): Promise<Failure> => {
    const event = await firstOf(events, 'link.failed')
    return event.failure
  }
  return { link, events, failed, deliver: (...packets) => deliver(link, packets) }
}

async function deliver(link: Link, packets: Array<Partial<Packet>>) {
  const outcomes = new Arrivals<Delivered | Refused>()
  const left = packets.map((packet): Packet => {
    return { topic: 'line/1', payload: 'on', qos: 1, retain: false, ...packet }
  })
  const detach = link.attach({
    next() {
      const packet = left.shift()
      if (packet === undefined) return undefined
      return { packet, settled: (outcome) => outcomes.add(outcome) }
    },
  })
  const all = await outcomes.first(packets.length)
  detach()
  return all
}

export async function firstOf<K extends EventKind>(
  events: Arrivals<Event>,
  kind: K,
): Promise<Extract<Event, { kind: K }>> {
  for (let index = 0; ; index++) {
    const event = await events.nth(index)
    if (isKind(event, kind)) return event
  }
}

const isKind = <K extends EventKind>(event: Event, kind: K): event is Extract<Event, { kind: K }> =>
  event.kind === kind
