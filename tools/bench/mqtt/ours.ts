/**
 * The link of this package fed from memory, and the whole of it with the store before it: what is
 * measured then is on disk before it is accepted, carries the id that the node adds by default,
 * and leaves the disk when the broker has acknowledged it.
 */

import { performance } from 'node:perf_hooks'
import { Fault } from '../../../src/base/fault.js'
import { ms } from '../../../src/base/units.js'
import { Confirmations } from '../../../src/delivery/confirmations.js'
import { Forwarder } from '../../../src/delivery/forwarder.js'
import { decodePacket } from '../../../src/delivery/publication.js'
import { realWorld } from '../../../src/host/world.js'
import { Link } from '../../../src/mqtt/link.js'
import { connect } from '../../../src/mqtt/transport.js'
import { Queue } from '../../../src/store/queue.js'
import { groundOn } from '../store/ground.js'
import { type Contestant, payload, type Race, topic } from './workload.js'

const packet = { topic, payload, qos: 1, retain: false } as const
/** Between the sender and the broker, stored or being stored: enough to keep a slow disk busy. */
const underWay = 1000

export async function ourLink(race: Race): Promise<Contestant> {
  const link = await connected(race, 'bench-link')
  return { deliver: (spanMs) => fromMemory(link, spanMs) }
}

function fromMemory(link: Link, spanMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const end = performance.now() + spanMs
    let out = 0
    let count = 0
    const endIfDone = () => {
      if (out > 0 || performance.now() < end) return
      detach()
      resolve(count)
    }
    const settled = ({ is }: { readonly is: string }) => {
      out--
      count++
      if (is !== 'delivered') reject(new Error(`a message was ${is}`))
      endIfDone()
    }
    const detach = link.attach({
      next: () => {
        if (performance.now() >= end) {
          endIfDone()
          return undefined
        }
        out++
        return { packet, settled }
      },
    })
  })
}

export async function ourStore(race: Race): Promise<Contestant> {
  const link = await connected(race, 'bench-store')
  const ears: Ears = { delivered: () => {}, failed: () => {} }
  const forwarder = await forwarderOn(link, race.directory, ears)
  return { deliver: (spanMs) => throughStore(forwarder, ears, spanMs) }
}

interface Ears {
  delivered: () => void
  failed: (error: unknown) => void
}

/** Each message that the broker has acknowledged lets the next one in. */
function throughStore(forwarder: Forwarder, ears: Ears, spanMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const end = performance.now() + spanMs
    let inside = 0
    let count = 0
    const one = () => {
      inside++
      forwarder.accept(packet).catch(reject)
    }
    ears.failed = reject
    ears.delivered = () => {
      inside--
      count++
      if (performance.now() < end) one()
      else if (inside === 0) resolve(count)
    }
    for (let i = 0; i < underWay; i++) one()
  })
}

async function forwarderOn(link: Link, directory: string, ears: Ears): Promise<Forwarder> {
  const confirmations = new Confirmations()
  const queue = await Queue.open(groundOn(realWorld.disk), {
    directory,
    queueId: 'bench',
    durability: { is: 'each' },
    limits,
    keyOf: ({ codec, payload: bytes }) => decodePacket(codec, bytes).topic,
    maxInFlight: link.maxInFlight,
    ended: (...how) => confirmations.ended(...how),
  })
  const parts = { clock: realWorld.clock, queue, link, emit: () => {}, confirmations }
  return new Forwarder(parts, asByDefault, {
    changed: () => {},
    ended: ({ outcome }) => {
      if (outcome.is === 'delivered') ears.delivered()
      else ears.failed(new Fault(outcome.failure.code, outcome.failure.values))
    },
  })
}

const limits = {
  maxMessages: 100_000,
  maxBytes: 256 << 20,
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

async function connected({ port, window }: Race, clientId: string): Promise<Link> {
  const settings = {
    servers: [{ scheme: 'mqtt', host: '127.0.0.1', port, path: '' }],
    protocolVersion: 5,
    clientId,
    keepalive: ms(15_000),
    connectTimeout: ms(10_000),
    ackTimeout: ms(15_000),
    backOff: { initial: ms(1000), factor: 2, max: ms(60_000), jitter: 0.5 },
    maxInFlight: window,
  } as const
  const link = new Link(realWorld, connect, settings, () => {})
  link.open()
  await new Promise<void>((resolve) => {
    const detach = link.listen({
      stateChanged: () => {
        if (link.state !== 'connected') return
        detach()
        resolve()
      },
    })
  })
  return link
}
