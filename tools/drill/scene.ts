/**
 * The stage of one scenario: a broker in this process, a real Node-RED beside it, and the books
 * of what was handed over, accepted and what arrived. It keeps its books outside Node-RED, so
 * that they survive whatever is done to it, and clears everything away at the end.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedBroker } from '../common/embedded-broker.js'
import { NodeRedProcess } from '../common/node-red-process.js'
import { freePort } from '../common/ports.js'
import { checkout, prepareUserDir } from '../common/user-dir.js'
import { count, type Pair } from './counting.js'
import { drillFlow, numberOf, topics } from './flow.js'

export const sleep = (spanMs: number) => new Promise((resolve) => setTimeout(resolve, spanMs))

const pollMs = 5
/** How long nothing may arrive before what is missing is called lost. */
const quietMs = 20_000
/** How long to watch for latecomers and duplicates when all have arrived. */
const watchMs = 2000
const settleMsMax = 90_000

export class Scene {
  readonly broker: EmbeddedBroker
  readonly flow: ReturnType<typeof drillFlow>
  /** Numbers that core `mqtt out` was handed. */
  readonly handed = new Set<number>()
  /** Numbers for which our node called `done()`. */
  readonly accepted = new Set<number>()
  readonly refusals: string[] = []
  readonly #arrivals: Arrivals
  readonly #userDir: string
  readonly #port: number
  #nodeRed: NodeRedProcess | undefined

  private constructor(broker: EmbeddedBroker, arrivals: Arrivals, userDir: string, port: number) {
    this.broker = broker
    this.flow = drillFlow(broker.port)
    this.#arrivals = arrivals
    this.#userDir = userDir
    this.#port = port
  }

  /** Nothing of Node-RED runs yet; close() clears away whatever was opened. */
  static async open(): Promise<Scene> {
    const arrivals = new Arrivals()
    const broker = await EmbeddedBroker.open(await freePort(), arrivals.arrived)
    const userDir = mkdtempSync(join(tmpdir(), 'holdfast-drill-'))
    const scene = new Scene(broker, arrivals, userDir, await freePort())
    prepareUserDir(userDir, { packages: [checkout], flows: scene.flow })
    return scene
  }

  get nodeRed(): NodeRedProcess {
    if (this.#nodeRed?.isRunning) return this.#nodeRed
    const log = this.#nodeRed?.log.slice(-20).join('\n') ?? ''
    throw new Error(`Node-RED does not run. Its last words:\n${log}`)
  }

  get arrived(): { readonly core: number; readonly resilient: number } {
    return { core: this.#arrivals.core.length, resilient: this.#arrivals.resilient.length }
  }

  get counts(): Pair {
    return {
      core: count(this.handed, this.#arrivals.core),
      resilient: count(this.accepted, this.#arrivals.resilient),
    }
  }

  /** Starts Node-RED; the same directory and port each time. */
  async startNodeRed(): Promise<void> {
    this.#nodeRed = await NodeRedProcess.start({
      userDir: this.#userDir,
      port: this.#port,
      onReport: (line) => this.#report(line),
    })
  }

  async connected(): Promise<void> {
    await this.until('both nodes to connect', 30_000, () => this.broker.clients >= 2)
  }

  async until(what: string, withinMs: number, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + withinMs
    while (!holds()) {
      if (!this.nodeRed.isRunning || Date.now() > deadline)
        throw new Error(`waited ${withinMs} ms in vain for ${what}`)
      await sleep(pollMs)
    }
  }

  /** Waits until the backlog has drained: all arrived, or nothing moves any more. */
  async settle(): Promise<void> {
    const startedAt = Date.now()
    for (;;) {
      await sleep(pollMs)
      const idleMs = Date.now() - Math.max(startedAt, this.#arrivals.lastAt)
      const complete = this.#arrivals.includesAll(this.accepted)
      if (idleMs > (complete ? watchMs : quietMs)) return
      if (Date.now() - startedAt > settleMsMax) return
    }
  }

  async close(): Promise<void> {
    await this.#nodeRed?.kill()
    await this.broker.close()
    rmSync(this.#userDir, { recursive: true, force: true, maxRetries: 3 })
  }

  #report(line: string): void {
    const [what, ...rest] = line.split(' ')
    if (what === 'accepted') this.accepted.add(Number(rest[0]))
    if (what === 'handed') for (const n of (rest[0] ?? '').split(',')) this.handed.add(Number(n))
    if (what === 'refused') this.refusals.push(rest.join(' '))
  }
}

/** What the broker saw, per topic, in order. */
class Arrivals {
  readonly core: number[] = []
  readonly resilient: number[] = []
  readonly #distinct = new Set<number>()
  lastAt = 0

  readonly arrived = (topic: string, payload: Buffer): void => {
    this.lastAt = Date.now()
    const number = numberOf(payload)
    if (topic === topics.core) this.core.push(number)
    if (topic !== topics.resilient) return
    this.resilient.push(number)
    this.#distinct.add(number)
  }

  /** Whether our topic holds all of these. */
  includesAll(numbers: ReadonlySet<number>): boolean {
    if (this.#distinct.size < numbers.size) return false
    for (const number of numbers) if (!this.#distinct.has(number)) return false
    return true
  }
}
