/**
 * How did this message end? The one service that answers it for every node of ours in a runtime: it
 * feeds the ledger by hooks while somebody is followed, holds its one timer, knows when a deploy
 * goes on, and tells each end exactly once. Nothing is sent while flows are stopped. It decides
 * nothing about outcomes.
 */

import { reasonOf } from '../../src/base/fault.js'
import type { Cancel, World } from '../../src/base/ports.js'
import { type Instant, ms, since } from '../../src/base/units.js'
import {
  type Blame,
  type LedgerFigures,
  type Settled,
  type Suspicion,
  type TraceSpec,
  unsure,
} from '../../src/policy/outcome.js'
import { OutcomeLedger } from '../../src/policy/outcome-ledger.js'
import type { TraceRef } from '../../src/policy/outcome-trace.js'
import type { Deploy, HookNode, NodeRed } from './node-red.js'
import { asyncContexts, type Contexts, noContexts } from './outcome-context.js'
import { knownTo, stoppedBy } from './outcome-deploy.js'
import { Follower, type FollowerEars } from './outcome-follower.js'
import { attach, nodeRef } from './outcome-hooks.js'
import { judgeFor } from './outcome-judge.js'
import type { OutcomeSettings } from './outcome-settings.js'
import { fieldIn } from './settings-file.js'

/** Hooks stay this long after the last end, so that late senders are seen. */
const detachAfter = ms(60_000)
const limits = { tracesMax: 100_000, deliveriesMax: 10_000 }
/** Done before they have sent, or before the answer is there (downstream.md 2.2). */
const earlyTypes: ReadonlySet<string> = new Set(['trigger', 'tcp request'])

const known = new WeakMap<object, WeakMap<World, Outcomes>>()

/**
 * The one of this runtime. To be asked for before flows run for the first time: it has to hear of
 * that. Worlds of tests do not meet.
 */
export function outcomesOf(RED: NodeRed, world: World): Outcomes {
  const runtime = RED.hooks ?? RED
  const ofRuntime = known.get(runtime) ?? new WeakMap<World, Outcomes>()
  known.set(runtime, ofRuntime)
  const found = ofRuntime.get(world) ?? new Outcomes(RED, world)
  ofRuntime.set(world, found)
  return found
}

export class Outcomes {
  readonly #RED: NodeRed
  readonly #world: World
  readonly #contexts: Contexts
  readonly #ledger: OutcomeLedger
  /** By node id, the latest of each. */
  readonly #followers = new Map<string, Follower>()
  readonly #starts = new Set<() => void>()
  readonly #ourTypes = new Set<string>()
  /** Undefined while nothing is attached. */
  #detach: (() => void) | undefined
  /** Why nobody can be followed by what nodes do. */
  #unavailable: string | undefined
  /** False until the flows run, and while a deploy stops and starts them. */
  #isRunning = false
  /** What is sent when the flows run. */
  #waiting: [TraceRef, () => void][] = []
  #isDraining = false
  #isTurnEnding = false
  #timer: { readonly at: Instant; readonly cancel: Cancel } | undefined
  #idleSince: Instant | undefined
  #isIdleTimed = false
  readonly #firstToken: number
  #nextToken: number

  constructor(RED: NodeRed, world: World) {
    this.#RED = RED
    this.#world = world
    const hasContexts = fieldIn(RED, 'asyncContext') !== false
    this.#contexts = hasContexts ? asyncContexts() : noContexts
    this.#ledger = new OutcomeLedger({
      ...{ ...limits, earlyTypes, hasContexts },
      describe: (node) => nodeRef(node as HookNode),
    })
    // Grows over restarts, so that an outcome from before never settles another message.
    this.#firstToken = world.clock.wall()
    this.#nextToken = this.#firstToken
    RED.events?.on('flows:stopping', (deploy) => this.#stopping(deploy))
    RED.events?.on('flows:started', () => this.#started())
  }

  /** For one node of ours; `close` ends it. */
  follower(node: HookNode, settings: OutcomeSettings, ears: FollowerEars): Follower {
    const judge = judgeFor(settings.failWhen, { RED: this.#RED, node, failed: ears.failed })
    const follower: Follower = new Follower(node, settings, judge, ears, {
      ledger: this.#ledger,
      nextToken: () => this.#nextToken++,
      wasIssued: (token) => token >= this.#firstToken && token < this.#nextToken,
      follow: (spec, token, send) => this.#follow(spec, token, send),
      counted: () => this.#counted(),
      closed: () => {
        if (this.#followers.get(node.id) === follower) this.#followers.delete(node.id)
      },
    })
    this.#followers.set(node.id, follower)
    return follower
  }

  /**
   * Of nodes of this type no message failed because they write an error to the log: how it ended
   * they tell by `done` and by `charge`.
   */
  addOurs(type: string): void {
    this.#ourTypes.add(type)
  }

  /** Calls at each start of the flows, at once if they run, until what this returns is called. */
  whenStarted(heard: () => void): () => void {
    this.#starts.add(heard)
    if (this.#isRunning) heard()
    return () => void this.#starts.delete(heard)
  }

  /** For the sidebar. */
  get figures(): LedgerFigures {
    return this.#ledger.figures
  }

  suspicions(): readonly Suspicion[] {
    return this.#ledger.suspicions()
  }

  /** Of a message at this node; empty while nobody follows it. */
  pathOf(nodeId: string, msg: object): readonly string[] {
    return this.#ledger.pathOf(msg, nodeId)
  }

  /** This node keeps the message durably as a dead letter, or the one that it chose. */
  handOver(nodeId: string, msg: object, blame: Blame): void {
    this.#ledger.handOver(msg, nodeId, blame)
    this.#counted()
  }

  /** Flows run: what is sent now arrives. */
  get isRunning(): boolean {
    return this.#isRunning
  }

  get isAttached(): boolean {
    return this.#detach !== undefined
  }

  #follow(spec: TraceSpec, token: string, send: () => void): void {
    this.#attach(spec)
    this.#idleSince = undefined
    const ref = this.#ledger.open(spec, token, this.#now())
    if (this.#unavailable !== undefined && (spec.mode === 'downstream' || spec.mode === 'watch')) {
      this.#ledger.conclude(token, 'unsure', unsure)
    }
    if (this.#isRunning) this.#send(ref, send)
    else this.#waiting.push([ref, send])
    this.#counted()
  }

  /** Where handing over is all, no sign of what comes later is asked for, or paid for. */
  #send(ref: TraceRef, send: () => void): void {
    const release = () => this.#ledger.release(ref, send)
    if (ref.trace?.spec.mode === 'released') this.#contexts.outside(release)
    else this.#contexts.run(ref, release)
  }

  /** Schedules what must follow upon anything that was told to the ledger. */
  #counted(): void {
    const { flow } = this.#ledger
    if (flow.isInTurn && !this.#isTurnEnding) {
      this.#isTurnEnding = true
      queueMicrotask(() => {
        this.#isTurnEnding = false
        flow.endTurn()
      })
    }
    if (this.#ledger.isChanged && !this.#isDraining) {
      this.#isDraining = true
      this.#world.clock.soon(() => {
        this.#isDraining = false
        this.#tell((now) => this.#ledger.drain(now))
      })
    }
  }

  /** Ends are told outside any message's context, or it would cling to what nodes do next. */
  #tell(ended: (now: Instant) => Settled[]): void {
    this.#contexts.outside(() => {
      for (const { settled, ending } of ended(this.#now())) settled(ending)
      for (const news of this.#ledger.takeNews()) {
        this.#followers.get(news.source.id)?.suspect(news)
      }
      this.#keepTime()
    })
    this.#counted()
  }

  #keepTime(): void {
    const { wakeAt } = this.#ledger
    const now = this.#now()
    if (wakeAt !== undefined && (this.#timer === undefined || wakeAt < this.#timer.at)) {
      this.#timer?.cancel()
      const cancel = this.#world.clock.wake(since(now, wakeAt), () => {
        this.#timer = undefined
        this.#tell((then) => this.#ledger.tick(then))
      })
      this.#timer = { at: wakeAt, cancel }
    }
    if (this.#ledger.isIdle && this.#idleSince === undefined) this.#becomeIdle(now)
  }

  #becomeIdle(now: Instant): void {
    this.#idleSince = now
    this.#timer?.cancel()
    this.#timer = undefined
    if (!this.#isIdleTimed && this.isAttached) this.#detachLater(detachAfter)
  }

  #detachLater(span: typeof detachAfter): void {
    this.#isIdleTimed = true
    this.#world.clock.wake(span, () => {
      this.#isIdleTimed = false
      if (this.#idleSince === undefined || !this.#ledger.isIdle) return
      const left = ms(detachAfter - since(this.#idleSince, this.#now()))
      if (left > 0) this.#detachLater(left)
      else this.#release()
    })
  }

  /** Where handing over is all, wires tell enough. */
  #attach({ source, mode }: TraceSpec): void {
    if (mode === 'released' || this.#detach || this.#unavailable !== undefined) return
    const { flow } = this.#ledger
    const ports = {
      flow,
      contexts: this.#contexts,
      isIdle: () => this.#ledger.isIdle,
      isOurs: (type: string) => this.#ourTypes.has(type),
      counted: () => this.#counted(),
      broken: (error: unknown) => this.#broken(error),
    }
    try {
      this.#detach = attach(this.#RED, ports)
    } catch (error) {
      this.#unavailable = reasonOf(error)
      this.#followers.get(source.id)?.unavailable(this.#unavailable)
    }
  }

  #release(): void {
    this.#detach?.()
    this.#detach = undefined
    this.#ledger.clear()
    this.#contexts.disable()
  }

  /** A mistake of ours costs certainty, never a message. */
  #broken(error: unknown): void {
    if (this.#unavailable !== undefined) return
    this.#unavailable = reasonOf(error)
    this.#detach?.()
    this.#detach = undefined
    this.#ledger.doubtAll()
    for (const follower of this.#followers.values()) follower.unavailable(this.#unavailable)
    this.#counted()
  }

  #stopping(deploy: Deploy): void {
    this.#isRunning = false
    this.#ledger.stopping(stoppedBy(deploy))
    this.#counted()
  }

  #started(): void {
    this.#isRunning = true
    const isThere = knownTo(this.#RED)
    for (const follower of this.#followers.values()) follower.flowsStarted(isThere)
    for (const heard of this.#starts) heard()
    this.#ledger.started()
    const waiting = this.#waiting
    this.#waiting = []
    for (const [ref, send] of waiting) if (ref.trace?.isConcluded === false) this.#send(ref, send)
    this.#counted()
  }

  #now(): Instant {
    return this.#world.clock.monotonic()
  }
}
