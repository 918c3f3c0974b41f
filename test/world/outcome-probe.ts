/**
 * Test nodes that use the outcome service as rooms will: a source that follows what it sends and
 * reports how it ended, a holder that tries again, a mark that counts. They are registered in a
 * real Node-RED by a package that a test writes; nothing of this is shipped.
 */

import { realWorld } from '../../nodes/common/hall.js'
import type { NodeRed } from '../../nodes/common/node-red.js'
import type { Follower } from '../../nodes/common/outcome-follower.js'
import type { OutcomeSettings } from '../../nodes/common/outcome-settings.js'
import { outcomesOf } from '../../nodes/common/outcomes.js'
import { ms } from '../../src/base/units.js'
import type { Blame, Ending, OutcomeMode } from '../../src/policy/outcome.js'
import { type ProbeNode, workers } from './outcome-workers.js'

export interface ProbeForm {
  readonly scenario: string
  readonly mode?: OutcomeMode
  readonly timeoutMs?: number
  readonly watch?: readonly string[]
  readonly failStatus?: OutcomeSettings['failStatus']
  readonly failWhen?: OutcomeSettings['failWhen']
  /** How many messages follow one another at once; of a holder: how often it tries. */
  readonly messages?: number
  /** Starts when told, not with the flows. */
  readonly isLate?: boolean
  /** Of a mark: reports each message that passes. */
  readonly isTold?: boolean
}

/** What a probe reports of one message. */
export interface ProbeReport {
  readonly scenario: string
  readonly n: number
  readonly outcome: string
  readonly code?: string
  readonly deliveries: number
  readonly stillOpen: readonly string[]
  /** Marks that were passed when the end was told. */
  readonly marks: number
  readonly isHandedOver: boolean
}

interface Registry {
  registerType(type: string, construct: (this: ProbeNode, form: never) => void): void
  createNode(node: ProbeNode, form: object): void
}

const marks = new Map<string, number>()
/** Messages are numbered through all deploys. */
const numbers = new Map<string, number>()
const say = (about: object) => process.stdout.write(`@${JSON.stringify(about)}\n`)
const refusal: Blame = { code: 'QUEUE_FULL', values: {}, kind: 'transient' }

/** What Node-RED calls when it loads the package. */
export function probes(RED: NodeRed): void {
  const { nodes } = RED as unknown as { nodes: Registry }
  const outcomes = outcomesOf(RED, realWorld)
  const starts = new Map<string, () => void>()

  const followerOf = (node: ProbeNode, form: ProbeForm): Follower =>
    outcomes.follower(node, settingsOf(form), {
      emit: (event) => say({ scenario: form.scenario, event }),
      failed: (error) => say({ scenario: form.scenario, failed: String(error) }),
    })

  nodes.registerType('probe-source', function (this: ProbeNode, form: ProbeForm) {
    nodes.createNode(this, form)
    const follower = followerOf(this, form)
    const start = () => {
      for (let i = 0; i < (form.messages ?? 1); i++) follow(this, form, follower)
    }
    if (form.isLate !== true) starts.set(this.id, start)
    this.on('input', (msg, _send, done) => {
      if (msg['go'] === true) start()
      else if (msg['untraced'] === true) this.send(msg)
      else if (follower.isReport(msg)) follower.report(msg)
      done()
    })
    this.on('close', () => {
      follower.close()
      starts.delete(this.id)
    })
  })

  registerOurs(nodes, followerOf)
  for (const [type, make] of Object.entries(workers)) {
    nodes.registerType(type, function (this: ProbeNode, form: ProbeForm) {
      nodes.createNode(this, form)
      this.on('input', make(this))
    })
  }

  let hasStarted = false
  RED.events?.on('flows:started', () => {
    if (!hasStarted) for (const start of starts.values()) start()
    hasStarted = true
    say({ started: true })
  })
}

/** Nodes as ours will be, around others: holders, refusals, dead letters. */
function registerOurs(
  nodes: Registry,
  followerOf: (node: ProbeNode, form: ProbeForm) => Follower,
): void {
  nodes.registerType('probe-retry', function (this: ProbeNode, form: ProbeForm) {
    nodes.createNode(this, form)
    const follower = followerOf(this, form)
    this.on('input', (msg, _send, done) => {
      const attempt = (n: number): void => {
        const settled = ({ outcome, blame }: Ending) => {
          if (outcome !== 'ok' && n < (form.messages ?? 1)) return attempt(n + 1)
          if (outcome !== 'ok') follower.charge(msg, outcome, blame)
          done()
        }
        follower.follow({ outer: msg, send: () => this.send({ ...msg, attempt: n }), settled })
      }
      attempt(1)
    })
  })

  /** Refuses everything: what leaves on its output belongs to the trace that brought it. */
  nodes.registerType('probe-refuse', function (this: ProbeNode, form: ProbeForm) {
    nodes.createNode(this, form)
    const follower = followerOf(this, form)
    this.on('input', (msg, send, done) => {
      follower.charge(msg, 'failed', refusal)
      send({ ...msg, resilience: { reason: 'refused' } })
      done()
    })
  })

  nodes.registerType('probe-dlq', function (this: ProbeNode, form: ProbeForm) {
    nodes.createNode(this, form)
    const follower = followerOf(this, form)
    this.on('input', (msg, _send, done) => {
      follower.handOver(msg, refusal)
      done()
    })
  })

  nodes.registerType('probe-mark', function (this: ProbeNode, form: ProbeForm) {
    nodes.createNode(this, form)
    this.on('input', (msg, send, done) => {
      marks.set(form.scenario, (marks.get(form.scenario) ?? 0) + 1)
      if (form.isTold === true) say({ scenario: form.scenario, marked: msg['n'] })
      send(msg)
      done()
    })
  })
}

function follow(node: ProbeNode, { scenario }: ProbeForm, follower: Follower): void {
  const n = numbers.get(scenario) ?? 0
  numbers.set(scenario, n + 1)
  follower.follow({
    send: (token) => node.send({ payload: n, n, resilience: { token } }),
    settled: (ending) => say(reportOf(scenario, n, ending)),
  })
}

function reportOf(scenario: string, n: number, ending: Ending): ProbeReport {
  const { outcome, blame, deliveries, stillOpen, isHandedOver } = ending
  return {
    ...{ scenario, n, outcome, deliveries, isHandedOver },
    ...(blame === undefined ? {} : { code: blame.code }),
    stillOpen: stillOpen.map(({ type }) => type),
    marks: marks.get(scenario) ?? 0,
  }
}

function settingsOf(form: ProbeForm): OutcomeSettings {
  return {
    mode: form.mode ?? 'downstream',
    watchNodes: form.watch ?? [],
    timeoutMs: ms(form.timeoutMs ?? 1_500),
    failStatus: form.failStatus ?? [],
    failWhen: form.failWhen ?? { is: 'none', text: '' },
  }
}
