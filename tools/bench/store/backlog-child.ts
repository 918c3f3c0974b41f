/**
 * The process in which a large backlog is opened, and drained if asked: arguments are the directory
 * and `open` or `drain`; prints one line of JSON. It loads the store only after it has weighed
 * itself empty.
 */

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

export interface BacklogReport {
  /** Resident memory before the store was loaded; the others are what came on top of it. */
  readonly emptyBytes: number
  readonly openedBytes: number
  /** The most while draining. */
  readonly drainingBytes: number
  readonly bytesRead: number
  readonly bytesListed: number
  /** From the start of the opening until the first message was ready. */
  readonly openMs: number
  readonly drainedPerSecond: number
  readonly bytesLeft: number
}

async function measure(directory: string, drains: boolean): Promise<BacklogReport> {
  const emptyBytes = await settledMemory()
  const { countingDisk, nothingPassed } = await import('./disks.js')
  const { groundOn, openQueue } = await import('./ground.js')
  const { drain } = await import('./drain.js')
  const passed = nothingPassed()
  const begin = performance.now()
  const queue = await openQueue(directory, groundOn(countingDisk(passed)))
  const { read, listed } = passed
  await queue.readAhead()
  const openMs = performance.now() - begin
  const openedBytes = (await settledMemory()) - emptyBytes
  let peak = openedBytes
  const drainBegin = performance.now()
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss() - emptyBytes)
  }
  const count = drains ? await drain(queue, look) : 0
  const drainedPerSecond = (count / (performance.now() - drainBegin)) * 1000
  await queue.close()
  const bytesLeft = readdirSync(directory)
    .map((name) => statSync(join(directory, name)).size)
    .reduce((sum, size) => sum + size, 0)
  return {
    ...{ emptyBytes, openedBytes, drainingBytes: peak, bytesRead: read, bytesListed: listed },
    ...{ openMs, drainedPerSecond, bytesLeft },
  }
}

/** Resident memory once nothing is left to collect. */
async function settledMemory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage.rss()
}

const [, , directory, what] = process.argv
if (require.main === module && directory !== undefined) {
  measure(directory, what === 'drain').then(
    (report) => console.log(JSON.stringify(report)),
    (error: unknown) => {
      console.error(error)
      process.exitCode = 1
    },
  )
}
