/**
 * Where the open deliveries are found: by message object, by message id and by node. What a trace
 * put in here leaves with it; all else is bounded. It attributes nothing.
 */

import type { NodeRef } from './outcome.js'
import type { Delivery, Member, Place, Trace } from './outcome-trace.js'

/** Ids of messages that nobody follows, at nodes that followed ones pass; the oldest go first. */
const foreignMax = 10_000
/** Ids remembered per trace: a split of more parts is told apart by other signs. */
const idsMax = 10_000

export class OutcomeIndex {
  #members = new WeakMap<object, Member>()
  readonly #byId = new Map<string, Trace[]>()
  readonly #places = new Map<string, Place>()
  readonly #foreign = new Set<string>()
  #deliveries = 0

  get deliveries(): number {
    return this.#deliveries
  }

  get ids(): number {
    return this.#byId.size
  }

  member(msg: object): Member | undefined {
    return this.#members.get(msg)
  }

  /** The oldest open delivery of this object at this node. */
  deliveryOf(msg: object, nodeId: string): Delivery | undefined {
    return this.#members.get(msg)?.deliveries.find(({ place }) => place.node.id === nodeId)
  }

  /** Open traces that a message with this id may belong to, the newest last. */
  tracesOf(id: string | undefined): readonly Trace[] | undefined {
    return id === undefined ? undefined : this.#byId.get(id)
  }

  place(nodeId: string): Place | undefined {
    return this.#places.get(nodeId)
  }

  isForeign(id: string | undefined): boolean {
    return id !== undefined && this.#foreign.has(id)
  }

  /** A message that nobody follows comes to a node that followed ones have reached. */
  openForeign(msg: object, place: Place): void {
    const member = this.#members.get(msg)
    if (member === undefined || member.foreignAt?.includes(place)) return
    member.foreignAt ??= []
    member.foreignAt.push(place)
    place.foreign++
  }

  /** The node is done with it. */
  closeForeign(msg: object, place: Place): void {
    const at = this.#members.get(msg)?.foreignAt
    if (at === undefined || !at.includes(place)) return
    at.splice(at.indexOf(place), 1)
    place.foreign--
  }

  /** It belongs to nobody, wherever it goes. */
  rememberForeign(msg: object, id: string | undefined): void {
    if (!this.#members.has(msg)) this.#members.set(msg, { ref: undefined, deliveries: [] })
    if (id === undefined || this.#byId.has(id)) return
    this.#foreign.add(id)
    if (this.#foreign.size <= foreignMax) return
    for (const oldest of this.#foreign) {
      this.#foreign.delete(oldest)
      return
    }
  }

  addPlace(node: NodeRef): Place {
    const place = {
      node,
      open: new Map<Trace, number>(),
      foreign: 0,
      completes: false,
    }
    this.#places.set(node.id, place)
    return place
  }

  open(trace: Trace, place: Place, msg: object, id: string | undefined): Delivery {
    const member = this.#memberFor(msg, trace)
    const before = trace.last
    const state = { isOpen: true, isReceived: false, isHeld: false, isCharged: false }
    const delivery: Delivery = { trace, place, member, ...state, before, after: undefined }
    if (before === undefined) trace.first = delivery
    else before.after = delivery
    trace.last = delivery
    trace.open++
    trace.deliveries++
    trace.visit(place)
    member.deliveries.push(delivery)
    place.open.set(trace, (place.open.get(trace) ?? 0) + 1)
    this.#deliveries++
    countWatched(trace, place, 1)
    this.addId(trace, id)
    return delivery
  }

  /** False when it was closed before. */
  close(delivery: Delivery): boolean {
    if (!delivery.isOpen) return false
    const { trace, place, member, before, after } = delivery
    delivery.isOpen = false
    if (before === undefined) trace.first = after
    else before.after = after
    if (after === undefined) trace.last = before
    else after.before = before
    trace.open--
    if (delivery.isHeld) trace.held--
    member.deliveries.splice(member.deliveries.indexOf(delivery), 1)
    const left = (place.open.get(trace) ?? 1) - 1
    if (left > 0) place.open.set(trace, left)
    else place.open.delete(trace)
    this.#deliveries--
    countWatched(trace, place, -1)
    return true
  }

  addId(trace: Trace, id: string | undefined): void {
    if (id === undefined) return
    const known = this.#byId.get(id)
    if (known?.includes(trace) || trace.ids.length >= idsMax) return
    if (known === undefined) this.#byId.set(id, [trace])
    else known.push(trace)
    trace.ids.push(id)
    this.#foreign.delete(id)
  }

  /** Nothing of an ended trace stays, but that its messages are known to be late. */
  forget(trace: Trace): void {
    while (trace.first !== undefined) this.close(trace.first)
    for (const id of trace.ids) {
      const rest = this.#byId.get(id)?.filter((other) => other !== trace) ?? []
      if (rest.length > 0) this.#byId.set(id, rest)
      else this.#byId.delete(id)
    }
    trace.ids.length = 0
    trace.visited.length = 0
  }

  /** Names and types may differ after a deploy, and nodes be gone. */
  forgetIdlePlaces(): void {
    for (const [id, place] of this.#places) if (place.open.size === 0) this.#places.delete(id)
  }

  /** Large tables of weak keys cost every collection, also when most of their keys are gone. */
  clear(): void {
    this.#members = new WeakMap()
    this.#places.clear()
    this.#foreign.clear()
  }

  #memberFor(msg: object, { ref }: Trace): Member {
    const known = this.#members.get(msg)
    if (known === undefined) {
      const member = { ref, deliveries: [] }
      this.#members.set(msg, member)
      return member
    }
    known.ref = ref
    return known
  }
}

/** What an inner trace does at a watched node counts for those around it too. */
function countWatched(trace: Trace, place: Place, by: number): void {
  let each: Trace | undefined = trace
  while (each !== undefined) {
    if (each.watches(place)) each.watchedOpen += by
    each = each.outer?.trace
  }
}
