/**
 * What a room that guards the work of other nodes needs: to follow its messages, to copy them, to
 * work out their key, and to let one leave that goes no further. The enclosing work learns of it
 * through the outcome service, never as a second error (design.md 8.1, 8.2).
 */

import type { Emit } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import type { Blame, Ending, Outcome } from '../../src/policy/outcome.js'
import { type Envelope, passedOn } from './envelope.js'
import { commonWords } from './fields.js'
import type { Gates } from './gates.js'
import { type KeyOf, type KeyRule, keyReader, type ValueOf, valueReader } from './key.js'
import type { FlowNode, Message, NodeRed } from './node-red.js'
import { type Followed, type Follower, tokenBefore } from './outcome-follower.js'
import type { OutcomeSettings } from './outcome-settings.js'
import { outcomesOf } from './outcomes.js'
import { failureText } from './words.js'

/** A message that goes no further, and why. */
export interface Leaving {
  readonly msg: Message
  readonly blame: Blame
  /** Of the work, when it was tried; `failed` otherwise. */
  readonly outcome?: Outcome
  /** Put under `msg.resilience`. */
  readonly fields: Envelope
}

const breakerType = 'circuit-breaker'

export class Work {
  readonly #RED: NodeRed
  readonly #world: World
  readonly #node: FlowNode
  readonly #ears: { readonly emit: Emit; readonly failed: (error: unknown) => void }

  constructor(
    RED: NodeRed,
    world: World,
    node: FlowNode,
    ears: { readonly emit: Emit; readonly failed: (error: unknown) => void },
  ) {
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
   * Calls when the circuit breaker that this node names has changed, until what this returns is
   * called. The log tells once when that breaker is missing or disabled.
   */
  watchBreaker(gates: Gates, id: string, moved: () => void): () => void {
    if (id === '') return () => {}
    let isTold = false
    const unheard = outcomesOf(this.#RED, this.#world).whenStarted(() => {
      const found = this.#RED.nodes.getNode(id)
      const isThere = typeof found === 'object' && Reflect.get(found ?? {}, 'type') === breakerType
      const field = `${commonWords.replace('/common:', `/${this.#node.type}:`)}label.breaker`
      const write = `${commonWords}write.breakerMissing`
      if (!isThere && !isTold) this.#ears.failed(new Fault('SETTINGS_INVALID', { field, write }))
      isTold = !isThere
    })
    const unwatched = gates.watch(id, moved)
    return () => {
      unheard()
      unwatched()
    }
  }

  /** Whether anything is wired to this output just now. */
  isWired(output: number): boolean {
    return (this.#node.wires?.[output]?.length ?? 0) > 0
  }

  /** Whether what is sent now arrives: not before the flows run, nor while a deploy stops them. */
  get isRunning(): boolean {
    return outcomesOf(this.#RED, this.#world).isRunning
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
      this.#node.send([passedOn(copy, { ...fields, token: tokenBefore(token, msg) }), null])
    }
    return follower.follow({ outer: msg, send, settled })
  }

  /**
   * Sends this very message, which nobody waits for and nobody else has, to the first output, and
   * follows it. Answers the token that names it.
   */
  hand(follower: Follower, msg: Message, fields: Envelope, settled: Followed['settled']): string {
    const send = (token: string) => this.#node.send([passedOn(msg, { ...fields, token }), null])
    return follower.follow({ send, settled })
  }

  /** Leaves on the second output; throws a Fault where nothing is wired to it. */
  leave(follower: Follower, { msg, blame, outcome = 'failed', fields }: Leaving): void {
    follower.charge(msg, outcome, blame)
    const { wires } = this.#node
    if (wires?.[1]?.length === 0) throw new Fault(blame.code, blame.values)
    this.#node.send([null, passedOn(msg, fields)])
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
