/**
 * What runs inside a Node-RED that is measured: a node that sends a message for each one that has
 * completed, so that a hundred are under way, and an HTTP door to start it and to read what the
 * process has spent. How fast they reach the broker is for the broker to say.
 */

import type { ServerResponse } from 'node:http'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { InputHandler, NodeRed } from '../../../nodes/common/node-red.js'
import { messageBytes, payloadOf, topic } from './workload.js'

const atOnce = 100
const payload = payloadOf(messageBytes)
const resolutionMs = 1

interface SourceNode {
  on(event: 'input', handler: InputHandler): void
  send(msg: unknown): void
}

interface Runtime {
  readonly nodes: {
    createNode(node: SourceNode, form: object): void
    registerType(type: string, construct: (this: SourceNode, form: object) => void): void
  }
  readonly httpNode: {
    get(path: string, answer: (request: { url: string }, response: ServerResponse) => void): void
  }
}

/** Since the last start. */
export interface Spent {
  readonly cpuMicros: number
  readonly worstDelayMs: number
}

class Source {
  readonly #node: SourceNode
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs })
  #left = 0
  #cpu = process.cpuUsage()

  constructor(node: SourceNode) {
    this.#node = node
    this.#delays.enable()
  }

  start(count: number): void {
    this.#left = count
    this.#delays.reset()
    this.#cpu = process.cpuUsage()
    for (let i = 0; i < atOnce; i++) this.one()
  }

  one(): void {
    if (this.#left === 0) return
    this.#left--
    this.#node.send({ topic, payload, n: this.#left })
  }

  get spent(): Spent {
    const { user, system } = process.cpuUsage(this.#cpu)
    const worstDelayMs = Math.max(0, this.#delays.max / 1e6 - resolutionMs)
    return { cpuMicros: user + system, worstDelayMs }
  }
}

/** What Node-RED calls when it loads the package. */
export function sourceNode(RED: NodeRed): void {
  const { nodes, httpNode } = RED as unknown as Runtime
  let source: Source | undefined
  nodes.registerType('bench-source', function (this: SourceNode, form: object) {
    nodes.createNode(this, form)
    const started = new Source(this)
    source = started
    this.on('input', (_msg, _send, done) => {
      done()
      started.one()
    })
  })
  httpNode.get('/start', ({ url }, response) => {
    response.end('{}')
    source?.start(Number(new URLSearchParams(url.split('?')[1]).get('count')))
  })
  httpNode.get('/spent', (_request, response) => {
    response.end(JSON.stringify(source?.spent))
  })
}
