/**
 * What one node of ours asks about its messages: follow this one, here is the outcome of that one,
 * I hold it, I refused it. Tokens and watched nodes are its matter; how a message ended is the
 * ledger's.
 */

import type { Emit } from '../../src/base/event.js'
import { type Code, Fault, families } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import type {
  Blame,
  Ending,
  NodeRef,
  Outcome,
  OutcomeRules,
  Suspicion,
  TraceSpec,
} from '../../src/policy/outcome.js'
import type { OutcomeLedger } from '../../src/policy/outcome-ledger.js'
import { nameOf } from '../../src/policy/outcome-rules.js'
import { commonWords } from './fields.js'
import type { HookNode, Message } from './node-red.js'
import { nodeRef } from './outcome-hooks.js'
import type { Judge } from './outcome-judge.js'
import { type OutcomeSettings, outcomeDefaults } from './outcome-settings.js'

/** What the service lends to each follower. */
export interface FollowerPorts {
  readonly ledger: OutcomeLedger
  readonly nextToken: () => number
  readonly wasIssued: (token: number) => boolean
  /** Sends when the flows run. */
  readonly follow: (spec: TraceSpec, token: string, send: () => void) => void
  /** Something was told to the ledger. */
  readonly counted: () => void
  readonly closed: () => void
}

/** Whom a follower tells what concerns nobody's message. */
export interface FollowerEars {
  /** Nodes behind it that are not what they seem. */
  readonly emit: Emit
  /** An expression that cannot be worked out, or `settled` threw. */
  readonly failed: (error: unknown) => void
  /** Each end, before it is told; an `ok` that comes after a time-out is one more. */
  readonly ended?: (ending: Ending) => void
}

/** One message to be sent and followed. */
export interface Followed {
  /** The message that brought the work, when its delivery is held until the end is known. */
  readonly outer?: Message
  /** Sends, at once and as a copy, for the node itself: called once, when the flows run. */
  readonly send: (token: string) => void
  /** How many nodes get what is sent; asked where handing over is all that counts. */
  readonly receivers?: () => number
  /** As in TraceSpec: it ends with `release` at the latest. */
  readonly hearsLate?: boolean
  /** Called once, with `hearsLate` perhaps twice; never before `follow` has returned. */
  readonly settled: (ending: Ending) => void
}

/** Reasons of a report that no further attempt can mend (dialogs.md 3.1, note 1). */
const permanentReasons: ReadonlySet<string> = new Set([
  'permanent',
  'too-large',
  'not-authorised',
  'unstorable',
])

export class Follower {
  readonly #ports: FollowerPorts
  readonly #source: NodeRef
  readonly #settings: OutcomeSettings
  readonly #node: HookNode
  #watched: ReadonlySet<string>
  #hasMissed = false
  readonly #rules: OutcomeRules
  readonly #ears: FollowerEars

  constructor(
    node: HookNode,
    settings: OutcomeSettings,
    judge: Judge | undefined,
    ears: FollowerEars,
    ports: FollowerPorts,
  ) {
    this.#ports = ports
    this.#source = nodeRef(node)
    this.#settings = settings
    const { failStatus, failWhen } = settings
    const judged = judge === undefined ? {} : { judge, judgeText: failWhen.text }
    this.#rules = { failStatus, ...judged }
    this.#ears = ears
    this.#node = node
    this.#watched = this.#here(settings.watchNodes)
  }

  /**
   * The flows have started. Watched nodes that are gone will never finish: they are left out, and
   * when none is left, all that a message reaches counts. The log tells once.
   */
  flowsStarted(isThere: (id: string) => boolean): void {
    const { mode, watchNodes } = this.#settings
    if (mode !== 'watch') return
    const there = watchNodes.filter(isThere)
    this.#watched = this.#here(there)
    if (there.length < watchNodes.length && !this.#hasMissed) {
      const field = `${commonWords}label.watchNodes`
      const write = `${commonWords}write.watchGone`
      this.#ears.failed(new Fault('SETTINGS_INVALID', { field, write }))
    }
    this.#hasMissed = there.length < watchNodes.length
  }

  /** Sends a message and learns how it ends. The token names it until then. */
  follow({ outer, send, settled, receivers, hearsLate = false }: Followed): string {
    const { timeoutMs } = this.#settings
    const isAimless = this.#settings.mode === 'watch' && this.#watched.size === 0
    const mode = isAimless ? outcomeDefaults.outcomeMode : this.#settings.mode
    const token = `${this.#source.id}:${this.#ports.nextToken()}`
    // Not spread: that takes longer than all the rest, for each message.
    const own = {
      source: this.#source,
      mode,
      timeoutMs,
      watched: this.#watched,
      rules: this.#rules,
      hearsLate,
      settled: (ending: Ending) => {
        this.#ears.ended?.(ending)
        this.#safely(() => settled(ending))
      },
    }
    const spec: TraceSpec = outer === undefined ? own : { outer, ...own }
    this.#ports.follow(spec, token, () => {
      this.#safely(() => send(token))
      if (mode === 'released') this.#ports.ledger.handedOut(token, receivers?.() ?? 0)
    })
    return token
  }

  /** The outcome that came back with a message. Throws a Fault for one that settles nothing. */
  report(msg: Message): void {
    const { token, outcome, reason, retryAfterMs } = sectionOf(msg)
    const own = this.#ownToken(token)
    if (own === undefined) throw new Fault('TOKEN_UNKNOWN')
    if (outcome !== 'ok' && outcome !== 'failed' && outcome !== 'ignored') {
      throw new Fault('COMMAND_INVALID', { command: 'outcome', field: 'outcome' })
    }
    const blame = outcome === 'failed' ? this.#reported(reason, retryAfterMs) : undefined
    if (!this.#ports.ledger.conclude(own, outcome, blame)) throw new Fault('TOKEN_SETTLED')
    this.#ports.counted()
  }

  /** Whether a message brings an outcome: commands have none. */
  isReport(msg: Message): boolean {
    const { token, outcome } = sectionOf(msg)
    return token !== undefined && outcome !== undefined
  }

  /** Ends one that is followed; its message no longer matters. False: it had ended. */
  release(token: string): boolean {
    const isOpen = this.#ports.ledger.conclude(token, 'ignored')
    this.#ports.counted()
    return isOpen
  }

  /** This node has a time-out of its own for the message and will say how it ended. */
  hold(msg: Message): void {
    this.#ports.ledger.hold(msg, this.#source.id)
    this.#ports.counted()
  }

  /** Refused, given up or set aside, or its work ended so: the enclosing trace learns it. */
  charge(msg: Message, outcome: Outcome, blame?: Blame): void {
    this.#ports.ledger.charge(msg, this.#source.id, outcome, blame)
    this.#ports.counted()
  }

  /** The message is kept durably as a dead letter, by this node or by the one it chose. */
  handOver(msg: Message, blame: Blame): void {
    this.#ports.ledger.handOver(msg, this.#source.id, blame)
    this.#ports.counted()
  }

  suspect({ kind, node, count }: Suspicion): void {
    if (kind === 'halted') {
      this.unavailable(`a hook of another package holds back what is sent to ${nameOf(node)}`)
      return
    }
    const { id, type, name } = node
    const watched = { id, type, ...(name === undefined ? {} : { name }) }
    this.#ears.emit({ kind: `outcome.${kind}`, watched, count })
  }

  unavailable(reason: string): void {
    this.#ears.emit({ kind: 'outcome.unavailable', reason })
  }

  /** Its node closes. What is followed ends, but nobody is told of suspicions any more. */
  close(): void {
    this.#ports.closed()
  }

  #here(ids: readonly string[]): ReadonlySet<string> {
    return new Set(ids.map((id) => inInstance(this.#node, id)))
  }

  /** One node's mistake must not keep the others from learning their ends. */
  #safely(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#ears.failed(error)
    }
  }

  /** Of the tokens of nested nodes, innermost first, the one of this node. */
  #ownToken(tokens: unknown): string | undefined {
    if (typeof tokens !== 'string') return undefined
    const start = `${this.#source.id}:`
    const own = tokens.split(' ').filter((each) => each.startsWith(start))
    const open = own.find((each) => this.#ports.ledger.isOpen(each))
    const number = (each: string) => Number(each.slice(start.length))
    return open ?? own.find((each) => this.#ports.wasIssued(number(each)))
  }

  #reported(reason: unknown, retryAfterMs: unknown): Blame {
    const text = typeof reason === 'string' && reason !== '' ? reason : 'failed'
    const code: Code = Object.hasOwn(families, text) ? (text as Code) : 'NODE_ERROR'
    const isPermanent = permanentReasons.has(text) || families[code] === 'permanent'
    return {
      code,
      values: { node: nameOf(this.#source), text },
      kind: isPermanent ? 'permanent' : 'transient',
      text,
      ...(isSpan(retryAfterMs) ? { retryAfterMs: ms(retryAfterMs) } : {}),
    }
  }
}

/** The token to put into `msg.resilience.token`: ours in front of those already there. */
export function tokenBefore(token: string, msg: Message): string {
  const { token: tokens } = sectionOf(msg)
  return typeof tokens === 'string' && tokens !== '' ? `${token} ${tokens}` : token
}

function sectionOf(msg: Message): Readonly<Record<string, unknown>> {
  const section = msg['resilience']
  return typeof section === 'object' && section !== null ? { ...section } : {}
}

function isSpan(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** In a subflow the dialog knows ids of the template; a node of ours means its own instance's. */
export function inInstance({ id, _alias }: HookNode, watched: string): string {
  const isInside = _alias !== undefined && id.endsWith(`-${_alias}`)
  return isInside ? `${id.slice(0, -_alias.length)}${watched}` : watched
}
