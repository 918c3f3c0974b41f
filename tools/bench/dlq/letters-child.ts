/**
 * The process in which many dead letters are opened and looked at: arguments are the directory and
 * how many to make first, 0 for none; prints one line of JSON. It loads the letters only after it
 * has weighed itself empty.
 */

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { ms } from '../../../src/base/units.js'
import type { Letters } from '../../../src/delivery/letters.js'
import type { Limits } from '../../../src/store/limits.js'

export interface LettersReport {
  /** Resident memory before the letters were loaded, and what came on top of it. */
  readonly emptyBytes: number
  readonly openedBytes: number
  /** Live objects of the heap, without what is left to collect. */
  readonly heapBytes: number
  readonly openMs: number
  /** Of the processor, all threads together: what else runs on the machine matters less to it. */
  readonly openCpuMs: number
  readonly openDelayMs: number
  readonly listMs: number
  readonly filterMs: number
  readonly groupsMs: number
  /** The longest that the loop was held up by lists and groups. */
  readonly lookDelayMs: number
}

const megabyte = 1 << 20
const causes = 200
const atOnce = 500

async function open(directory: string): Promise<Letters> {
  const { realWorld } = await import('../../../src/host/world.js')
  const { Budget } = await import('../../../src/store/budget.js')
  const letters = await import('../../../src/delivery/letters.js')
  const failed = (fault: unknown) => {
    throw fault
  }
  const limits: Limits = {
    ...{ maxMessages: 1_000_000, maxBytes: 1024 * megabyte, maxAge: 'unlimited' },
    ...{ freeDisk: { bytes: 0 }, overflow: 'drop-oldest', warnMessages: 'off' },
  }
  return letters.Letters.open(
    { world: realWorld, budget: new Budget(), emit: () => {}, failed },
    {
      ...{ directory, queueId: 'bench', durability: { is: 'system' }, limits },
      ...{ attempts: 5, keepDeletedMs: ms(0) },
    },
  )
}

/** 200 causes, a text of its own in every letter, messages of 600 B. */
async function fill(directory: string, count: number): Promise<void> {
  const { encode } = await import('../../../src/store/codec.js')
  const { epochMs } = await import('../../../src/base/units.js')
  const letters = await open(directory)
  for (let from = 0; from < count; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - from) }, (_, n) => from + n)
    await Promise.all(
      numbers.map((n) => {
        const { codec, bytes } = encode({ topic: `line/${n % 50}`, payload: 'x'.repeat(570), n })
        const node = { id: `node${n % causes}`, type: 'http request', name: `ERP ${n % causes}` }
        const text = `order ${n} refused by the ERP: no such article`
        const at = epochMs(Date.UTC(2026, 10, 21) + n)
        const failure = { at, code: 'HTTP_STATUS 503', text, attempt: 5, node }
        return letters.accept({
          ...{ id: `q1-0a1b2c3d-${n}`, original: { codec, bytes }, reason: 'max-attempts' },
          ...{ path: ['n1', node.id], flow: 'line 1', topic: `line/${n % 50}` },
          failures: [{ ...failure, kind: 'transient' }],
        })
      }),
    )
  }
  await letters.close()
}

async function measure(directory: string): Promise<LettersReport> {
  await Promise.all([import('../../../src/host/world.js'), import('../../../src/store/budget.js')])
  const emptyBytes = await settledMemory()
  const emptyHeap = process.memoryUsage().heapUsed
  await import('../../../src/delivery/letters.js') // loading a program holds up the loop by itself
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begin = performance.now()
  const cpuBegin = process.cpuUsage()
  const letters = await open(directory)
  const openMs = performance.now() - begin
  const { user, system } = process.cpuUsage(cpuBegin)
  const openCpuMs = (user + system) / 1000
  const openDelayMs = delay.max / 1e6
  const openedBytes = (await settledMemory()) - emptyBytes
  const heapBytes = process.memoryUsage().heapUsed - emptyHeap
  await letters.list({}, { limit: 50 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  delay.reset()
  const listMs = await timed(() => letters.list({}, { limit: 50 }))
  const filterMs = await timed(() => letters.list({ text: '4711' }, { limit: 50 }))
  const groupsMs = await timed(() => letters.groups({ limit: 50 }))
  await new Promise((resolve) => setTimeout(resolve, 20))
  const lookDelayMs = delay.max / 1e6
  await letters.close()
  const memory = { emptyBytes, openedBytes, heapBytes }
  const opening = { openMs, openCpuMs, openDelayMs }
  return { ...memory, ...opening, listMs, filterMs, groupsMs, lookDelayMs }
}

async function timed(look: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await look()
  return performance.now() - begin
}

/** Resident memory once nothing is left to collect. */
async function settledMemory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage.rss()
}

const [, , directory, count] = process.argv
if (require.main === module && directory !== undefined) {
  const work = Number(count) > 0 ? fill(directory, Number(count)) : measure(directory)
  work.then(
    (report) => console.log(JSON.stringify(report ?? {})),
    (error: unknown) => {
      console.error(error)
      process.exitCode = 1
    },
  )
}
