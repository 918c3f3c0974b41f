/**
 * A Node-RED of its own that is looked at while it works, as the sidebar and a Prometheus look. It
 * leaves no process behind.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Flow } from '../../common/user-dir.js'
import type { Contestant } from '../queue/contestants.js'
import { QueueScene } from '../queue/scene.js'
import type { Loop } from './loop.js'

const statusEveryMs = 1000
const scrapeEveryMs = 5000

export class ObservedScene {
  readonly queue: QueueScene

  private constructor(queue: QueueScene) {
    this.queue = queue
  }

  /** `nodes` stand beside the contestants. */
  static async open(
    directory: string,
    contestants: readonly Contestant[],
    nodes: Flow = [],
  ): Promise<ObservedScene> {
    const packages = [writePackage(directory)]
    return new ObservedScene(
      await QueueScene.open({ directory, contestants, packages, configs: nodes }),
    )
  }

  /** Since it was asked last. */
  async loop(): Promise<Loop> {
    return JSON.parse(await this.queue.ask('/loop')) as Loop
  }

  /** The length of the answer. */
  async scrape(): Promise<number> {
    return (await this.queue.ask('/resilience/metrics')).length
  }

  /** Asks for the status every second and scrapes every 5 s, until what this returns is called. */
  watch(): () => Promise<void> {
    const asked: Promise<unknown>[] = []
    const status = () => asked.push(this.queue.ask('/resilience/status'))
    const scrape = () => asked.push(this.scrape())
    status()
    scrape()
    const timers = [setInterval(status, statusEveryMs), setInterval(scrape, scrapeEveryMs)]
    return async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(asked)
    }
  }
}

/** So many nodes of ours on one tab, of each kind that does something as many. */
export function crowd(count: number): Flow {
  const kinds: readonly [type: string, settings: object][] = [
    ['persistent-queue', { freeDisk: '0%' }],
    ['circuit-breaker', {}],
    ['resilience-retry', {}],
    ['resilience-bulkhead', {}],
    ['dlq', { freeDisk: '0%' }],
  ]
  const nodes = Array.from({ length: count }, (_, at) => {
    const [type, settings] = kinds[at % kinds.length] ?? ['', {}]
    const place = { z: 'crowd', x: 100, y: 100, wires: [[], []] }
    return { ...place, id: `crowd-${at}`, type, name: `node ${at}`, ...settings }
  })
  return [{ id: 'crowd', type: 'tab', label: 'Crowd' }, ...nodes]
}

function writePackage(below: string): string {
  const directory = join(below, 'loop')
  mkdirSync(directory, { recursive: true })
  const nodes = { loop: 'loop.js' }
  const manifest = { name: 'bench-loop', version: '1.0.0', 'node-red': { nodes } }
  const compiled = JSON.stringify(join(__dirname, 'loop.js'))
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(directory, 'loop.js'), `module.exports = require(${compiled}).loopBench\n`)
  writeFileSync(join(directory, 'loop.html'), '<script></script>')
  return directory
}
