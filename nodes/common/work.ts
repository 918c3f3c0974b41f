/**
 * What a room that guards the work of other nodes needs: to follow its messages, to copy them, to
 * work out their key, and to let one leave that goes no further. The enclosing work learns of it
 * through the outcome service, never as a second error (design.md 8.1, 8.2).
 */

import { type Failure, Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import type { Blame, Ending, NodeRef, Outcome } from '../../src/policy/outcome.js'
import { type Envelope, passedOn } from './envelope.js'
import { commonWords } from './fields.js'
import { type KeyOf, type KeyRule, keyReader, type ValueOf, valueReader } from './key.js'
import type { FlowNode, Message, NodeRed } from './node-red.js'
import { type Followed, type Follower, type FollowerEars, tokenBefore } from './outcome-follower.js'
import { nodeRef } from './outcome-hooks.js'
import type { OutcomeSettings } from './outcome-settings.js'
import { outcomesOf } from './outcomes.js'
import { flowNameOf, receiversOf, runningNode } from './running-node.js'
import { failureBrief, failureText } from './words.js'

/** A message that goes no further, and why. */
export interface Leaving {
  readonly msg: Message
  readonly blame: Blame
  /** Of the work, when it was tried; `failed` otherwise. */
  readonly outcome?: Outcome
  /** Put under `msg.resilience`. */
  readonly fields: Envelope
}

/** Nodes that are reached without a wire, by the field that names them; some share its label. */
const followed = {
  breaker: { type: 'circuit-breaker', hasOwnLabel: true },
  monitor: { type: 'health-monitor', hasOwnLabel: true },
  deadLetter: { type: 'dlq', hasOwnLabel: false },
} as const

export class Work {
  readonly #RED: NodeRed
  readonly #world: World
  readonly #node: FlowNode
  readonly #ears: FollowerEars

  constructor(RED: NodeRed, world: World, node: FlowNode, ears: FollowerEars) {
    this.#RED = RED
    this.#world = world
    this.#node = node
    this.#ears = ears
  }

  /** `close` ends it. */
  follower(settings: OutcomeSettings): Follower {
    return outcomesOf(this.#RED, this.#world).follower(this.#node, settings, this.#ears)
  }

  keyOf(rule: KeyRule): KeyOf {
    return keyReader(rule, this.#RED, this.#node)
  }

  /** The same for any field with a rule of that kind; without one, undefined. */
  valueOf(rule: KeyRule, field: string): ValueOf {
    return valueReader(rule, field, this.#RED, this.#node)
  }

  /** What another node is called on the canvas. */
  nameOf(id: string): string {
    const found = this.#RED.nodes.getNode(id)
    const name = typeof found === 'object' && found !== null ? Reflect.get(found, 'name') : ''
    return String(name || id)
  }

  /**
   * The log tells once when the node that this one names is missing or disabled; what this returns
   * ends that.
   */
  needs(field: keyof typeof followed, id: string): () => void {
    if (id === '') return () => {}
    let isTold = false
    return outcomesOf(this.#RED, this.#world).whenStarted(() => {
      const found = this.#RED.nodes.getNode(id)
      const { type, hasOwnLabel } = followed[field]
      const isThere = typeof found === 'object' && Reflect.get(found ?? {}, 'type') === type
      const own = commonWords.replace('/common:', `/${this.#node.type}:`)
      const label = `${hasOwnLabel ? own : commonWords}label.${field}`
      const values = { field: label, write: `${commonWords}write.${field}Missing` }
      if (!isThere && !isTold) this.#ears.failed(new Fault('SETTINGS_INVALID', values))
      isTold = !isThere
    })
  }

  /** This node, as others tell of it. */
  get node(): NodeRef {
    return nodeRef(this.#node)
  }

  /** Ids of the nodes through which a message has come here, as far as it was followed. */
  pathOf(msg: Message): readonly string[] {
    return outcomesOf(this.#RED, this.#world).pathOf(this.#node.id, msg)
  }

  /** The message is kept durably as a dead letter: whatever brought it here lets go of it. */
  handOver(msg: Message, blame: Blame): void {
    outcomesOf(this.#RED, this.#world).handOver(this.#node.id, msg, blame)
  }

  /** Whether anything is wired to this output just now. */
  isWired(output: number): boolean {
    return (this.#node.wires?.[output]?.length ?? 0) > 0
  }

  /** Whether what is sent now arrives: not before the flows run, nor while a deploy stops them. */
  get isRunning(): boolean {
    return outcomesOf(this.#RED, this.#world).isRunning
  }

  /** Calls at each start of the flows, at once if they run, until what this returns is called. */
  whenStarted(heard: () => void): () => void {
    return outcomesOf(this.#RED, this.#world).whenStarted(heard)
  }

  /** What no message is to blame for, and nothing stops for. */
  complain(error: unknown): void {
    this.#ears.failed(error)
  }

  get name(): string {
    return this.#node.name || this.#node.type
  }

  /**
   * Sends a copy to the first output, with its token and these fields, and follows it. Answers the
   * token.
   */
  release(
    follower: Follower,
    msg: Message,
    fields: Envelope,
    settled: Followed['settled'],
  ): string {
    const send = (token: string) => {
      const copy = this.#RED.util?.cloneMessage(msg) ?? { ...msg }
      this.#node.send([passedOn(copy, { token: tokenBefore(token, msg), ...fields }), null])
    }
    return follower.follow({ outer: msg, send, settled })
  }

  /**
   * Sends this very message, which nobody waits for and nobody else has, to the first output, and
   * follows it: beyond its time-out, until the follower releases it. Answers the token that names
   * it.
   */
  hand(follower: Follower, msg: Message, fields: Envelope, settled: Followed['settled']): string {
    const send = (token: string) => this.#node.send([passedOn(msg, { token, ...fields }), null])
    const receivers = () => receiversOf(this.#node)
    return follower.follow({ send, settled, receivers, hearsLate: true })
  }

  /** As `hand`, but straight into the input of another node. */
  inject(
    follower: Follower,
    id: string,
    msg: Message,
    fields: Envelope,
    settled: Followed['settled'],
  ): string {
    const send = (token: string) => {
      runningNode(this.#RED, id)?.receive?.(passedOn(msg, { token, ...fields }))
    }
    const receivers = () => (this.takesMessages(id) ? 1 : 0)
    return follower.follow({ send, settled, receivers })
  }

  /** Whether a node runs and has an input. */
  takesMessages(id: string): boolean {
    return runningNode(this.#RED, id)?.receive !== undefined
  }

  /** What the flow is called that a node is on; '' for a node that does not run. */
  flowOf(id: string): string {
    return flowNameOf(this.#RED, id)
  }

  /** Leaves on the second output; throws a Fault where nothing is wired to it. */
  leave(follower: Follower, { msg, blame, outcome = 'failed', fields }: Leaving): void {
    follower.charge(msg, outcome, blame)
    const { wires } = this.#node
    if (wires?.[1]?.length === 0) throw new Fault(blame.code, blame.values)
    this.#node.send([null, passedOn(msg, fields)])
  }

  /** A failure in words, and in at most 16 letters for a status. */
  textOf(failure: Failure): string {
    return failureText(this.#RED, failure)
  }

  briefOf(failure: Failure): string {
    return failureBrief(this.#RED, failure)
  }

  /** Why something failed, as it travels under `msg.resilience.failure`. */
  failure({ code, values, kind, text, node }: Blame): object {
    const words = text ?? failureText(this.#RED, { code, values })
    return {
      ...{ code, kind, text: words, at: this.#world.clock.wall() },
      ...(node === undefined ? {} : { node: { id: node.id, type: node.type, name: node.name } }),
    }
  }

  /** How the work behind this node ended, for whatever brought the message here. */
  tellOuter(follower: Follower, msg: Message, { outcome, blame, isHandedOver }: Ending): void {
    if (isHandedOver && blame !== undefined) follower.handOver(msg, blame)
    else if (outcome !== 'ok' && outcome !== 'ignored') follower.charge(msg, outcome, blame)
  }
}
