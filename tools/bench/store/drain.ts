/**
 * Taking messages out: a backlog drained from the disk after a restart, the same by the peers, and
 * a queue that is filled and emptied at the same time. Every message is settled singly.
 */

import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Queue } from '../../../src/store/queue.js'
import type { Bench } from '../bench.js'
import { type Contest, interleaved, median } from '../rounds.js'
import type { Measured } from '../row.js'
import { inNewDirectory } from './append.js'
import { messageOf, openQueue } from './ground.js'
import type { Peer } from './peer.js'
import { rawPerSecond } from './raw.js'
import { appendsPerSecond, encoded, perSecond } from './workload.js'

const fillAtOnce = 256

export async function* drainCases(bench: Bench, peers: readonly Peer[]): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, progress } = bench
  const count = isQuick ? 20_000 : 100_000
  progress(`drain of ${count.toLocaleString('en-US')}`)
  const contest: Record<string, () => Promise<number>> = {
    ours: () => inNewDirectory(directory, (path) => drainOfOurs(path, count)),
  }
  for (const peer of peers) {
    contest[peer.name] = () => inNewDirectory(directory, (path) => drainOf(peer, path, count))
  }
  const medians = await interleaved(Math.min(rounds, 3), contest)
  const ours = medians.get('ours') ?? Number.NaN
  const best = Math.max(0, ...peers.map(({ name }) => medians.get(name) ?? 0))
  yield {
    case: 'drain from disk, of the best peer',
    ours,
    reference: best > 0 ? best : undefined,
    unit: 'msg/s',
    budget: { of: 'ratio', atLeast: 1.2 },
  }
  for (const { name } of peers) {
    yield { case: `drain from disk, of ${name}`, ours, reference: medians.get(name), unit: 'msg/s' }
  }
}

export async function* steadyCase(bench: Bench): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, progress } = bench
  progress('produce and consume, 64 outstanding')
  const spanMs = isQuick ? 300 : 1000
  const contest: Contest<'raw' | 'ours'> = {
    raw: async () => rawPerSecond(join(directory, 'raw'), 64, spanMs),
    ours: () => inNewDirectory(directory, (path) => steadyPerSecond(path, 64, spanMs)),
  }
  const medians = await interleaved(rounds, contest)
  yield {
    case: 'produce and consume, 64 outstanding, of raw',
    ours: medians.get('ours') ?? Number.NaN,
    reference: medians.get('raw'),
    unit: 'msg/s',
    budget: { of: 'ratio', atLeast: 0.5 },
  }
}

/** Orderly closing with a backlog, as a deploy does it. */
export async function* closeCase(bench: Bench): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, progress } = bench
  const count = isQuick ? 20_000 : 100_000
  progress(`close with ${count.toLocaleString('en-US')} waiting`)
  const spans: number[] = []
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    await inNewDirectory(directory, async (path) => {
      const queue = await openQueue(path)
      await fill(queue, count)
      const begin = performance.now()
      await queue.close()
      spans.push((performance.now() - begin) / 1000)
    })
  }
  const budget = { of: 'ours', atMost: 1 } as const
  const name = `close with ${count.toLocaleString('en-US')} waiting`
  yield { case: name, ours: median(spans), unit: 's', budget }
}

export async function fill(queue: Queue, count: number): Promise<void> {
  for (let n = 0; n < count; n += fillAtOnce) {
    const group = Array.from({ length: Math.min(fillAtOnce, count - n) }, (_, i) =>
      queue.accept(messageOf(encoded(n + i)), ''),
    )
    await Promise.all(group)
  }
}

/** Leases and settles all that waits; `look` is called after each helping. */
export async function drain(queue: Queue, look: () => void = () => {}): Promise<number> {
  let count = 0
  while (await queue.readAhead()) {
    for (let next = queue.takeReady(); next !== undefined; next = queue.takeReady()) {
      queue.settle(next, 'delivered')
      count++
    }
    look()
  }
  return count
}

async function drainOfOurs(path: string, count: number): Promise<number> {
  const filled = await openQueue(path)
  await fill(filled, count)
  await filled.close()
  const queue = await openQueue(path)
  const begin = performance.now()
  const drained = await drain(queue)
  const rate = perSecond(drained, begin)
  await queue.close()
  if (drained !== count) throw new Error(`${drained} of ${count} messages came back`)
  return rate
}

async function drainOf(peer: Peer, path: string, count: number): Promise<number> {
  const filled = await peer.open(path, false)
  for (let n = 0; n < count; n += fillAtOnce) {
    const size = Math.min(fillAtOnce, count - n)
    await filled.append(
      n,
      Array.from({ length: size }, (_, i) => encoded(n + i)),
    )
  }
  await filled.close()
  const store = await peer.open(path, false)
  const begin = performance.now()
  const rate = perSecond(await store.drain(), begin)
  await store.close()
  return rate
}

/** Messages that went in and out again per second. */
export async function steadyPerSecond(path: string, outstanding: number, spanMs: number) {
  const queue = await openQueue(path)
  const begin = performance.now()
  let isOver = false
  let wake = () => {}
  const append = async (payload: Buffer) => {
    await queue.accept(messageOf(payload), '')
    wake()
  }
  const producing = appendsPerSecond(append, outstanding, spanMs).then(() => {
    isOver = true
    wake()
  })
  let settled = 0
  while (!isOver) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
    settled += await drain(queue)
  }
  settled += await drain(queue)
  await producing
  const rate = perSecond(settled, begin)
  await queue.close()
  return rate
}
