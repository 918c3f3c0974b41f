/**
 * The MQTT chaos: a publisher under a steady load while, in an order that the seed fixes, its
 * process is killed or stopped, its node redeployed, and the line and the broker fail in every way
 * known here. The broker hangs up on two messages of every life: these are set aside, and no other.
 * At the end the broker is well, the backlog drains, and the books must balance.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../src/base/ports.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort, loopback } from '../../tools/common/ports.js'
import { FaultProxy } from '../world/fault-proxy.js'
import { isBad, publisherWindow } from '../world/publisher-child.js'
import { below, seededRandom } from '../world/seeded-random.js'
import { MqttArrivals } from './mqtt-arrivals.js'
import { MqttPublisher, type Totals } from './mqtt-publisher.js'

export interface ChaosOptions {
  readonly seed: number
  readonly seconds: number
  readonly told: (what: string) => void
}

export interface ChaosReport {
  readonly accepted: number
  readonly arrived: number
  readonly lost: number
  readonly inversions: number
  readonly duplicates: number
  /** Messages on which the broker hangs up, and which are not waited for any more. */
  readonly poison: number
  /** Ends of connections over which something was published: each may repeat a window. */
  readonly breaks: number
  readonly lives: number
  readonly faults: Readonly<Record<string, number>>
  /** None when every promise was kept. */
  readonly complaints: readonly string[]
}

interface Stage {
  readonly broker: EmbeddedBroker
  readonly proxy: FaultProxy
  readonly publisher: MqttPublisher
  readonly random: Random
}

const drainMsMax = 120_000
/** Between two faults, besides the time for `progress`. */
const calmMsMax = 400
const stuckMs = 60_000

export async function mqttChaos({ seed, seconds, told }: ChaosOptions): Promise<ChaosReport> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-chaos-'))
  const arrivals = new MqttArrivals()
  const broker = await EmbeddedBroker.open(await freePort(), (topic, payload) =>
    arrivals.add(topic, String(payload)),
  )
  broker.hangUpOn((payload) => isBad(Number.parseInt(payload.toString(), 10)))
  const target = { scheme: 'mqtt', host: loopback, port: broker.port, path: '' } as const
  const proxy = await FaultProxy.before(target)
  const publisher = new MqttPublisher(join(directory, 'queue'), proxy.server.port)
  const stage = { broker, proxy, publisher, random: seededRandom(seed) }
  const faults: Record<string, number> = {}
  try {
    await publisher.start()
    for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
      await sleep(below(stage.random, calmMsMax))
      if (!(await progress(arrivals, 1)))
        publisher.complaints.push(`nothing came for ${stuckMs} ms`)
      const name = pick(stage.random)
      faults[name] = (faults[name] ?? 0) + 1
      await trouble[name](stage)
      const { size } = publisher.accepted
      told(`${name}: ${size} accepted, ${arrivals.distinct} arrived, ${arrivals.duplicates} twice`)
    }
    // What is bad must not be the last: only others tell it from a line that breaks.
    await progress(arrivals, 1000)
    await drained(publisher)
    const breaks = proxy.connections - 1
    return { ...reportOf(publisher, arrivals, breaks), lives: publisher.lives, faults }
  } finally {
    await publisher.kill()
    await proxy.stop()
    await broker.close()
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Waits until so much that is new has come: a line that never works proves nothing. */
async function progress(arrivals: MqttArrivals, count: number): Promise<boolean> {
  const enough = arrivals.distinct + count
  for (const end = Date.now() + stuckMs; arrivals.distinct < enough; await sleep(5)) {
    if (Date.now() > end) return false
  }
  return true
}

/** Each leaves the line and the broker well. */
const trouble = {
  reset: async ({ proxy }: Stage) => proxy.reset(),
  'reset in a packet': async ({ proxy, random }: Stage) => {
    proxy.resetAfter(1 + below(random, 40))
  },
  'half close': async ({ proxy }: Stage) => proxy.halfClose(),
  'swallowed acknowledgements': async ({ proxy, random }: Stage) => {
    proxy.swallow(1 + below(random, 30))
  },
  'silent line': async ({ proxy, random }: Stage) => {
    proxy.fallSilent()
    await sleep(below(random, 2500))
    proxy.speak()
  },
  'black hole': async ({ proxy, random }: Stage) => {
    proxy.fallSilent()
    await sleep(below(random, 2500))
    proxy.reset()
    proxy.speak()
  },
  'broker away': async ({ broker, random }: Stage) => {
    await broker.cut()
    await sleep(below(random, 1500))
    await broker.bringBack()
  },
  kill: async ({ publisher }: Stage) => {
    await publisher.kill()
    await publisher.start()
  },
  'kill while the line is silent': async ({ publisher, proxy, random }: Stage) => {
    proxy.fallSilent()
    await sleep(below(random, 1500))
    await publisher.kill()
    proxy.reset()
    proxy.speak()
    await publisher.start()
  },
  'deploy while the line is silent': async ({ publisher, proxy, random }: Stage) => {
    proxy.fallSilent()
    await sleep(below(random, 1500))
    await publisher.deploy(random.fraction() < 0.5 ? 'deploy' : 'deploy-changed')
    proxy.reset()
    proxy.speak()
  },
  stop: async ({ publisher }: Stage) => {
    await publisher.end('stop')
    await publisher.start()
  },
  deploy: ({ publisher }: Stage) => publisher.deploy('deploy'),
  'deploy with other settings': ({ publisher }: Stage) => publisher.deploy('deploy-changed'),
} as const satisfies Readonly<Record<string, (stage: Stage) => Promise<void>>>

type Trouble = keyof typeof trouble

function pick(random: Random): Trouble {
  const names = Object.keys(trouble) as Trouble[]
  return names[below(random, names.length)] ?? 'reset'
}

async function drained(publisher: MqttPublisher): Promise<void> {
  const stopped = new AbortController()
  const late = sleep(drainMsMax, 'late', { signal: stopped.signal }).catch(() => 'stopped')
  const how = await Promise.race([late, publisher.end('finish')])
  stopped.abort()
  if (how === 'late') publisher.complaints.push(`not drained within ${drainMsMax} ms`)
}

type Judged = Omit<ChaosReport, 'lives' | 'faults'>

function reportOf(publisher: MqttPublisher, arrivals: MqttArrivals, breaks: number): Judged {
  const { accepted, totals } = publisher
  const { inversions, duplicates, distinct } = arrivals
  const good = [...accepted].filter((number) => !isBad(number))
  const missing = arrivals.missing(new Set(good))
  const complaints = [...publisher.complaints, ...arrivals.complaints]
  if (missing.length > 0) complaints.push(`lost ${missing.length}, the first: ${missing[0]}`)
  if (inversions > 0) complaints.push(`${inversions} first arrivals out of order`)
  const most = publisherWindow * breaks
  if (duplicates > most) {
    complaints.push(`${duplicates} came twice, more than ${most} after ${breaks} breaks`)
  }
  const bad = accepted.size - good.length
  complaints.push(...unbalanced(totals, { told: accepted.size, bad, distinct }))
  const lost = missing.length
  return {
    poison: totals?.['poison'] ?? 0,
    accepted: accepted.size,
    arrived: distinct,
    lost,
    inversions,
    duplicates,
    breaks,
    complaints,
  }
}

/** What the other side knows. */
interface Known {
  /** Messages that it was promised. */
  readonly told: number
  /** Of these, such as the broker hangs up on. */
  readonly bad: number
  /** Different messages that came. */
  readonly distinct: number
}

/** A kill may come between the disk and the word to the sender: more may be kept than was told. */
function unbalanced(totals: Totals | undefined, { told, bad, distinct }: Known): string[] {
  if (totals === undefined) return ['the publisher never told its totals']
  const { accepted, waiting, delivered = 0, poison = 0, ...dropped } = totals
  const drops = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  const complaints: string[] = []
  if (accepted !== delivered + poison + waiting + drops) complaints.push('no balance')
  if (drops > 0) complaints.push(`dropped ${JSON.stringify(dropped)}`)
  if (poison < bad) complaints.push(`${poison} of ${bad} set aside on which the broker hangs up`)
  if (accepted < told) complaints.push(`accepted ${accepted} by its totals, and told of ${told}`)
  if (delivered !== distinct) {
    complaints.push(`delivered ${delivered} by its totals, and ${distinct} arrived`)
  }
  return complaints
}
