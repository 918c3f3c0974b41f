/**
 * The link of this package fed from memory, and the whole of it with the store before it: what is
 * measured then is on disk before it is accepted, carries the id that the node adds by default,
 * and leaves the disk when the broker has acknowledged it.
 */

import { performance } from 'node:perf_hooks'
import { Fault } from '../../../src/base/fault.js'
import type { Forwarder } from '../../../src/delivery/forwarder.js'
import { realWorld } from '../../../src/host/world.js'
import type { Link } from '../../../src/mqtt/link.js'
import type { Packet } from '../../../src/mqtt/wire.js'
import { linkTo, publishOver } from '../../common/publishing.js'
import { groundOn } from '../store/ground.js'
import { type Contestant, payloadOf, type Race, topic } from './workload.js'

const packetOf = ({ qos, bytes }: Race): Packet => ({
  topic,
  payload: payloadOf(bytes),
  qos,
  retain: false,
})
/** Between the sender and the broker, stored or being stored: enough to keep a slow disk busy. */
const underWay = 1000

export async function ourLink(race: Race): Promise<Contestant> {
  const link = await connected(race, 'bench-link')
  const packet = packetOf(race)
  return { deliver: (spanMs) => fromMemory(link, packet, spanMs) }
}

function fromMemory(link: Link, packet: Packet, spanMs: number): Promise<number> {
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
  const { directory } = race
  const { forwarder } = await publishOver(
    link,
    groundOn(realWorld.disk),
    { directory },
    {
      changed: () => {},
      ended: ({ outcome }) => {
        if (outcome.is === 'delivered') ears.delivered()
        else ears.failed(new Fault(outcome.failure.code, outcome.failure.values))
      },
    },
  )
  const packet = packetOf(race)
  return { deliver: (spanMs) => throughStore(forwarder, packet, ears, spanMs) }
}

interface Ears {
  delivered: () => void
  failed: (error: unknown) => void
}

/** Each message that the broker has acknowledged lets the next one in. */
function throughStore(
  forwarder: Forwarder,
  packet: Packet,
  ears: Ears,
  spanMs: number,
): Promise<number> {
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

async function connected({ port, window }: Race, clientId: string): Promise<Link> {
  const link = linkTo(port, { clientId, maxInFlight: window })
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
