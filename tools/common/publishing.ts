/**
 * Queue, forwarder and link as a node has them with its defaults, for programs that measure them or
 * do them harm; what differs, they say. There is no Node-RED here, and nothing is opened by itself.
 */

import { type Ms, ms } from '../../src/base/units.js'
import { Confirmations } from '../../src/delivery/confirmations.js'
import { Forwarder, type ForwarderHost } from '../../src/delivery/forwarder.js'
import { decodePacket } from '../../src/delivery/publication.js'
import { realWorld } from '../../src/host/world.js'
import { Link, type LinkSettings } from '../../src/mqtt/link.js'
import { connect } from '../../src/mqtt/transport.js'
import { Queue, type QueueSettings } from '../../src/store/queue.js'
import type { Ground } from '../../src/store/settings.js'
import { loopback } from './ports.js'

/** To a broker on this machine. */
export function linkTo(port: number, change: Partial<LinkSettings> = {}): Link {
  const settings: LinkSettings = {
    servers: [{ scheme: 'mqtt', host: loopback, port, path: '' }],
    protocolVersion: 5,
    clientId: 'gw1',
    keepalive: seconds(15),
    connectTimeout: seconds(10),
    ackTimeout: seconds(15),
    backOff: { initial: seconds(1), factor: 2, max: seconds(60), jitter: 0.5 },
    maxInFlight: 20,
    ...change,
  }
  return new Link(realWorld, connect, settings, () => {})
}

export interface Publishing {
  readonly queue: Queue
  readonly forwarder: Forwarder
}

/** Messages are kept in this directory until the broker has confirmed them. */
export async function publishOver(
  link: Link,
  ground: Ground,
  change: Pick<QueueSettings, 'directory'> & Partial<QueueSettings>,
  host: ForwarderHost,
): Promise<Publishing> {
  const confirmations = new Confirmations()
  const queue = await Queue.open(ground, {
    queueId: 'q1',
    durability: { is: 'each' },
    limits,
    keyOf: ({ codec, payload }) => decodePacket(codec, payload).topic,
    maxInFlight: link.maxInFlight,
    ended: (...how) => confirmations.ended(...how),
    ...change,
  })
  const parts = { clock: realWorld.clock, queue, link, emit: () => {}, confirmations }
  return { queue, forwarder: new Forwarder(parts, asByDefault, host) }
}

const seconds = (count: number): Ms => ms(count * 1000)

/** Never reached here: what is not taken would count as lost. */
const limits = {
  maxMessages: 1_000_000,
  maxBytes: 1 << 30,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'reject',
  warnMessages: 'off',
} as const

const asByDefault = {
  whenOffline: 'store',
  doneWhen: 'stored',
  replayOrder: 'strict',
  replayTopic: '',
  replayRate: {},
  messageId: 'property',
} as const
