/**
 * The followed messages that have not ended, and everything that can happen to one: a delivery
 * begins or ends, fails, is held or cut off by a deploy; it is over, or out of time. It is told
 * whose an event is, and attributes nothing itself.
 */

import { type Instant, instant, since } from '../base/units.js'
import {
  type Blame,
  type Ending,
  interrupted,
  type LedgerLimits,
  type NodeRef,
  type Outcome,
  type Settled,
  type TraceSpec,
  unsure,
} from './outcome.js'
import { Deadlines } from './outcome-deadlines.js'
import type { OutcomeIndex } from './outcome-index.js'
import { failedStatus, matchedRule } from './outcome-rules.js'
import type { Suspects } from './outcome-suspects.js'
import { type Delivery, type Place, Trace } from './outcome-trace.js'

export interface TracesOptions extends LedgerLimits {
  /** Node types that complete before they have finished. */
  readonly earlyTypes: ReadonlySet<string>
}

export class OpenTraces {
  readonly #options: TracesOptions
  readonly #index: OutcomeIndex
  readonly #suspects: Suspects
  readonly #byToken = new Map<string, Trace>()
  readonly #deadlines = new Deadlines<Trace>()
  /** To be looked at when the present turn is over. */
  #changed: Trace[] = []

  constructor(options: TracesOptions, index: OutcomeIndex, suspects: Suspects) {
    this.#options = options
    this.#index = index
    this.#suspects = suspects
  }

  get size(): number {
    return this.#byToken.size
  }

  get isChanged(): boolean {
    return this.#changed.length > 0
  }

  get wakeAt(): Instant | undefined {
    return this.#deadlines.first?.deadlineAt
  }

  all(): Iterable<Trace> {
    return this.#byToken.values()
  }

  get(token: string): Trace | undefined {
    return this.#byToken.get(token)
  }

  open(spec: TraceSpec, token: string, now: Instant, outer: Delivery | undefined): Trace {
    const trace = new Trace(spec, token, now, outer)
    if (outer !== undefined) this.hold(outer)
    if (this.#byToken.size >= this.#options.tracesMax) trace.conclude('unsure', unsure)
    this.#byToken.set(token, trace)
    this.#deadlines.add(trace)
    this.look(trace)
    return trace
  }

  /** It may be over, or its time-out stand still. */
  look(trace: Trace): void {
    if (trace.isChanged) return
    trace.isChanged = true
    this.#changed.push(trace)
  }

  conclude(trace: Trace, outcome: Outcome, blame?: Blame): void {
    trace.conclude(outcome, blame)
    this.look(trace)
  }

  latch(trace: Trace, outcome: Outcome, blame: Blame | undefined): void {
    trace.latch(outcome, blame)
    this.look(trace)
  }

  hold(delivery: Delivery): void {
    const { trace } = delivery
    if (delivery.isHeld || !delivery.isOpen) return
    delivery.isHeld = true
    trace.held++
    this.look(trace)
  }

  deliver(trace: Trace, place: Place, msg: object, id: string | undefined): Delivery {
    const { node } = place
    if (this.#options.earlyTypes.has(node.type) || this.#suspects.isLate(node.id)) {
      trace.wentDark = true
    }
    const delivery = this.#index.open(trace, place, msg, id)
    if (trace.open > this.#options.deliveriesMax) this.conclude(trace, 'unsure', unsure)
    else if (trace.held > 0) this.look(trace)
    return delivery
  }

  /** A node is done with a message: what it has made of it is looked at, inside and around. */
  end(delivery: Delivery, msg: object): void {
    const { trace, place } = delivery
    if (!this.#index.close(delivery)) return
    this.look(trace)
    this.inspect(trace, place, msg)
    this.#tellWatchers(trace, place, undefined)
    for (const each of around(trace)) if (each.watches(place)) this.#judge(each, place, msg)
  }

  /** A node failed. This ends the delivery: a handler that throws never completes. */
  fail(trace: Trace, place: Place, blame: Blame, delivery: Delivery | undefined): void {
    if (delivery !== undefined) this.#index.close(delivery)
    const isTold = delivery?.isCharged === true
    if (trace.spec.mode !== 'watch' && !isTold) trace.latch('failed', blame)
    this.#tellWatchers(trace, place, blame)
    this.look(trace)
  }

  /** A node of ours settles what it holds: what is watched are other nodes. */
  charge(delivery: Delivery, outcome: Outcome, blame: Blame | undefined): void {
    const { trace, place } = delivery
    delivery.isCharged = true
    if (trace.spec.mode !== 'watch') this.latch(trace, outcome, blame)
    else if (trace.watches(place)) trace.endWatched(place, trace.ref, blame)
  }

  /**
   * The rules of the dialog, for a message that a node sent or was done with. Those of traces
   * around count too, but only once the work inside has ended well: it may yet be tried again.
   */
  inspect(trace: Trace, place: Place, msg: object): void {
    this.#judge(trace, place, msg)
    for (const each of around(trace)) if (!each.watches(place)) this.#judge(each, place, msg, trace)
  }

  /** Whatever was to come of it in a node that a deploy stops will not come. */
  interrupt(delivery: Delivery): void {
    this.#index.close(delivery)
    this.latch(delivery.trace, 'interrupted', interrupted)
  }

  /** The nodes are stopped, their work is cut off; a source that stops ends all it follows. */
  stop(isStopped: (node: NodeRef) => boolean): void {
    for (const trace of this.#byToken.values()) {
      let each = trace.first
      while (each !== undefined) {
        const next = each.after
        if (isStopped(each.place.node)) this.interrupt(each)
        each = next
      }
      if (isStopped(trace.spec.source)) this.conclude(trace, 'interrupted', interrupted)
    }
    this.#index.forgetIdlePlaces()
  }

  /** Events were lost: nothing can be told any more. */
  doubtAll(): void {
    for (const trace of this.#byToken.values()) this.conclude(trace, 'unsure', unsure)
  }

  /** What has ended, now that nothing of the turn is left that could go on. */
  drain(now: Instant): Settled[] {
    const changed = this.#changed
    this.#changed = []
    const ended: Settled[] = []
    for (const trace of changed) {
      trace.isChanged = false
      if (!trace.isOpen) continue
      if (trace.undelivered > 0) trace.latch('interrupted', interrupted)
      trace.undelivered = 0
      if (trace.hasFailed) trace.failedAt ??= now
      if (trace.isOver()) this.#end(trace, trace.ending(now), ended)
      else if (!trace.isLate) this.#keepTime(trace, now)
    }
    return ended
  }

  /** What has timed out by now, besides what has ended. */
  tick(now: Instant): Settled[] {
    const ended = this.drain(now)
    for (;;) {
      const { first } = this.#deadlines
      if (first === undefined || first.deadlineAt > now) return ended
      const open = first.nodesOpen()
      const [halted] = open
      if (halted !== undefined && first.isHalted) {
        this.#suspects.halted(halted, first.spec.source)
      } else if (!first.hasFailed) this.#suspects.timedOut(open, first.spec.source)
      if (first.mayEndLate) this.#linger(first, now, ended)
      else this.#end(first, first.timedOut(now), ended)
    }
  }

  /** The time-out is told; it stays followed for the sake of an end that comes late. */
  #linger(trace: Trace, now: Instant, ended: Settled[]): void {
    trace.isLate = true
    this.#deadlines.remove(trace)
    ended.push({ settled: trace.spec.settled, ending: trace.timedOut(now) })
  }

  /** Of those that are late only a good end is told. */
  #end(trace: Trace, ending: Ending, ended: Settled[]): void {
    this.#settle(trace, ending)
    if (trace.isLate && ending.outcome !== 'ok') return
    ended.push({ settled: trace.spec.settled, ending })
  }

  #judge(trace: Trace, place: Place, msg: object, inside = trace): void {
    const { rules } = trace.spec
    const status = failedStatus(rules, msg, place.node, trace.statusAtStart)
    if (status !== undefined) this.#object(trace, place, status, inside)
    if (rules.judge === undefined) return
    inside.judging++
    rules.judge(msg, (isFailed) => {
      inside.judging--
      if (!inside.isOpen) return
      if (isFailed) this.#object(trace, place, matchedRule(rules, place.node), inside)
      this.look(inside)
    })
  }

  #object(trace: Trace, place: Place, blame: Blame, inside: Trace): void {
    if (inside === trace) this.#break(trace, place, blame)
    else if (!inside.objections.has(trace)) inside.objections.set(trace, blame)
  }

  /** Well by its own rules; by those of the next one around, or further out, perhaps not. */
  #passOn({ objections, outer }: Trace): void {
    for (const [trace, blame] of objections) {
      if (trace === outer?.trace) this.latch(trace, 'failed', blame)
      else outer?.trace.objections.set(trace, blame)
    }
  }

  #break(trace: Trace, place: Place, blame: Blame): void {
    if (trace.watches(place)) trace.endWatched(place, trace.ref, blame)
    else trace.latch('failed', blame)
    this.look(trace)
  }

  /** Also those around: what they watch may be at work for a trace inside theirs. */
  #tellWatchers(trace: Trace, place: Place, blame: Blame | undefined): void {
    for (const each of [trace, ...around(trace)]) {
      if (!each.isOpen || !each.watches(place)) continue
      each.endWatched(place, trace.ref, blame)
      this.look(each)
    }
  }

  #settle(trace: Trace, ending: Ending): void {
    if (ending.outcome === 'ok' && trace.spec.mode !== 'manual') this.#passOn(trace)
    trace.ref.trace = undefined
    trace.ref.stillOpen = ending.stillOpen.map(({ id }) => id)
    this.#byToken.delete(trace.token)
    this.#deadlines.remove(trace)
    this.#index.forget(trace)
  }

  /** While all that is open is held by nodes with time-outs of their own, ours stands still. */
  #keepTime(trace: Trace, now: Instant): void {
    const isHeld = trace.open > 0 && trace.held === trace.open && trace.judging === 0
    if (isHeld && trace.leftMs === undefined) {
      trace.leftMs = since(now, trace.deadlineAt)
      this.#deadlines.remove(trace)
    } else if (!isHeld && trace.leftMs !== undefined) {
      trace.deadlineAt = instant(now + trace.leftMs)
      trace.leftMs = undefined
      this.#deadlines.add(trace)
    }
  }
}

function* around(trace: Trace): Generator<Trace> {
  let each = trace.outer?.trace
  while (each !== undefined) {
    yield each
    each = each.outer?.trace
  }
}
