/**
 * The state of all nodes of ours as one document: what each counts, and what that comes to. It is
 * worked out from what it is given, holds figures and words only, and asks nobody.
 */

import type { Balance, BreakerWord, ConnectionTally, HealthWord, Tally } from '../base/tally.js'
import type { EpochMs, Ms } from '../base/units.js'

/** The last minutes of one node: a point each time, the newest last. */
export interface Plot {
  readonly everyMs: Ms
  /** Empty where nothing can wait. */
  readonly waiting: readonly number[]
  /** Per second. Empty where nothing is done. */
  readonly rate: readonly number[]
}

/** One node, as whoever looks at all of them sees it. */
export interface NodeReport {
  readonly id: string
  readonly type: string
  readonly name: string
  /** What its tab or subflow is called. */
  readonly flow: string
  /** What stands below it on the canvas; null until there is something to say. */
  readonly status: { readonly fill: string; readonly shape: string; readonly text: string } | null
  /** False: it takes no messages, because it opens or because something keeps it from opening. */
  readonly open: boolean
  /** Version of the settings in force: one more with each deploy of the node. */
  readonly settings: number
  readonly commands: readonly string[]
  /** What it counts; of spans of time only how many and their sum. */
  readonly tally: object
  /** When the oldest message that waits was accepted; null: none, or not known. */
  readonly oldestAt: EpochMs | null
  /** What it gets done, averaged over the last seconds; null where nothing is done. */
  readonly perSecond: number | null
  readonly plot: Plot
}

/** A node's report and the tally behind it. */
export interface Reported {
  readonly report: NodeReport
  readonly tally: Tally
}

/** This process, beside its nodes. */
export interface Runtime {
  /** Flows are started. */
  readonly isRunning: boolean
  /** Directories that no node owns, as last looked. */
  readonly orphans: number
  readonly at: EpochMs
}

export interface StatusDocument {
  /** Flows are started and every node takes messages. */
  readonly operational: boolean
  /** Every link to a broker is connected; true where there is none. */
  readonly connected: boolean
  readonly balance: Sum
  readonly links: readonly LinkReport[]
  /** How many are in each state; `shadow` of them only watch. */
  readonly breakers: Readonly<Record<BreakerWord | 'shadow', number>>
  readonly health: HealthReport
  readonly queues: QueuesReport
  readonly deadLetters: LettersReport
  readonly orphans: number
  readonly lastUpdatedAt: EpochMs
  readonly nodes: readonly NodeReport[]
}

/** Of all nodes that keep messages; what one hands to another counts in both. */
export interface Sum extends Balance {
  /** Accepted less all the rest: 0, or a message is not accounted for. */
  readonly difference: number
}

/** One link; all nodes that use it share it. */
export interface LinkReport {
  readonly broker: string
  readonly server: string
  readonly state: string
  readonly connections: number
  readonly disconnections: number
  readonly reconnections: number
  readonly published: number
  readonly stored: number
  readonly failed: number
  readonly consecutiveFailures: number
  readonly lastAttemptAt: EpochMs | null
}

interface HealthReport {
  /** The worst of all monitors; `unknown` where there is none. */
  readonly status: HealthWord
  readonly monitors: readonly { readonly id: string; readonly status: HealthWord }[]
}

interface QueuesReport {
  readonly waiting: number
  readonly bytes: number
  readonly inFlight: number
  /** How many queues are full, or paused. */
  readonly full: number
  readonly paused: number
}

interface LettersReport {
  readonly waiting: number
  readonly bytes: number
  readonly causes: number
  /** Arrived since a person looked. */
  readonly fresh: number
}

export function statusDocument(all: readonly Reported[], runtime: Runtime): StatusDocument {
  const tallies = all.map(({ tally }) => tally)
  const nodes = all.map(({ report }) => report)
  const links = linksOf(tallies)
  return {
    operational: runtime.isRunning && nodes.every(({ open }) => open),
    connected: links.every(({ state }) => state === 'connected'),
    balance: balanceOf(tallies),
    links,
    breakers: breakersOf(tallies),
    health: healthOf(all),
    queues: queuesOf(tallies),
    deadLetters: lettersOf(tallies),
    orphans: runtime.orphans,
    lastUpdatedAt: runtime.at,
    nodes,
  }
}

/** Accepted = delivered + waiting + dead-lettered + dropped, or the difference is not 0. */
export function differenceOf({ accepted, dropped, ...rest }: Balance): number {
  const { delivered, waiting, deadLettered } = rest
  return accepted - delivered - waiting - deadLettered - droppedOf({ dropped })
}

/** For whatever reason. */
export function droppedOf({ dropped }: Pick<Balance, 'dropped'>): number {
  return sum(Object.values(dropped))
}

function balanceOf(tallies: readonly Tally[]): Sum {
  const all = tallies.flatMap(({ queue, letters }) => [queue, letters]).flatMap(balanceIn)
  const dropped: Record<string, number> = {}
  for (const each of all) {
    for (const [reason, count] of Object.entries(each.dropped)) {
      dropped[reason] = (dropped[reason] ?? 0) + count
    }
  }
  const whole: Balance = {
    accepted: sum(all.map(({ accepted }) => accepted)),
    delivered: sum(all.map(({ delivered }) => delivered)),
    waiting: sum(all.map(({ waiting }) => waiting)),
    deadLettered: sum(all.map(({ deadLettered }) => deadLettered)),
    dropped,
  }
  return { ...whole, difference: differenceOf(whole) }
}

function balanceIn(keeper: { readonly balance: Balance } | undefined): Balance[] {
  return keeper === undefined ? [] : [keeper.balance]
}

/** Several nodes may share one: each link is told once. */
function linksOf(tallies: readonly Tally[]): readonly LinkReport[] {
  const byBroker = new Map<string, LinkReport>()
  for (const { link } of tallies) {
    if (link !== undefined) byBroker.set(link.broker, linkReport(link))
  }
  return [...byBroker.values()]
}

function linkReport(link: ConnectionTally): LinkReport {
  const { broker, server, state, connections, disconnections, reconnections } = link
  const { published, stored, failed, consecutiveFailures, lastAttemptAt = null } = link
  const came = { connections, disconnections, reconnections }
  const messages = { published, stored, failed }
  return { broker, server, state, ...came, ...messages, consecutiveFailures, lastAttemptAt }
}

function breakersOf(tallies: readonly Tally[]): StatusDocument['breakers'] {
  const all = tallies.flatMap(({ breaker }) => breaker ?? [])
  const inState = (state: BreakerWord) => sum(all.map(({ states }) => states[state]))
  return {
    ...{ closed: inState('closed'), open: inState('open'), 'half-open': inState('half-open') },
    ...{ isolated: inState('isolated'), disabled: inState('disabled') },
    shadow: sum(all.map(({ shadow }) => shadow)),
  }
}

const worstFirst: readonly HealthWord[] = ['unhealthy', 'degraded', 'unknown', 'healthy']

function healthOf(all: readonly Reported[]): HealthReport {
  const monitors = all.flatMap(({ report, tally: { health } }) =>
    health === undefined ? [] : [{ id: report.id, status: health.status }],
  )
  const isSome = (word: HealthWord) => monitors.some(({ status }) => status === word)
  return { status: worstFirst.find(isSome) ?? 'unknown', monitors }
}

function queuesOf(tallies: readonly Tally[]): QueuesReport {
  const all = tallies.flatMap(({ queue }) => queue ?? [])
  return {
    waiting: sum(all.map(({ waiting }) => waiting)),
    bytes: sum(all.map(({ bytes }) => bytes)),
    inFlight: sum(all.map(({ inFlight }) => inFlight)),
    full: all.filter(({ isFull }) => isFull).length,
    paused: all.filter(({ isPaused }) => isPaused).length,
  }
}

function lettersOf(tallies: readonly Tally[]): LettersReport {
  const all = tallies.flatMap(({ letters }) => letters ?? [])
  return {
    waiting: sum(all.map(({ waiting }) => waiting)),
    bytes: sum(all.map(({ bytes }) => bytes)),
    causes: sum(all.map(({ causes }) => causes)),
    fresh: sum(all.map(({ fresh }) => fresh)),
  }
}

function sum(counts: readonly (number | undefined)[]): number {
  return counts.reduce<number>((total, count = 0) => total + count, 0)
}
