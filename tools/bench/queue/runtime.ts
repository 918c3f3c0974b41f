/**
 * What runs inside a Node-RED whose queues are measured: a source and a sink for each contestant,
 * and an HTTP door that asks for one figure. Between the two stands what is measured; the source
 * learns from a Complete node what it has taken.
 */

import type { ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { InputHandler, NodeRed } from '../../../nodes/common/node-red.js'

export const messageBytes = 1024
/** Under way at once. */
export const atOnce = 100

/**
 * `pass`: from the source to the sink; `pass-one`: one after another; `feed`: until all is taken;
 * `drain`: what was taken and held back goes out.
 */
export type Measure = 'pass' | 'pass-one' | 'feed' | 'drain'

/** What a source is told of its contestant. */
export interface SourceForm {
  readonly contestant: string
  /** Messages that stop and start it, on the second output. */
  readonly hold?: object
  readonly go?: object
  /** It says when it has taken a message; else it takes all at once. */
  readonly tells?: boolean
}

interface BenchNode {
  on(event: 'input', handler: InputHandler): void
  send(msg: unknown): void
}

interface Runtime {
  readonly nodes: {
    createNode(node: BenchNode, form: object): void
    registerType(type: string, construct: (this: BenchNode, form: never) => void): void
  }
  readonly httpNode: {
    get(path: string, answer: (request: { url: string }, response: ServerResponse) => void): void
  }
}

/** Counts to a number that somebody waits for. */
class Counter {
  #count = 0
  #waits: { readonly until: number; readonly resolve: () => void } | undefined

  add(): void {
    this.#count++
    if (this.#waits !== undefined && this.#count >= this.#waits.until) this.#waits.resolve()
  }

  /** So many more than there are now. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waits = { until: this.#count + count, resolve }
    })
  }
}

class Contestant {
  readonly arrived = new Counter()
  readonly #taken = new Counter()
  readonly #node: BenchNode
  readonly #form: SourceForm
  #left = 0
  /** What makes room for another. */
  #window: 'taken' | 'arrived' = 'arrived'

  constructor(node: BenchNode, form: SourceForm) {
    this.#node = node
    this.#form = form
  }

  /** Messages a second. */
  async measure(what: Measure, count: number): Promise<number> {
    if (what === 'drain') return this.#drain(count)
    const window = what === 'feed' ? 'taken' : 'arrived'
    const done = (window === 'taken' ? this.#taken : this.arrived).more(count)
    const begin = performance.now()
    this.#begin(window, count, what === 'pass-one' ? 1 : atOnce)
    await done
    return perSecond(count, begin)
  }

  happened(what: 'taken' | 'arrived'): void {
    const counter = what === 'taken' ? this.#taken : this.arrived
    counter.add()
    if (what === this.#window) this.#one()
  }

  async #drain(count: number): Promise<number> {
    const { hold, go, tells } = this.#form
    const arrived = this.arrived.more(count)
    if (hold !== undefined) this.#node.send([null, { ...hold }])
    const taken = this.#taken.more(count)
    this.#begin('taken', tells === true ? count : 0, atOnce)
    if (tells === true) await taken
    else await this.#pour(count)
    const begin = performance.now()
    if (go !== undefined) this.#node.send([null, { ...go }])
    await arrived
    return perSecond(count, begin)
  }

  #begin(window: 'taken' | 'arrived', count: number, underWay: number): void {
    this.#window = window
    this.#left = count
    for (let i = 0; i < underWay; i++) this.#one()
  }

  /** All of them, a hundred in each turn. */
  async #pour(count: number): Promise<void> {
    this.#left = count
    while (this.#left > 0) {
      for (let i = 0; i < atOnce; i++) this.#one()
      await new Promise((go) => setImmediate(go))
    }
  }

  #one(): void {
    if (this.#left === 0) return
    this.#left--
    this.#node.send([{ payload: 'x'.repeat(messageBytes), topic: 'bench', n: this.#left }, null])
  }
}

const perSecond = (count: number, begin: number) => (count / (performance.now() - begin)) * 1000

/** What Node-RED calls when it loads the package. */
export function queueBench(RED: NodeRed): void {
  const { nodes, httpNode } = RED as unknown as Runtime
  const contestants = new Map<string, Contestant>()
  nodes.registerType('bench-source', function (this: BenchNode, form: SourceForm) {
    nodes.createNode(this, form)
    const contestant = new Contestant(this, form)
    contestants.set(form.contestant, contestant)
    this.on('input', (_msg, _send, done) => {
      done()
      contestant.happened('taken')
    })
  })
  nodes.registerType('bench-sink', function (this: BenchNode, form: SourceForm) {
    nodes.createNode(this, form)
    this.on('input', (_msg, _send, done) => {
      done()
      contestants.get(form.contestant)?.happened('arrived')
    })
  })
  httpNode.get('/measure', ({ url }, response) => {
    const query = new URLSearchParams(url.split('?')[1])
    const [name, what, count] = ['contestant', 'what', 'count'].map((key) => query.get(key) ?? '')
    const contestant = contestants.get(name ?? '')
    const measured =
      contestant?.measure(what as Measure, Number(count)) ?? Promise.reject(new Error('nobody'))
    measured.then(
      (figure) => response.end(JSON.stringify({ figure })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
}
