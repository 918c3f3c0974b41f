/**
 * One followed message: what of it is still open, the worst that was seen, and when that is an end.
 * It promises that an outcome is never better than anything it was told, and it decides nothing
 * about which event belongs to which message.
 */

import { type Instant, instant, type Ms, since } from '../base/units.js'
import type { Blame, Ending, NodeRef, Outcome, TraceSpec } from './outcome.js'
import type { Due } from './outcome-deadlines.js'
import { nameOf } from './outcome-rules.js'

/** What asynchronous contexts and messages keep of a trace: next to nothing once it has ended. */
export interface TraceRef {
  readonly source: NodeRef
  /** Undefined once it has ended. */
  trace: Trace | undefined
  /** Id of the message that was released: attempts of one message share it. */
  rootId: string | undefined
  /** Nodes that still worked for it when it ended. */
  stillOpen: readonly string[]
}

/** A node that followed messages have reached. */
export interface Place {
  readonly node: NodeRef
  /** How many deliveries of each trace are open here. */
  readonly open: Map<Trace, number>
  /** Messages here that nobody follows: what leaves may belong to one of them. */
  foreign: number
  /** Was seen to complete, whatever its handler looks like. */
  completes: boolean
}

/** One message at one node, from when it is on its way until the node has completed. */
export interface Delivery {
  readonly trace: Trace
  readonly place: Place
  readonly member: Member
  isOpen: boolean
  /** False while it is on its way; for ever when another hook halts it. */
  isReceived: boolean
  /** The node is ours, has a time-out of its own, and settles this delivery itself. */
  isHeld: boolean
  /** The node, ours, has said how it ended; the error that it reports besides adds nothing. */
  isCharged: boolean
  before: Delivery | undefined
  after: Delivery | undefined
}

/** What is known of one message object. */
export interface Member {
  /** The latest trace that it belongs to; undefined: nobody follows it. */
  ref: TraceRef | undefined
  /** Its open deliveries: one object may be at several nodes. */
  readonly deliveries: Delivery[]
  /** Where it is counted among those that nobody follows. */
  foreignAt?: Place[]
}

interface Verdict {
  readonly outcome: Outcome
  readonly blame: Blame | undefined
}

interface WatchedEnd {
  readonly owner: TraceRef
  readonly blame: Blame | undefined
}

const ranks = { ok: 0, ignored: 0, unsure: 1, interrupted: 2, timeout: 3, failed: 4 } as const
/** Remembered nodes of one message; an error of a later one is charged by other signs. */
const visitedMax = 256

export class Trace implements Due {
  readonly ref: TraceRef
  readonly spec: TraceSpec
  readonly token: string
  readonly openedAt: Instant
  /** Where this work is a part of; a chain, innermost first. */
  readonly outer: Delivery | undefined
  deadlineAt: Instant
  place = -1
  /** What is left of the time-out while it stands still. */
  leftMs: Ms | undefined
  deliveries = 0
  open = 0
  held = 0
  /** Answers of `judge` that are awaited. */
  judging = 0
  /** Sends during a deploy that no node was found for yet. */
  undelivered = 0
  /** The message was sent: before that, nothing open does not mean finished. */
  isReleased = false
  statusAtStart: number | undefined
  first: Delivery | undefined
  last: Delivery | undefined
  readonly visited: Place[] = []
  readonly ids: string[] = []
  /** Deliveries open at watched nodes, those of inner traces included. */
  watchedOpen = 0
  /** Passed a node that is known to send after it was done. */
  wentDark = false
  isHandedOver = false
  /** What traces around find wrong in it by their own rules, if it ends well by its own. */
  readonly objections = new Map<Trace, Blame>()
  /** Its time-out was told, and only an `ok` is of interest any more. */
  isLate = false
  /** Waits for the next look at it. */
  isChanged = false
  failedAt: Instant | undefined
  #watchedEnds: Map<string, WatchedEnd> | undefined
  #worst: Outcome = 'ok'
  #blame: Blame | undefined
  #isFinal = false

  constructor(spec: TraceSpec, token: string, now: Instant, outer: Delivery | undefined) {
    this.ref = { source: spec.source, trace: this, rootId: undefined, stillOpen: [] }
    this.spec = spec
    this.token = token
    this.openedAt = now
    this.outer = outer
    this.deadlineAt = instant(now + spec.timeoutMs)
  }

  get isOpen(): boolean {
    return this.ref.trace !== undefined
  }

  /** Its end is known, and told next. */
  get isConcluded(): boolean {
    return this.#isFinal
  }

  get hasFailed(): boolean {
    return this.#verdict().outcome === 'failed'
  }

  visit(place: Place): void {
    if (this.visited.length < visitedMax && !this.visited.includes(place)) this.visited.push(place)
  }

  watches(place: Place): boolean {
    return this.spec.mode === 'watch' && this.spec.watched.has(place.node.id)
  }

  /** Keeps the worst, and of equals the first. */
  latch(outcome: Outcome, blame?: Blame): void {
    if (this.#isFinal || ranks[outcome] <= ranks[this.#worst]) return
    this.#worst = outcome
    this.#blame = blame
  }

  /** How a watched node ended; a later attempt inside replaces what an earlier one said. */
  endWatched(place: Place, owner: TraceRef, blame: Blame | undefined): void {
    this.#watchedEnds ??= new Map()
    const known = this.#watchedEnds.get(place.node.id)
    const kept = known?.owner === owner ? (known.blame ?? blame) : blame
    this.#watchedEnds.set(place.node.id, { owner, blame: kept })
  }

  /** Whatever else happens: this is the end. */
  conclude(outcome: Outcome, blame?: Blame): void {
    if (this.#isFinal) return
    this.#isFinal = true
    this.#worst = outcome
    this.#blame = blame
    this.#watchedEnds = undefined
  }

  /** Nothing more is to be waited for. */
  isOver(): boolean {
    if (this.#isFinal) return true
    if (!this.isReleased) return false
    const isDrained = this.open === 0 && this.judging === 0
    switch (this.spec.mode) {
      case 'released':
        return true
      case 'manual':
        return false
      case 'downstream':
        return isDrained
      case 'watch':
        return this.#isWatchOver(isDrained)
    }
  }

  /**
   * Every chosen node has finished well; or nothing is open any more and at least one of them has
   * finished, so that a flow may choose between them. Behind a node that sends after it was done,
   * nothing open proves nothing.
   */
  #isWatchOver(isDrained: boolean): boolean {
    const ends = this.#watchedEnds
    const isGood = this.#verdict().outcome === 'ok'
    if (isGood && this.judging === 0 && this.watchedOpen === 0) {
      if (ends !== undefined && ends.size === this.spec.watched.size) return true
    }
    return isDrained && (!isGood || (ends !== undefined && !this.wentDark))
  }

  #verdict(): Verdict {
    const ends = this.#watchedEnds
    if (ends !== undefined && this.#worst !== 'failed') {
      for (const { blame } of ends.values()) {
        if (blame !== undefined) return { outcome: 'failed', blame }
      }
    }
    return { outcome: this.#worst, blame: this.#blame }
  }

  ending(now: Instant): Ending {
    return this.#endingAs(this.#verdict(), now)
  }

  /** Out of time, whatever else it was told. */
  timedOut(now: Instant): Ending {
    const nodes = this.nodesOpen().map(nameOf).join(', ')
    const values = { time: this.spec.timeoutMs, nodes }
    const blame: Blame = { code: 'OUTCOME_TIMEOUT', values, kind: 'transient' }
    return this.#endingAs({ outcome: 'timeout', blame }, now)
  }

  /** Whether it may still end well, and somebody wants to know. */
  get mayEndLate(): boolean {
    return this.spec.hearsLate === true && this.isReleased && this.#verdict().outcome === 'ok'
  }

  #endingAs({ outcome, blame }: Verdict, now: Instant): Ending {
    const { failedAt } = this
    return {
      outcome,
      ...(blame === undefined ? {} : { blame }),
      deliveries: this.deliveries,
      stillOpen: this.nodesOpen(),
      isHandedOver: this.isHandedOver,
      ...(outcome === 'ok' ? {} : { path: this.visited.map(({ node }) => node.id) }),
      tookMs: since(this.openedAt, now),
      ...(failedAt === undefined ? {} : { failedAfterMs: since(this.openedAt, failedAt) }),
    }
  }

  /** Something is open, and nothing of it has arrived. */
  get isHalted(): boolean {
    for (let each = this.first; each !== undefined; each = each.after) {
      if (each.isReceived) return false
    }
    return this.open > 0
  }

  /** Each node once. */
  nodesOpen(): NodeRef[] {
    const nodes = new Set<NodeRef>()
    for (let each = this.first; each !== undefined; each = each.after) nodes.add(each.place.node)
    return [...nodes]
  }

  /** Its oldest open delivery at this node. */
  openAt(place: Place): Delivery | undefined {
    if (!place.open.has(this)) return undefined
    let each = this.first
    while (each !== undefined && each.place !== place) each = each.after
    return each
  }
}
