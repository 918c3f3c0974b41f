/**
 * Whose message is this? Answers for sends and for errors, by the signs of downstream.md section 3:
 * the object, its id, the handler that runs, the asynchronous context, who alone is at the node.
 * Where the signs do not agree it charges nobody; a trace that may be concerned turns unsure.
 */

import { unsure } from './outcome.js'
import type { OutcomeIndex } from './outcome-index.js'
import type { Suspects } from './outcome-suspects.js'
import type { Delivery, Place, Trace, TraceRef } from './outcome-trace.js'

/** A handler that runs just now. */
export interface Handling {
  readonly msg: object
  readonly nodeId: string
  /** Undefined for a message that nobody follows. */
  readonly delivery: Delivery | undefined
  /** The context in which it was called. */
  readonly caller: TraceRef | undefined
}

/** The error or the completion that Node-RED is about to tell others of, in this very turn. */
interface Announced {
  readonly nodeId: string
  readonly id: string | undefined
  readonly trace: Trace | undefined
}

/** `late`: of a trace that has ended. */
export type Owner = Trace | 'late' | undefined

export interface Charged {
  readonly trace: Trace
  /** The delivery that the error ends; undefined when it had ended before. */
  readonly delivery: Delivery | undefined
}

export class Attribution {
  readonly #index: OutcomeIndex
  readonly #suspects: Suspects
  readonly #hasContexts: boolean
  readonly #open: () => Iterable<Trace>
  /** The trace whose own message is being sent. */
  root: Trace | undefined
  readonly stack: Handling[] = []
  /** Who completed last in this turn: Complete nodes hear of it next. */
  completed: Announced | undefined
  /** Who failed last in this turn: Catch nodes hear of it, each on its own. */
  failed: Announced | undefined
  /** `failed` came by `done(err)`: the log line that may follow tells of the same. */
  isEchoed = false
  weak = 0
  uncharged = 0

  /** `open`: all traces that have not ended. */
  constructor(
    index: OutcomeIndex,
    suspects: Suspects,
    hasContexts: boolean,
    open: () => Iterable<Trace>,
  ) {
    this.#index = index
    this.#hasContexts = hasContexts
    this.#suspects = suspects
    this.#open = open
  }

  /** Nothing synchronous runs any more. */
  endTurn(): void {
    this.stack.length = 0
    this.completed = undefined
    this.failed = undefined
    this.isEchoed = false
  }

  get isInTurn(): boolean {
    return this.stack.length > 0 || this.completed !== undefined || this.failed !== undefined
  }

  ofSend(sender: string, msg: object, id: string | undefined, context?: TraceRef): Owner {
    if (this.root?.spec.source.id === sender) return this.root
    const member = this.#index.member(msg)
    if (member !== undefined) return this.#ofMember(sender, member.ref)
    const near = this.#index.tracesOf(id)
    if (near !== undefined) return this.#among(near, sender, context)
    if (this.#index.isForeign(id)) return undefined
    const running = this.stack.at(-1)
    if (running !== undefined) return openTrace(running.delivery)
    return this.#ofStranger(sender, context)
  }

  #ofMember(sender: string, ref: TraceRef | undefined): Owner {
    return ref?.trace ?? (ref === undefined ? undefined : this.#late(sender, ref))
  }

  /** A node that was still at work when the trace ended is slow; any other said it was done. */
  #late(nodeId: string, { stillOpen, source }: TraceRef): 'late' {
    const place = this.#index.place(nodeId)
    if (place !== undefined && !stillOpen.includes(nodeId)) this.#suspects.late(place.node, source)
    return 'late'
  }

  /** Several attempts, or an outer and an inner trace, share the id of one message. */
  #among(near: readonly Trace[], sender: string, context: TraceRef | undefined): Owner {
    const place = this.#index.place(sender)
    if (context !== undefined && isStale(near, sender, place, context)) {
      return this.#late(sender, context)
    }
    const [only] = near
    if (near.length === 1) return only
    const running = openTrace(this.stack.at(-1)?.delivery)
    if (running !== undefined && near.includes(running)) return running
    const { trace } = context ?? {}
    if (trace !== undefined && near.includes(trace)) return trace
    return near.findLast((each) => place?.open.has(each)) ?? near.at(-1)
  }

  /** A new object with a new id, sent from no handler that runs. */
  #ofStranger(sender: string, context: TraceRef | undefined): Owner {
    const place = this.#index.place(sender)
    if (place === undefined) return undefined
    const { trace } = context ?? {}
    if (trace !== undefined && place.open.has(trace)) return trace
    const ended = trace === undefined ? context : undefined
    if (ended?.stillOpen.includes(sender)) return 'late'
    const [only] = place.open.keys()
    if (only !== undefined) {
      if (place.open.size === 1 && place.foreign === 0) return only
      // With contexts, one of theirs would be known by its own: it is of those nobody follows.
      if (place.foreign === 0 || !this.#hasContexts) {
        for (const each of place.open.keys()) each.latch('unsure', unsure)
      }
      return undefined
    }
    if (trace !== undefined) this.weak++
    return ended === undefined ? undefined : this.#late(sender, ended)
  }

  /** `id` is known when a Catch node got the message, unknown for a line of the log. */
  ofError(nodeId: string, id: string | undefined, context?: TraceRef): Charged | undefined {
    const running = this.stack.at(-1)
    if (running?.nodeId === nodeId) {
      const trace = openTrace(running.delivery)
      return trace === undefined ? undefined : { trace, delivery: running.delivery }
    }
    const place = this.#index.place(nodeId)
    if (place === undefined || this.#index.isForeign(id)) return undefined
    const trace = this.#ofLooseError(place, id, context)
    if (trace === undefined) return undefined
    // Of several at that node it may be any: which of them has ended, its completion will tell.
    const isOnly = place.open.get(trace) === 1
    return { trace, delivery: isOnly ? trace.openAt(place) : undefined }
  }

  #ofLooseError(place: Place, id: string | undefined, context?: TraceRef): Trace | undefined {
    const near = this.#index.tracesOf(id)
    const { trace } = context ?? {}
    if (trace !== undefined) {
      const isMember = id === undefined || near?.includes(trace) === true
      if (isMember && trace.visited.includes(place)) return trace
    } else if (context !== undefined && (near === undefined || isOfRoot(near, context))) {
      this.#late(place.node.id, context)
      return undefined
    }
    if (near !== undefined) {
      return near.length === 1 ? near[0] : near.findLast((each) => place.open.has(each))
    }
    const [only] = place.open.keys()
    if (place.open.size === 1 && place.foreign === 0) return only
    if (!this.#hasContexts) this.#doubt(place)
    if (only !== undefined) this.uncharged++
    return undefined
  }

  /**
   * Without contexts nothing tells whose error it is: of one that is at the node, or, if nobody is,
   * of one that was there and has gone on, as with a stream that reports after it was written to.
   */
  #doubt(place: Place): void {
    const isEmpty = place.open.size === 0 && place.foreign === 0
    for (const each of isEmpty ? this.#open() : place.open.keys()) {
      const isConcerned = each.spec.mode !== 'watch' || each.watches(place)
      if (isConcerned && each.visited.includes(place)) each.latch('unsure', unsure)
    }
  }
}

function openTrace(delivery: Delivery | undefined): Trace | undefined {
  return delivery?.trace.ref.trace
}

const isOfRoot = (near: readonly Trace[], { rootId }: TraceRef): boolean =>
  near.some(({ ref }) => ref.rootId === rootId)

/**
 * Sent by an earlier attempt of the same message. A timer or a socket that the earlier attempt
 * left behind may serve the present one too: then the sender works for it, and did not work for the
 * earlier one when that ended.
 */
function isStale(
  near: readonly Trace[],
  sender: string,
  place: Place | undefined,
  context: TraceRef,
): boolean {
  if (context.trace !== undefined || !isOfRoot(near, context)) return false
  const isAtWork = near.some((each) => place?.open.has(each))
  return !isAtWork || context.stillOpen.includes(sender)
}
