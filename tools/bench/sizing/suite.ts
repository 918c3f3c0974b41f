/**
 * What a message costs the disk: bytes it takes while it waits, and bytes, syncs and pages that are
 * written from its arrival to its end, at the rates of a quiet and of a busy gateway. All of it is
 * counted where the store meets the disk; nothing is timed, so other work beside it is no matter.
 */

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { stored } from '../../../nodes/common/content.js'
import { ms } from '../../../src/base/units.js'
import { messageOf, packetFrom } from '../../../src/delivery/publication.js'
import { realClock } from '../../../src/host/clock.js'
import type { Message } from '../../../src/store/active.js'
import type { Queue } from '../../../src/store/queue.js'
import type { Durability } from '../../../src/store/syncer.js'
import type { Bench } from '../bench.js'
import { type Measured, type Row, rowOf } from '../row.js'
import { inNewDirectory } from '../store/append.js'
import { countingDisk, nothingPassed } from '../store/disks.js'
import { drain } from '../store/drain.js'
import { groundOn, openQueue } from '../store/ground.js'
import { countingPages, pageBytes } from './pages.js'

const durabilities: readonly [name: string, Durability][] = [
  ['each', { is: 'each' }],
  ['1s', { is: 'interval', every: ms(1000) }],
  ['system', { is: 'system' }],
]
/** Messages a second, and for how many seconds. */
const rates = [
  [1, 20],
  [100, 10],
] as const

export async function* sizingSuite(bench: Bench): AsyncGenerator<Row> {
  bench.note('Counted, one run each; pages are those of 4 KB that were written anew at each sync.')
  bench.note('The journal of the file system comes on top of them.')
  for await (const measured of cases(bench)) yield rowOf('sizing', measured)
}

async function* cases(bench: Bench): AsyncGenerator<Measured> {
  const count = bench.isQuick ? 10_000 : 100_000
  for (const bytes of [200, 1024]) {
    for (const [node, make] of Object.entries(makers)) {
      bench.progress(`${node}, ${bytes} B`)
      const perMessage = await inNewDirectory(bench.directory, (path) =>
        bytesWaiting(path, count, make(textOf(bytes))),
      )
      const name = `on disk while it waits, ${node}, payload ${bytes} B`
      yield { case: name, ours: perMessage, reference: bytes, unit: 'B' }
    }
  }
  for (const [perSecond, seconds] of rates) yield* written(bench, perSecond, seconds)
}

/** All settings at the same time: each counts its own disk. */
async function* written(bench: Bench, perSecond: number, seconds: number) {
  bench.progress(`${perSecond} a second, for ${seconds} s`)
  const runs = durabilities.map(async ([name, durability]) => ({
    name,
    cost: await inNewDirectory(bench.directory, (path) =>
      costOf(path, durability, perSecond, perSecond * seconds),
    ),
  }))
  for (const { name, cost } of await Promise.all(runs)) {
    const where = `a message of 200 B, ${perSecond}/s, ${name}`
    yield { case: `bytes written for ${where}`, ours: cost.written, unit: 'B' }
    yield { case: `pages written for ${where}`, ours: cost.pages * pageBytes, unit: 'B' }
    yield { case: `syncs for ${where}`, ours: cost.syncs, unit: '' }
  }
}

const topic = 'plant/line-1/press-3/temperature'

const textOf = (bytes: number) => 'measured '.repeat(200).slice(0, bytes)

const packetOf = (payload: string): Message =>
  messageOf(packetFrom({ topic, payload }, { topic: '', qos: 1, retain: false }))

function messageWith(payload: string): Message {
  const msg = { _msgid: 'f0e1d2c3b4a59687', topic, payload }
  const { codec, bytes } = stored(msg, { key: '', firstAt: realClock.wall() }, false)
  return { codec, payload: bytes, lane: 0 }
}

/** As each node keeps a message with this payload. */
const makers = { 'resilient-mqtt-out': packetOf, 'persistent-queue': messageWith }

/** Everything in the directory, the reserve for a full disk left out. */
async function bytesWaiting(path: string, count: number, message: Message): Promise<number> {
  const queue = await openQueue(path, undefined, { is: 'system' })
  for (let n = 0; n < count; n += 100) {
    await Promise.all(Array.from({ length: 100 }, () => queue.accept(message, '')))
  }
  await queue.close()
  const files = readdirSync(path).filter((name) => name !== 'BALLAST')
  return files.reduce((sum, name) => sum + statSync(join(path, name)).size, 0) / count
}

/** Per message: accepted, handed out at once, settled 10 ms later as a broker near by would. */
async function costOf(path: string, durability: Durability, perSecond: number, count: number) {
  const counted = { ...nothingPassed(), pages: 0 }
  const disk = countingPages(countingDisk(counted), counted)
  const queue = await openQueue(path, groundOn(disk), durability)
  const before = { ...counted }
  const beginAt = realClock.monotonic()
  const message = packetOf(textOf(200))
  const lives: Promise<void>[] = []
  for (let n = 0; n < count; n++) {
    const dueInMs = beginAt + (n * 1000) / perSecond - realClock.monotonic()
    if (dueInMs > 0) await passed(dueInMs)
    lives.push(life(queue, message))
  }
  await Promise.all(lives)
  // Until what was settled last is synced as well.
  await passed(1500)
  const after = { ...counted }
  await queue.close()
  return {
    written: (after.written - before.written) / count,
    syncs: (after.syncs - before.syncs) / count,
    pages: (after.pages - before.pages) / count,
  }
}

async function life(queue: Queue, message: Message): Promise<void> {
  await queue.accept(message, '')
  await passed(10)
  await drain(queue)
}
