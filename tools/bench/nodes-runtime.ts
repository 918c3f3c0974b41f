/**
 * What runs inside the Node-RED that the nodes bench measures: nodes that pass messages on, one
 * that counts them at the end, and a runner that is told over HTTP which case to measure. It uses
 * the outcome service as rooms do, on a clock whose long waits can be cut short.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { realWorld } from '../../nodes/common/hall.js'
import type { CloseHandler, HookNode, InputHandler, NodeRed } from '../../nodes/common/node-red.js'
import type { Follower } from '../../nodes/common/outcome-follower.js'
import { Outcomes } from '../../nodes/common/outcomes.js'
import type { Cancel, Clock } from '../../src/base/ports.js'
import { instant, type Ms, ms } from '../../src/base/units.js'
import type { Ending } from '../../src/policy/outcome.js'

/** What is measured: how long a delivery takes while nothing, or so much, is followed. */
export type NodesCase =
  | 'plain'
  | 'empty-hooks'
  | 'held'
  | 'attached'
  | 'one-open'
  | 'many-open'
  | 'traced'
  | 'memory'

export const openElsewhere = 10_000
const passing = 10
const inFlight = 100
const minute = 60_000
/** Objects that take about 2 kB together, as a trace does. */
const heldEach = 20

interface BenchNode extends HookNode {
  on(event: 'input', handler: InputHandler): void
  on(event: 'close', handler: CloseHandler): void
  send(msg: unknown): void
}

interface Registry {
  registerType(type: string, construct: (this: BenchNode, form: never) => void): void
  createNode(node: BenchNode, form: object): void
}

let arrived = () => {}

/** What Node-RED calls when it loads the package. */
export function benchNodes(RED: NodeRed): void {
  const { nodes } = RED as unknown as { nodes: Registry }
  const clock = new HastyClock()
  const outcomes = new Outcomes(RED, { ...realWorld, clock })
  let run: Runner | undefined

  nodes.registerType('bench-pass', function (this: BenchNode, form: object) {
    nodes.createNode(this, form)
    this.on('input', (msg, send, done) => {
      send(msg)
      done()
    })
  })
  nodes.registerType('bench-sink', function (this: BenchNode, form: object) {
    nodes.createNode(this, form)
    this.on('input', (_msg, _send, done) => {
      done()
      arrived()
    })
  })
  nodes.registerType('bench-never', function (this: BenchNode, form: object) {
    nodes.createNode(this, form)
    this.on('input', (_msg, _send, _done) => {})
  })
  nodes.registerType('bench-source', function (this: BenchNode, form: object) {
    nodes.createNode(this, form)
    run = new Runner(this, outcomes, clock, RED.hooks)
  })
  nodes.registerType('bench-run', function (this: BenchNode, form: object) {
    nodes.createNode(this, form)
    this.on('input', (msg, send, done) => {
      const { what, messages } = Object(msg['payload'])
      const measured =
        run?.measure(what, Number(messages)) ?? Promise.reject(new Error('no source'))
      measured.then(
        (figure) => {
          send({ ...msg, payload: { figure } })
          done()
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      )
    })
  })
}

/** Waits of a minute go on when the runner says so: it moves the time. */
class HastyClock implements Clock {
  readonly #waits = new Set<() => void>()
  #aheadMs = 0

  monotonic = () => instant(realWorld.clock.monotonic() + this.#aheadMs)
  wall = () => realWorld.clock.wall()
  soon = (call: () => void) => realWorld.clock.soon(call)

  wake(span: Ms, call: () => void): Cancel {
    if (span < minute) return realWorld.clock.wake(span, call)
    this.#waits.add(call)
    return () => this.#waits.delete(call)
  }

  passMinute(): void {
    this.#aheadMs += minute
    const due = [...this.#waits]
    this.#waits.clear()
    for (const call of due) call()
  }
}

class Runner {
  readonly #source: BenchNode
  readonly #outcomes: Outcomes
  readonly #follower: Follower
  readonly #clock: HastyClock
  readonly #hooks: NodeRed['hooks']
  #open: string[] = []
  #held: readonly object[] = []

  constructor(source: BenchNode, outcomes: Outcomes, clock: HastyClock, hooks: NodeRed['hooks']) {
    this.#hooks = hooks
    this.#source = source
    this.#outcomes = outcomes
    this.#clock = clock
    const settings = {
      ...{ mode: 'downstream' as const, watchNodes: [], timeoutMs: ms(50_000), failStatus: [] },
      failWhen: { is: 'none' as const, text: '' },
    }
    const ears = { emit: () => {}, failed: (error: unknown) => console.error(error) }
    this.#follower = outcomes.follower(source, settings, ears)
  }

  async measure(what: NodesCase, messages: number): Promise<number> {
    if (what === 'memory') return this.#memory()
    if (what === 'empty-hooks') return this.#beside(messages)
    if (what === 'held') return this.#holding(messages)
    if (what === 'attached') await this.#followed()
    if (what === 'one-open') this.#openMany(1)
    if (what === 'many-open') this.#openMany(openElsewhere)
    await turns(openElsewhere)
    const nanoseconds = await this.#through(messages, what === 'traced')
    await this.#release()
    return nanoseconds
  }

  /**
   * Nanoseconds of processor time per delivery: each message goes through all nodes and to the
   * sink. What else runs on the machine does not count.
   */
  #through(messages: number, isTraced: boolean): Promise<number> {
    const begin = process.cpuUsage()
    return new Promise((resolve) => {
      let [sent, ended] = [0, 0]
      const one = () => {
        sent++
        if (!isTraced) this.#source.send({ payload: sent })
        else this.#follower.follow({ send: () => this.#source.send({ payload: sent }), settled })
      }
      const next = () => {
        ended++
        if (sent < messages) one()
        if (ended < messages) return
        const { user, system } = process.cpuUsage(begin)
        resolve(((user + system) * 1_000) / (messages * (passing + 1)))
      }
      const settled = ({ outcome }: Ending) => {
        if (outcome !== 'ok') throw new Error(`ended ${outcome}`)
        next()
      }
      arrived = isTraced ? () => {} : next
      for (let i = 0; i < Math.min(inFlight, messages); i++) one()
    })
  }

  /** What Node-RED itself takes for hooks that do nothing; they are gone afterwards. */
  async #beside(messages: number): Promise<number> {
    const names = ['onSend', 'preDeliver', 'onReceive', 'postReceive', 'onComplete'] as const
    for (const name of names) this.#hooks?.add(`${name}.bench-empty`, (_event) => {})
    try {
      return await this.#through(messages, false)
    } finally {
      this.#hooks?.remove('*.bench-empty')
    }
  }

  /** What the heap takes for about as much as 10,000 open traces; it is let go afterwards. */
  async #holding(messages: number): Promise<number> {
    this.#held = Array.from({ length: openElsewhere }, (_, at) =>
      Array.from({ length: heldEach }, (_, part) => ({ at, part, text: `${at}-${part}` })),
    )
    const nanoseconds = await this.#through(messages, false)
    if (this.#held.length !== openElsewhere) throw new Error('what was held is gone')
    this.#held = []
    return nanoseconds
  }

  /** The service is attached from now on. */
  #followed(): Promise<void> {
    return new Promise((resolve) => {
      const settled = () => resolve()
      this.#follower.follow({ send: () => this.#source.send([null, null]), settled })
    })
  }

  /** At a node on another wire, which never completes. */
  #openMany(count: number): void {
    for (let i = 0; i < count; i++) {
      const send = () => this.#source.send([null, { payload: i }])
      this.#open.push(this.#follower.follow({ send, settled: () => {} }))
    }
  }

  /** As if a quiet minute had passed. */
  async #release(): Promise<void> {
    for (const token of this.#open) this.#follower.release(token)
    this.#open = []
    await turns(10)
    this.#clock.passMinute()
    if (this.#outcomes.isAttached) throw new Error('the hooks are still attached')
  }

  /** Bytes of heap for each open trace, its message and its delivery included. */
  async #memory(): Promise<number> {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    collect()
    const before = process.memoryUsage().heapUsed
    this.#openMany(openElsewhere)
    await turns(openElsewhere)
    collect()
    const bytes = (process.memoryUsage().heapUsed - before) / openElsewhere
    if (this.#outcomes.figures.traces < openElsewhere) throw new Error('not all are open')
    await this.#release()
    return bytes
  }
}

/** More turns of the loop than deliveries are waiting. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < Math.min(count, 50); i++) {
    await new Promise<void>((resolve) => realWorld.clock.soon(resolve))
  }
}
