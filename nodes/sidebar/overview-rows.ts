/**
 * What the overview says of each node, worked out from the status document: its group, its sign,
 * its figures, and whether its balance holds. It gives keys of words and their values, touches no
 * page, asks nobody and imports nothing: browser and tests run this same file.
 */

import type { Balance, Tally } from '../../src/base/tally.js'
import type { ToldCall, ToldWhatIf } from './told-events.js'

/** Figures as people read them, in the language of whoever reads. */
export interface Texts {
  countText(count: number): string
  spanText(span: number): string
  sizeText(bytes: number): string
}

/** One node, as `GET /resilience/status` lists it. */
export interface NodeRow {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly flow: string
  readonly status: { readonly fill: string; readonly shape: string; readonly text: string } | null
  /** Names of the commands that it knows now. */
  readonly commands: readonly string[]
  readonly tally: Tally
  /** Epoch ms; of the oldest message that waits. */
  readonly oldestAt: number | null
  readonly perSecond: number | null
  readonly plot: RowPlot | null
}

/** A point each `everyMs`, the newest last. */
export interface RowPlot {
  readonly everyMs: number
  readonly waiting: readonly number[]
  /** Per second. */
  readonly rate: readonly number[]
}

/** Of the whole document, what the overview shows. */
export interface Overview {
  readonly nodes: readonly NodeRow[]
  readonly balance: Balance | null
  readonly orphans: number
}

/** A word of the sidebar and what stands in its places. */
export interface Said {
  readonly key: string
  /** A number is written out. */
  readonly values?: Readonly<Record<string, string | number>>
}

export type GroupName = 'delivery' | 'protection' | 'health' | 'letters' | 'other'

const groupOf: Readonly<Record<string, GroupName>> = {
  'resilient-mqtt-out': 'delivery',
  'persistent-queue': 'delivery',
  'circuit-breaker': 'protection',
  'resilience-retry': 'protection',
  'resilience-bulkhead': 'protection',
  'health-monitor': 'health',
  dlq: 'letters',
}

export interface Group {
  readonly name: GroupName
  readonly rows: readonly NodeRow[]
  /** How many of them are not as they should be. */
  readonly troubled: number
}

/** Those that have a node. By name in each: a row stays where it is, whatever happens to it. */
export function groupsOf(rows: readonly NodeRow[]): readonly Group[] {
  const names: readonly GroupName[] = ['delivery', 'protection', 'health', 'letters', 'other']
  return names.flatMap((name) => {
    const inside = rows.filter(({ type }) => (groupOf[type] ?? 'other') === name).sort(byName)
    const troubled = inside.filter((row) => isTroubled(moodOf(row))).length
    return inside.length === 0 ? [] : [{ name, rows: inside, troubled }]
  })
}

function byName(one: NodeRow, other: NodeRow): number {
  const order = titleOf(one).localeCompare(titleOf(other))
  return order !== 0 ? order : one.id < other.id ? -1 : 1
}

export function titleOf({ name, type }: Pick<NodeRow, 'name' | 'type'>): string {
  return name || type
}

/** Dialogs.md section 6, without the colours. */
export type Mood = 'well' | 'working' | 'idle' | 'look' | 'stopped' | 'trouble'

export const signs: Readonly<Record<Mood, string>> = {
  ...{ well: '●', working: '●', idle: '◌', look: '⚠', stopped: '◌', trouble: '✕' },
}

/** A balance that does not hold is trouble, whatever the node itself says. */
export function moodOf(row: Pick<NodeRow, 'status' | 'tally'>): Mood {
  const { status, tally } = row
  if (balancesIn(tally).some((balance) => differenceOf(balance) !== 0)) return 'trouble'
  if (status === null) return 'idle'
  if (status.fill === 'red') return status.shape === 'dot' ? 'trouble' : 'stopped'
  if (status.fill === 'yellow') return 'look'
  if (status.fill === 'grey') return 'idle'
  return status.fill === 'blue' ? 'working' : 'well'
}

export function isTroubled(mood: Mood): boolean {
  return mood === 'look' || mood === 'stopped' || mood === 'trouble'
}

function balancesIn({ queue, letters }: Tally): readonly Balance[] {
  return [queue, letters].flatMap((keeper) => (keeper === undefined ? [] : [keeper.balance]))
}

/** Accepted less all the rest; anything but 0 is a message that is not accounted for. */
export function differenceOf(balance: Balance): number {
  const { accepted, delivered, waiting, deadLettered } = balance
  return accepted - delivered - waiting - deadLettered - droppedOf(balance)
}

export function droppedOf({ dropped }: Balance): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0)
}

/** `✓ 81,204 = 79,990 + 1,204 + 7 + 3`, or what is not accounted for. */
export function balanceLine(balance: Balance, { countText }: Texts): Said {
  const difference = differenceOf(balance)
  const { accepted, delivered, waiting, deadLettered } = balance
  const parts = [delivered, waiting, deadLettered, droppedOf(balance)].map(countText)
  const values = { accepted: countText(accepted), parts: parts.join(' + ') }
  if (difference === 0) return { key: 'balance.holds', values }
  const key = difference > 0 ? 'balance.missing' : 'balance.extra'
  return { key, values: { ...values, count: countText(Math.abs(difference)) } }
}

/** The parts of a balance as a table, exact. */
export function balanceParts(balance: Balance): readonly Said[] {
  const { accepted, delivered, waiting, deadLettered, dropped } = balance
  const parts = { accepted, delivered, waiting, deadLettered, dropped: droppedOf(balance) }
  return [
    ...Object.entries(parts).map(([name, count]) => ({
      key: `balance.${name}`,
      values: { count },
    })),
    ...Object.entries(dropped).map(([reason, count]) => ({
      key: 'balance.reason',
      values: { count, reason },
    })),
  ]
}

/**
 * The line below the status: pace, age, when full or empty; how many wait only where the status
 * does not say it. Empty where none applies.
 */
export function factsOf(row: NodeRow, now: number, { countText, spanText }: Texts): Said[] {
  const { oldestAt, perSecond, status, tally } = row
  const { queue } = tally
  const waiting = waitingOf(row) ?? 0
  const isSaid = status?.text.includes(countText(waiting))
  const { fullInMs, emptyInMs } = queue ?? {}
  const facts: (Said | undefined)[] = [
    some('fact.waiting', 'count', isSaid ? 0 : waiting, countText),
    some('fact.rate', 'count', paceOf(perSecond ?? 0), String),
    some('fact.oldest', 'time', oldestAt === null ? null : Math.max(0, now - oldestAt), spanText),
    some('fact.fullIn', 'time', isSoon(fullInMs) ? fullInMs : undefined, spanText),
    some('fact.emptyIn', 'time', emptyInMs, spanText),
  ]
  return facts.filter((fact) => fact !== undefined)
}

function some(
  key: string,
  place: string,
  figure: number | null | undefined,
  text: (figure: number) => string,
): Said | undefined {
  const isNothing = figure === null || figure === undefined || (figure === 0 && place === 'count')
  return isNothing ? undefined : { key, values: { [place]: text(figure) } }
}

/** One place behind the point below 10: a slow queue is not a queue that stands. */
function paceOf(perSecond: number): number {
  return perSecond < 10 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond)
}

const soonMs = 86_400_000

/** What is further away than a day worries nobody today. */
function isSoon(span: number | undefined): boolean {
  return span !== undefined && span <= soonMs
}

/** Null where nothing can wait. */
export function waitingOf({ tally: { queue, letters, retry, bulkhead } }: NodeRow): number | null {
  return [queue, letters, retry, bulkhead].find((each) => each !== undefined)?.waiting ?? null
}

/** What stands on the row itself, of what a node knows: the rest is in its menu. */
export function directCommands({ type, commands, tally }: NodeRow): readonly string[] {
  const isPaused = [tally.queue, tally.letters, tally.health].some((each) => each?.isPaused)
  const wanted =
    groupOf[type] === 'protection'
      ? ['isolate', 'reset', 'shadow']
      : [isPaused ? 'resume' : 'pause']
  return wanted.filter((command) => commands.includes(command))
}

/** A redrive that runs, as the answer of a dlq to `status` tells it; undefined while none does. */
export function jobIn(
  report: unknown,
): { readonly total: number; readonly done: number; readonly failed: number } | undefined {
  const job: unknown = Reflect.get(Object(report ?? {}), 'redrive')
  if (typeof job !== 'object' || job === null || Reflect.get(job, 'state') !== 'running') {
    return undefined
  }
  const [total = 0, ok = 0, failed = 0, back = 0, gone = 0] = [
    ...['total', 'ok', 'failed', 'back', 'gone'].map((name) => Number(Reflect.get(job, name) ?? 0)),
  ]
  return { total, done: ok + failed + back + gone, failed }
}

/** The last opening of a breaker in a line, as its answer to `status` tells it: the newest first. */
export function lastTripIn(report: unknown):
  | {
      readonly calls: string
      readonly cause: string
      readonly last: Pick<ToldCall, 'code' | 'status'>
    }
  | undefined {
  const breakers: readonly BreakerReport[] = Array.isArray(report) ? report : []
  const opened = breakers.flatMap(({ lastOpened }) => lastOpened ?? [])
  const last = opened.sort((one, other) => other.at - one.at)[0]
  if (last === undefined) return undefined
  const calls = last.lastCalls.slice(-tripCallsMax)
  const failed = calls.findLast(({ is }) => is !== 'ok')
  const isWell = (is: string) => (is === 'ok' ? signs.well : signs.trouble)
  return {
    calls: calls.map(({ is }) => isWell(is)).join(''),
    cause: last.cause,
    last: failed ?? { code: '' },
  }
}

/** What a breaker says of each of its keys. */
export interface BreakerReport {
  /** '' where there is one for all messages. */
  readonly key: string
  readonly state: string
  readonly lastOpened?: {
    readonly at: number
    readonly cause: string
    readonly lastCalls: readonly ToldCall[]
    readonly whatIf: readonly ToldWhatIf[]
  }
}

const tripCallsMax = 5
