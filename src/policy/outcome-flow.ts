/**
 * The events of a flow, one by one, as downstream.md section 3 counts them: each is attributed by
 * the signs, and what follows happens to the trace it belongs to. It never throws for an event it
 * did not expect: a flow must not suffer from being watched.
 */

import type { NodeError, NodeRef } from './outcome.js'
import type { Attribution, Handling } from './outcome-attribution.js'
import type { OutcomeIndex } from './outcome-index.js'
import { nodeError, statusOf } from './outcome-rules.js'
import type { Suspects } from './outcome-suspects.js'
import type { Delivery, Trace, TraceRef } from './outcome-trace.js'
import type { OpenTraces } from './outcome-traces.js'

/** What a receiving node is, and what it is told of. */
export type Role =
  | { readonly is: 'work' }
  /** It watches; what it sends belongs to nobody. */
  | { readonly is: 'status' }
  | { readonly is: 'catch'; readonly source: string; readonly error: NodeError }
  | { readonly is: 'complete'; readonly source: string }

/** A message at a node of the runtime. */
export interface Arrival {
  readonly msg: object
  readonly id: string | undefined
  readonly node: { readonly id: string }
}

/** How a node of the runtime is called; asked once for each. */
export type Describe = (node: { readonly id: string }) => NodeRef

/** What the events are counted in. */
export interface FlowParts {
  readonly index: OutcomeIndex
  readonly suspects: Suspects
  readonly signs: Attribution
  readonly traces: OpenTraces
  readonly describe: Describe
}

export class FlowEvents {
  /** Which nodes the deploy that goes on stops. */
  isStopped: ((node: NodeRef) => boolean) | undefined
  readonly #index: OutcomeIndex
  readonly #suspects: Suspects
  readonly #signs: Attribution
  readonly #traces: OpenTraces
  readonly #describe: Describe
  /** Whose a message on its way is, by the event that carries it. */
  #routed = new WeakMap<object, Trace | 'late'>()
  /** In a turn of nested handlers: on its way to a node, and nobody follows it. */
  #passing: object | undefined

  constructor({ index, suspects, signs, traces, describe }: FlowParts) {
    this.#index = index
    this.#suspects = suspects
    this.#signs = signs
    this.#traces = traces
    this.#describe = describe
  }

  /** `endTurn` must be called when nothing synchronous runs any more. */
  get isInTurn(): boolean {
    return this.#signs.isInTurn || this.#passing !== undefined
  }

  /** One message of a send; `event` is the object that Node-RED carries it in. */
  sent(event: object, sender: string, msg: object, id?: string, context?: TraceRef): void {
    const owner = this.#signs.ofSend(sender, msg, id, context)
    if (owner === undefined) return
    this.#routed.set(event, owner)
    if (owner === 'late') return
    if (owner === this.#signs.root) {
      owner.ref.rootId ??= id
      owner.statusAtStart ??= statusOf(msg)
    } else {
      const place = this.#index.place(sender)
      if (place !== undefined) this.#traces.inspect(owner, place, msg)
    }
    if (this.isStopped === undefined) return
    owner.undelivered++
    this.#traces.look(owner)
  }

  /** The message, cloned if need be, is on its way to a node that exists. */
  delivered(event: object, arrival: Arrival): void {
    const owner = this.#routed.get(event)
    // It is delivered once; a table of dead keys costs each collection.
    if (owner !== undefined) this.#routed.delete(event)
    const trace = owner === 'late' ? undefined : owner?.ref.trace
    if (trace !== undefined) {
      if (trace.undelivered > 0) trace.undelivered--
      this.#deliver(trace, arrival)
      return
    }
    const { msg, id, node } = arrival
    const place = this.#index.place(node.id)
    if (place !== undefined || owner !== undefined) this.#index.rememberForeign(msg, id)
    if (place !== undefined) this.#index.openForeign(msg, place)
    if (this.#signs.stack.length > 0) this.#passing = msg
  }

  /**
   * A node is about to handle a message, in whatever context brought it here. Returns the one that
   * its handler shall run in: timers and sockets that all messages share carry the context of
   * whoever made them, and would charge one message with the errors of another.
   */
  received(arrival: Arrival, role: Role, context?: TraceRef): TraceRef | undefined {
    const { stack } = this.#signs
    const { msg, id, node } = arrival
    const member = this.#index.member(msg)
    const place = this.#index.place(node.id)
    const isShared = place !== undefined && (place.open.size > 0 || place.foreign > 0)
    const isForeign = member === undefined && stack.length === 0 && this.#signs.root === undefined
    if (isForeign && role.is === 'work' && !isShared) return
    const waiting = member?.deliveries.find((each) => each.place === place && !each.isReceived)
    const delivery = waiting ?? this.#adopted(arrival, role, context)
    if (delivery !== undefined) delivery.isReceived = true
    else if (isShared) {
      this.#index.rememberForeign(msg, id)
      this.#index.openForeign(msg, place)
    }
    stack.push({ msg, nodeId: node.id, delivery, caller: context })
    const trace = delivery?.trace
    return trace?.spec.mode === 'released' ? undefined : trace?.ref
  }

  /**
   * Its handlers have returned; `completes`: at least one of them will say when it is done. Returns
   * what it was called by, whose context goes on.
   */
  handled(msg: object, nodeId: string, completes: boolean): Handling | undefined {
    const { stack } = this.#signs
    if (stack.length === 0) return undefined
    const at = stack.findLastIndex((each) => each.msg === msg && each.nodeId === nodeId)
    const handling = stack[at]
    if (handling === undefined) return undefined
    const { delivery } = handling
    stack.length = at
    const place = delivery?.place ?? this.#index.place(nodeId)
    if (completes || place === undefined || place.completes) return handling
    if (delivery === undefined) this.#index.closeForeign(msg, place)
    else this.#traces.end(delivery, msg)
    return handling
  }

  /** A node said that it is done; `isObserver`: a Catch or Complete node. */
  completed({ msg, id, node }: Arrival, isObserver: boolean, error?: NodeError): void {
    const place = this.#index.place(node.id)
    const member = this.#index.member(msg)
    const { completed } = this.#signs
    if (place === undefined && member === undefined && completed === undefined && !error) return
    const delivery = member?.deliveries.find((each) => each.place === place)
    const trace = delivery?.trace ?? member?.ref?.trace
    const announced = { nodeId: node.id, id, trace }
    if (!isObserver) this.#signs.completed = trace === undefined ? undefined : announced
    if (place !== undefined) {
      place.completes = true
      this.#index.closeForeign(msg, place)
      this.#suspects.completed(node.id)
    }
    if (error !== undefined) {
      this.#signs.failed = announced
      this.#signs.isEchoed = true
      // The second of two completions: the node had it, and says now that it failed.
      const isHere = delivery !== undefined || (place && trace?.visited.includes(place))
      if (trace?.isOpen && place !== undefined && isHere) {
        this.#traces.fail(trace, place, nodeError(place.node, error), delivery)
      }
    }
    if (delivery !== undefined) this.#traces.end(delivery, msg)
  }

  /** An error that no Catch node was there for. */
  logged(nodeId: string, error: NodeError, context?: TraceRef): void {
    const { failed } = this.#signs
    if (this.#signs.isEchoed && failed?.nodeId === nodeId) this.#signs.isEchoed = false
    else this.#fail(nodeId, undefined, error, context)
  }

  /** Nobody was followed for a while. */
  clear(): void {
    this.#routed = new WeakMap()
    this.endTurn()
  }

  /** Nothing synchronous runs any more. */
  endTurn(): void {
    this.#signs.endTurn()
    this.#passing = undefined
  }

  #deliver(trace: Trace, { msg, id, node }: Arrival): Delivery {
    const place = this.#index.place(node.id) ?? this.#index.addPlace(this.#describe(node))
    const delivery = this.#traces.deliver(trace, place, msg, id)
    // The node that gets it is closing, or new: who knows which.
    if (this.isStopped?.(place.node)) this.#traces.latch(trace, 'interrupted', undefined)
    return delivery
  }

  /** Nothing was on its way to this node: it is called by Node-RED or by another node's code. */
  #adopted(arrival: Arrival, role: Role, context: TraceRef | undefined): Delivery | undefined {
    const trace = this.#traceOf(arrival, role, context)
    if (!trace?.isOpen) return undefined
    if (trace === this.#signs.root) {
      trace.ref.rootId ??= arrival.id
      trace.statusAtStart ??= statusOf(arrival.msg)
    }
    return this.#deliver(trace, arrival)
  }

  #traceOf({ msg, id }: Arrival, role: Role, context?: TraceRef): Trace | undefined {
    const { completed, stack } = this.#signs
    switch (role.is) {
      case 'status':
        return undefined
      case 'catch':
        return this.#fail(role.source, id, role.error, context)
      case 'complete':
        return completed?.nodeId === role.source ? completed.trace : undefined
      case 'work': {
        if (this.#passing === msg) return undefined
        const running = stack.at(-1)?.delivery?.trace
        // A node of ours hands it straight into another node's input.
        const injected = stack.length === 0 ? this.#signs.root : undefined
        return running ?? injected ?? this.#index.member(msg)?.ref?.trace
      }
    }
  }

  /** Charges an error to the trace it belongs to, if that can be told. */
  #fail(
    nodeId: string,
    id: string | undefined,
    error: NodeError,
    context: TraceRef | undefined,
  ): Trace | undefined {
    const { failed } = this.#signs
    if (id !== undefined && failed?.nodeId === nodeId && failed.id === id) return failed.trace
    const charged = this.#signs.ofError(nodeId, id, context)
    if (id !== undefined) this.#signs.failed = { nodeId, id, trace: charged?.trace }
    const place = this.#index.place(nodeId)
    if (charged === undefined || place === undefined) return undefined
    const { trace, delivery } = charged
    this.#traces.fail(trace, place, nodeError(place.node, error), delivery)
    return trace
  }
}
