/**
 * A runtime of flows, played: nodes of every manner hand messages on as Node-RED does, in an order
 * that a test chooses, and the ledger hears what its hooks would tell. It keeps the truth beside:
 * whose each message is, and what really became of it.
 */

import { instant } from '../../src/base/units.js'
import type { Ending, Outcome, TraceSpec } from '../../src/policy/outcome.js'
import type { Role } from '../../src/policy/outcome-flow.js'
import { OutcomeLedger } from '../../src/policy/outcome-ledger.js'
import type { TraceRef } from '../../src/policy/outcome-trace.js'
import {
  type Made,
  type Manner,
  type Plan,
  type PlayedNode,
  specOf,
  type Told,
  type Truth,
} from './outcome-cast.js'

interface Msg {
  readonly id: string
  readonly owner: number
}

interface Task {
  readonly nodeId: string
  readonly owner: number
  readonly context: TraceRef | undefined
  run(): void
}

const never = new Set<string>()
export const catcher = 'catch'

export class PlayedFlow {
  readonly ledger: OutcomeLedger
  readonly plan: Plan
  readonly truths = new Map<number, Truth>()
  readonly told = new Map<number, Told[]>()
  /** The latest message of each node. */
  readonly handled = new Map<string, object>()
  readonly #isBlind: boolean
  /** The next message to be handled is halted by another hook. */
  haltNext = false
  #tasks: Task[] = []
  #context: TraceRef | undefined
  readonly #leaks = new Map<string, { context: TraceRef | undefined; left: number }>()
  #step = 0
  #time = 0
  #ids = 0

  /** `isBlind`: contexts are not tracked, as with `asyncContext: false`. */
  constructor(plan: Plan, { isBlind = false, tracesMax = 1_000, deliveriesMax = 1_000 } = {}) {
    this.plan = plan
    this.#isBlind = isBlind
    const limits = { tracesMax, deliveriesMax }
    const hasContexts = !isBlind
    this.ledger = new OutcomeLedger({ ...limits, earlyTypes: never, hasContexts, describe })
  }

  get isQuiet(): boolean {
    return this.#tasks.length === 0
  }

  now = () => instant(this.#time)

  /** Follows a message from the source to the first node. `owner` names it in the truth. */
  follow(owner: number, more: Partial<TraceSpec> & { id?: string; to?: readonly number[] } = {}) {
    const { id = `m${owner}`, to = [0], ...spec } = more
    const truth = this.truthOf(owner)
    const settled = (ending: Ending) => {
      this.told.set(owner, [...(this.told.get(owner) ?? []), { ending, pending: truth.pending }])
      more.settled?.(ending)
    }
    const ref = this.ledger.open({ ...specOf('source'), ...spec, settled }, `t${owner}`, this.now())
    this.#within(ref, () =>
      this.ledger.release(ref, () => this.#send(spec.source?.id ?? 'source', { id, owner }, to)),
    )
    this.#afterTurn()
    return ref
  }

  /** Sends a message that nobody follows. */
  untraced(owner: number, to: readonly number[] = [0]): void {
    this.#within(undefined, () => this.#send('inject', { id: `u${owner}`, owner }, to))
    this.#afterTurn()
  }

  truthOf(owner: number): Truth {
    const known = this.truths.get(owner)
    if (known !== undefined) return known
    const truth = { failed: false, never: new Set<string>(), pending: 0, lost: 0, deliveries: 0 }
    this.truths.set(owner, truth)
    return truth
  }

  /** What the ledger should say. */
  modelOf(owner: number): Outcome {
    const { failed, never: silent } = this.truthOf(owner)
    return silent.size > 0 ? 'timeout' : failed ? 'failed' : 'ok'
  }

  outcomeOf(owner: number): Outcome | undefined {
    return this.told.get(owner)?.[0]?.ending.outcome
  }

  /** Runs one task; false when there is none. */
  step(): boolean {
    if (this.#tasks.length === 0) return false
    const { choices } = this.plan
    const choice = choices[this.#step++ % choices.length] ?? 0
    const [task] = this.#tasks.splice(choice % this.#tasks.length, 1)
    this.#time++
    if (task !== undefined) this.#within(task.context, task.run)
    this.#afterTurn()
    return true
  }

  /** To the end, the time-outs included. */
  run(): void {
    while (this.step()) {}
    while (!this.ledger.isIdle) {
      this.#time = Math.max(this.#time, this.ledger.wakeAt ?? this.#time)
      for (const { settled, ending } of this.ledger.tick(this.now())) settled(ending)
      while (this.step()) {}
    }
  }

  /** A deploy closes these nodes: their messages are lost, and half of them say done. */
  deploy(stopped: ReadonlySet<string>): void {
    this.ledger.stopping(({ id }) => stopped.has(id))
    this.#tasks = this.#tasks.filter(({ nodeId, owner }) => {
      if (!stopped.has(nodeId)) return true
      const truth = this.truthOf(owner)
      truth.lost++
      truth.pending--
      return false
    })
    this.#afterTurn()
    this.ledger.started()
  }

  #within(context: TraceRef | undefined, run: () => void): void {
    const outer = this.#context
    this.#context = context
    run()
    this.#context = outer
  }

  get #seen(): TraceRef | undefined {
    return this.#isBlind ? undefined : this.#context
  }

  #afterTurn(): void {
    this.ledger.flow.endTurn()
    if (!this.ledger.isChanged || this.#tasks.some(({ nodeId }) => nodeId === 'drain')) return
    this.#tasks.push({
      ...{ nodeId: 'drain', owner: -1, context: undefined },
      run: () => {
        for (const { settled, ending } of this.ledger.drain(this.now())) settled(ending)
      },
    })
  }

  #send(from: string, msg: Msg, to: readonly number[]): void {
    const events = to.map(() => ({}))
    for (const event of events) this.ledger.flow.sent(event, from, msg, msg.id, this.#seen)
    to.forEach((target, at) => {
      const nodeId = `n${target}`
      const own = at === 0 ? msg : { ...msg }
      const arrival = { msg: own, id: own.id, node: { id: nodeId } }
      this.ledger.flow.delivered(events[at] ?? {}, arrival)
      const truth = this.truthOf(msg.owner)
      truth.deliveries++
      this.#later(nodeId, msg.owner, () => this.#receive(target, own))
    })
  }

  /** What is to come counts for its owner until it has been. */
  #later(nodeId: string, owner: number, run: () => void, context = this.#context): void {
    const truth = this.truthOf(owner)
    truth.pending++
    const task = () => {
      truth.pending--
      run()
    }
    this.#tasks.push({ nodeId, owner, context, run: task })
  }

  #receive(at: number, msg: Msg): void {
    const nodeId = `n${at}`
    const { flow } = this.ledger
    const arrival = { msg, id: msg.id, node: { id: nodeId } }
    this.#context = flow.received(arrival, { is: 'work' }, this.#seen)
    if (this.haltNext) {
      this.haltNext = false
      this.truthOf(msg.owner).never.add(nodeId)
      return
    }
    this.handled.set(nodeId, msg)
    const node = this.plan.nodes[at]
    if (node !== undefined) this.#handle(node, nodeId, msg)
    flow.handled(msg, nodeId, !node?.manner.startsWith('legacy'))
  }

  #handle({ manner, made, next }: PlayedNode, nodeId: string, msg: Msg): void {
    const send = () => this.#send(nodeId, this.#make(made, msg), next)
    const done = (error?: string) => this.#done(nodeId, msg, error)
    const later = (run: () => void) => this.#later(nodeId, msg.owner, run)
    const truth = this.truthOf(msg.owner)
    const both = () => {
      send()
      done()
    }
    const manners: Readonly<Record<Manner, () => void>> = {
      sync: both,
      async: () => later(both),
      drop: () => done(),
      legacy: send,
      throw: () => this.#error(nodeId, msg),
      'fail-done': () => later(() => done('oops')),
      'error-then-done': () =>
        later(() => {
          this.#error(nodeId, msg)
          done()
        }),
      'double-done': () => {
        both()
        done()
      },
      'done-then-fail': () => {
        send()
        done()
        done('oops')
      },
      'legacy-error': () => this.#error(nodeId, msg),
      leak: () => this.#leak(nodeId, msg.owner, both),
      early: () => {
        done()
        later(send)
      },
      'legacy-async': () => later(send),
      never: () => {
        truth.never.add(nodeId)
        send()
      },
    }
    manners[manner]()
  }

  #leak(nodeId: string, owner: number, run: () => void): void {
    const known = this.#leaks.get(nodeId)
    const leak = known !== undefined && known.left > 0 ? known : { context: this.#context, left: 0 }
    leak.left++
    this.#leaks.set(nodeId, leak)
    const leave = () => {
      leak.left--
      run()
    }
    this.#later(nodeId, owner, leave, leak.context)
  }

  #make(made: Made, msg: Msg): Msg {
    if (made === 'same') return msg
    return { id: made === 'new-id' ? `x${this.#ids++}` : msg.id, owner: msg.owner }
  }

  #done(nodeId: string, msg: Msg, error?: string): void {
    const failure = error === undefined ? undefined : { text: error }
    this.ledger.flow.completed({ msg, id: msg.id, node: { id: nodeId } }, false, failure)
    if (error !== undefined) this.#error(nodeId, msg)
  }

  /** To the Catch node, if there is one, else to the log. */
  #error(nodeId: string, msg: Msg): void {
    this.truthOf(msg.owner).failed = true
    const { flow } = this.ledger
    const error = { text: 'oops' }
    if (!this.plan.hasCatch) {
      flow.logged(nodeId, error, this.#seen)
      return
    }
    const copy = { ...msg }
    const role: Role = { is: 'catch', source: nodeId, error }
    const arrival = { msg: copy, id: copy.id, node: { id: catcher } }
    flow.received(arrival, role, this.#seen)
    flow.completed({ msg: copy, id: copy.id, node: { id: catcher } }, true)
    flow.handled(copy, catcher, true)
  }
}

const describe = ({ id }: { readonly id: string }) => ({ id, type: id })
