/**
 * A disk whose every sync takes 20 ms on a thread of the pool, as a memory card's does: how long
 * the event loop stands still at full speed, and how fifty queues share that disk with each other
 * and with the file calls of other flows.
 */

import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Budget } from '../../../src/store/budget.js'
import type { Queue } from '../../../src/store/queue.js'
import type { Bench } from '../bench.js'
import { interleaved, median, quantile } from '../rounds.js'
import type { Measured } from '../row.js'
import { inNewDirectory } from './append.js'
import { slowDisk } from './disks.js'
import { drain } from './drain.js'
import { groundOn, messageOf, openQueue } from './ground.js'
import { HeldThread } from './held-thread.js'
import { appendsPerSecond, encoded } from './workload.js'

const syncMs = 20
const atOnce = 256
const queueCount = 50
const periodMs = 100
/** What the histogram adds to every delay. */
const resolutionMs = 1

export async function* slowCases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, note } = bench
  const thread = new HeldThread(directory)
  try {
    yield* loopDelayCase(bench, thread)
    yield* fiftyQueuesCases(bench, thread)
    if (!thread.holdsThreads) note('no named pipes here: slow syncs waited without a thread')
  } finally {
    thread.close()
  }
}

async function* loopDelayCase(bench: Bench, thread: HeldThread): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, progress } = bench
  progress('event loop at full speed, 20 ms syncs')
  const spanMs = isQuick ? 1000 : 3000
  const contest = {
    raw: () => inNewDirectory(directory, (path) => delayOfPlainWrites(path, thread, spanMs)),
    ours: () => inNewDirectory(directory, (path) => delayOfOurs(path, thread, spanMs)),
  }
  const medians = await interleaved(Math.min(rounds, 3), contest)
  yield {
    case: 'worst event-loop delay at full speed, 20 ms syncs, beside plain writes',
    ours: medians.get('ours') ?? Number.NaN,
    reference: medians.get('raw'),
    unit: 'ms',
    budget: { of: 'ours', atMost: 15 },
  }
}

/** The longest delay while `run` runs. */
async function worstDelay(run: () => Promise<unknown>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  await run()
  delays.disable()
  return delays.max / 1e6 - resolutionMs
}

/** A queue that is filled with 256 under way and emptied at the same time. */
async function delayOfOurs(path: string, thread: HeldThread, spanMs: number): Promise<number> {
  const queue = await openQueue(path, groundOn(slowDisk(thread)))
  thread.spanMs = syncMs
  let isOver = false
  const append = (payload: Buffer) => queue.accept(messageOf(payload), '')
  const delay = await worstDelay(async () => {
    const producing = appendsPerSecond(append, atOnce, spanMs).then(() => {
      isOver = true
    })
    while (!isOver) {
      await drain(queue)
      await sleep(1)
    }
    await producing
  })
  thread.spanMs = 0
  await queue.close()
  return delay
}

/** The same bytes through bare asynchronous file calls: what the machine itself adds. */
async function delayOfPlainWrites(path: string, thread: HeldThread, spanMs: number) {
  const file = await open(path, 'w')
  thread.spanMs = syncMs
  const end = performance.now() + spanMs
  const delay = await worstDelay(async () => {
    while (performance.now() < end) {
      await file.write(Buffer.concat(Array.from({ length: atOnce }, (_, n) => encoded(n))))
      await thread.hold()
    }
  })
  thread.spanMs = 0
  await file.close()
  return delay
}

async function* fiftyQueuesCases(bench: Bench, thread: HeldThread): AsyncGenerator<Measured> {
  const { directory, isQuick, progress } = bench
  progress(`${queueCount} queues x 10/s, 20 ms syncs`)
  const spanMs = isQuick ? 4000 : 10_000
  const { waits, stats } = await inNewDirectory(directory, (path) =>
    fiftyQueues(path, thread, spanMs),
  )
  const medians = waits.map(median)
  const name = `${queueCount} queues x 10/s, 20 ms syncs:`
  yield {
    case: `${name} done(), median`,
    ours: median(waits.flat()) / 1000,
    unit: 's',
    budget: { of: 'ours', atMost: 0.6 },
  }
  yield { case: `${name} done(), p99`, ours: quantile(waits.flat(), 0.99) / 1000, unit: 's' }
  yield {
    case: `${name} slowest queue's median, of the fastest's`,
    ours: Math.max(...medians) / 1000,
    reference: Math.min(...medians) / 1000,
    unit: 's',
    budget: { of: 'ratio', atMost: 1.5 },
  }
  yield {
    case: `${name} fs.stat of another flow, p99`,
    ours: quantile(stats, 0.99),
    unit: 'ms',
    budget: { of: 'ours', atMost: 5 },
  }
}

/** Milliseconds until `done()`, per queue, and those of another flow's file calls. */
async function fiftyQueues(path: string, thread: HeldThread, spanMs: number) {
  const ground = groundOn(slowDisk(thread), new Budget())
  const queues: Queue[] = []
  for (let n = 0; n < queueCount; n++) queues.push(await openQueue(join(path, `q${n}`), ground))
  thread.spanMs = syncMs
  const end = performance.now() + spanMs
  const flows = queues.map((queue, n) => flowInto(queue, (n * periodMs) / queueCount, end))
  const stats: number[] = []
  while (performance.now() < end) {
    const begin = performance.now()
    await stat(path)
    stats.push(performance.now() - begin)
    await sleep(5)
  }
  const waits = await Promise.all(flows)
  thread.spanMs = 0
  for (const queue of queues) await queue.close()
  return { waits, stats }
}

/** Ten messages a second at an even pace, whether or not those before are done. */
async function flowInto(queue: Queue, offsetMs: number, end: number): Promise<number[]> {
  const waits: number[] = []
  const accepted: Promise<unknown>[] = []
  for (let due = performance.now() + offsetMs; due < end; due += periodMs) {
    await sleep(Math.max(0, due - performance.now()))
    const begin = performance.now()
    const done = () => waits.push(performance.now() - begin)
    accepted.push(queue.accept(messageOf(encoded(accepted.length)), '').then(done))
  }
  await Promise.all(accepted)
  return waits
}
