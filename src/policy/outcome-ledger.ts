/**
 * The outcome ledger: what nodes send, get, complete and fail with goes in by `flow`, how each
 * followed message ended comes out of `drain` and `tick`. An event that cannot be told apart
 * changes no outcome for the better; all memory is bounded. It reads no clock, holds no timer and
 * knows no Node-RED.
 */

import type { Instant } from '../base/units.js'
import type {
  Blame,
  LedgerFigures,
  NodeRef,
  Outcome,
  Settled,
  Suspicion,
  TraceSpec,
} from './outcome.js'
import { Attribution } from './outcome-attribution.js'
import { type Describe, FlowEvents } from './outcome-flow.js'
import { OutcomeIndex } from './outcome-index.js'
import { Suspects } from './outcome-suspects.js'
import type { Trace, TraceRef } from './outcome-trace.js'
import { OpenTraces, type TracesOptions } from './outcome-traces.js'

export interface LedgerOptions extends TracesOptions {
  /** Asynchronous contexts are tracked. */
  readonly hasContexts: boolean
  readonly describe: Describe
}

export class OutcomeLedger {
  readonly flow: FlowEvents
  readonly #index = new OutcomeIndex()
  readonly #suspects = new Suspects()
  readonly #signs: Attribution
  readonly #traces: OpenTraces

  constructor(options: LedgerOptions) {
    this.#traces = new OpenTraces(options, this.#index, this.#suspects)
    const { hasContexts } = options
    const open = () => this.#traces.all()
    this.#signs = new Attribution(this.#index, this.#suspects, hasContexts, open)
    this.flow = new FlowEvents({
      ...{ index: this.#index, suspects: this.#suspects, signs: this.#signs },
      ...{ traces: this.#traces, describe: options.describe },
    })
  }

  /** Nobody is followed: no event means anything. */
  get isIdle(): boolean {
    return this.#traces.size === 0
  }

  /** `drain` has something to do. */
  get isChanged(): boolean {
    return this.#traces.isChanged
  }

  /** When `tick` is due; undefined: not until something else happens. */
  get wakeAt(): Instant | undefined {
    return this.#traces.wakeAt
  }

  get figures(): LedgerFigures {
    const { weak, uncharged } = this.#signs
    const { deliveries, ids } = this.#index
    return { traces: this.#traces.size, deliveries, ids, weak, uncharged }
  }

  suspicions(): readonly Suspicion[] {
    return this.#suspects.list()
  }

  takeNews(): readonly Suspicion[] {
    return this.#suspects.takeNews()
  }

  // Traces

  /** `token` names it and must be new. The delivery that brought `spec.outer` is held by it. */
  open(spec: TraceSpec, token: string, now: Instant): TraceRef {
    const outer = spec.outer && this.#index.deliveryOf(spec.outer, spec.source.id)
    return this.#traces.open(spec, token, now, outer).ref
  }

  /** All that its source sends while `send` runs is the message of this trace. */
  release({ trace }: TraceRef, send: () => void): void {
    const { root } = this.#signs
    this.#signs.root = trace
    try {
      send()
    } finally {
      this.#signs.root = root
      if (trace !== undefined) {
        trace.isReleased = true
        this.#traces.look(trace)
      }
    }
  }

  /** Its message is on its way to so many nodes, whether or not an event tells of each. */
  handedOut(token: string, receivers: number): void {
    const trace = this.#traces.get(token)
    if (trace !== undefined) trace.deliveries = Math.max(trace.deliveries, receivers)
  }

  isOpen(token: string): boolean {
    return this.#traces.get(token) !== undefined
  }

  /**
   * Ends it, whatever is still open. False: it had ended before, or timed out and this is no `ok`.
   */
  conclude(token: string, outcome: Outcome, blame?: Blame): boolean {
    const trace = this.#traces.get(token)
    if (trace === undefined) return false
    this.#traces.conclude(trace, outcome, blame)
    return !trace.isLate || outcome === 'ok'
  }

  /** The node has a time-out of its own and settles the delivery that brought this message. */
  hold(msg: object, nodeId: string): void {
    const delivery = this.#index.deliveryOf(msg, nodeId)
    if (delivery !== undefined) this.#traces.hold(delivery)
  }

  /**
   * A node of ours refused this message, gave it up or saw it fail: the enclosing trace learns it
   * here, and not by `done(err)`, so that no failure reaches Catch twice (design.md 8.1).
   */
  charge(msg: object, nodeId: string, outcome: Outcome, blame?: Blame): void {
    const delivery = this.#index.deliveryOf(msg, nodeId)
    if (delivery !== undefined) this.#traces.charge(delivery, outcome, blame)
  }

  /** A dead letter node keeps it durably: every trace around this message ends as handed over. */
  handOver(msg: object, nodeId: string, blame: Blame): void {
    let trace = this.#index.deliveryOf(msg, nodeId)?.trace
    while (trace !== undefined) {
      trace.isHandedOver = true
      this.#traces.latch(trace, 'failed', blame)
      trace = trace.outer?.trace
    }
  }

  /** Ids of the nodes through which this message has come, as far as it was followed. */
  pathOf(msg: object, nodeId: string): readonly string[] {
    const traces: Trace[] = []
    let trace = this.#index.deliveryOf(msg, nodeId)?.trace
    for (; trace !== undefined; trace = trace.outer?.trace) traces.unshift(trace)
    const ids = traces.flatMap(({ spec, visited }) => [
      spec.source.id,
      ...visited.map(({ node }) => node.id),
    ])
    return [...new Set(ids)].filter((id) => id !== nodeId)
  }

  // Time and deploys

  /** What has ended, now that nothing of the turn is left that could go on. */
  drain(now: Instant): Settled[] {
    return this.#traces.drain(now)
  }

  /** What has timed out by now, besides what has ended. */
  tick(now: Instant): Settled[] {
    return this.#traces.tick(now)
  }

  /** A deploy begins: what these nodes have in hand is lost, whatever they say when they close. */
  stopping(isStopped: (node: NodeRef) => boolean): void {
    this.flow.isStopped = isStopped
    this.#traces.stop(isStopped)
  }

  /** The deploy is over. */
  started(): void {
    this.flow.isStopped = undefined
  }

  /** Events were lost: whoever is followed now ends `unsure`. */
  doubtAll(): void {
    this.#traces.doubtAll()
  }

  /** Nobody was followed for a while: what is known of nodes and of other messages goes too. */
  clear(): void {
    this.#index.clear()
    this.flow.clear()
  }
}
