/**
 * When the link connects, to which server and in which version, how long it waits after a failure,
 * and what it calls its state. Pure: a machine of four states and what was learnt on the way. It
 * never gives up for good and never decides anything about messages.
 */

import type { Event } from '../base/event.js'
import type { Code, Failure } from '../base/fault.js'
import { after, type Instant, type Ms, ms, since } from '../base/units.js'
import { type BackOff, waitAfter } from '../policy/back-off.js'
import * as choice from './version-choice.js'
import { type Ended, hostPort, type ProtocolVersion, type Server } from './wire.js'

/**
 * - `connecting`: since it was opened, no server has been reached and not all have been tried.
 * - `failed`: a person must look. It still tries, once in a while, and drops nothing.
 */
export type LinkState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'failed'

export interface RoadSettings {
  /** At least one, first choice first. A failed attempt moves on to the next; success stays. */
  readonly servers: readonly Server[]
  /** `auto`: 5, and 3.1.1 where 5 is refused, remembered per server. */
  readonly protocolVersion: 'auto' | ProtocolVersion
  readonly clientId: string
  readonly backOff: BackOff
}

/** A connection that held so long was a success: the next failure is the first again. */
const stable = ms(30_000)
/** The broker hung up sooner than this, so many times in a row: another has our client id. */
const shortLife = ms(5_000)
const shortLivesMax = 3
/** Between attempts once a person must look. */
const slow = ms(60_000)

interface Memory {
  /** The server in use, or the one to try next. */
  readonly at: number
  /** One for each server. */
  readonly choices: readonly choice.VersionChoice[]
  /** Failed attempts and lost connections in a row. */
  readonly failures: number
  /** Of these, the last so many attempts are such as no retry will mend. */
  readonly permanents: number
  readonly shortLives: number
  /** Why it is not connected. */
  readonly failure: Failure | undefined
  /** Set while a person must look: what they were told. */
  readonly alarm: Code | undefined
  readonly downSince: Instant
  /** Neither reached a server nor tried all of them since it was opened. */
  readonly fresh: boolean
}

/** The road to the broker. */
export type Road =
  | { readonly is: 'disconnected'; readonly memory: Memory }
  | { readonly is: 'attempting'; readonly memory: Memory }
  | { readonly is: 'connected'; readonly memory: Memory; readonly from: Instant }
  | { readonly is: 'waiting'; readonly memory: Memory; readonly until: Instant }

export type RoadEvent =
  | { readonly is: 'open' | 'close' | 'connected' }
  /** A person does not want to wait. */
  | { readonly is: 'retry' }
  /** The moment asked for may have come. */
  | { readonly is: 'time' }
  /** `fraction` in [0, 1) spreads the wait. */
  | { readonly is: 'ended'; readonly how: Ended; readonly fraction: number }

export interface Step {
  readonly road: Road
  /** An attempt must be started. */
  readonly connect?: { readonly server: Server; readonly version: ProtocolVersion }
  /** To be announced, in this order. */
  readonly events: readonly Event[]
}

export function atRest({ servers }: RoadSettings, now: Instant): Road {
  const memory = opened(
    servers.map(() => choice.firstChoice),
    now,
  )
  return { is: 'disconnected', memory }
}

export function decide(road: Road, event: RoadEvent, now: Instant, settings: RoadSettings): Step {
  const { memory } = road
  switch (event.is) {
    case 'open':
      if (road.is !== 'disconnected') return stay(road)
      return attempt(opened(memory.choices, now), settings)
    case 'close':
      return stay({ is: 'disconnected', memory: opened(memory.choices, now) })
    case 'retry':
      return road.is === 'waiting' ? attempt(memory, settings) : stay(road)
    case 'connected':
      return road.is === 'attempting' ? connected(memory, now, settings) : stay(road)
    case 'ended':
      if (road.is === 'attempting') return missed(memory, event, now, settings)
      return road.is === 'connected' ? lost(road, event, now, settings) : stay(road)
    case 'time':
      if (road.is === 'waiting' && now >= road.until) return attempt(memory, settings)
      if (road.is !== 'connected' || !isStable(road, now)) return stay(road)
      return stay({ ...road, memory: { ...memory, failures: 0 } })
    default:
      return event satisfies never
  }
}

/** When `time` should be told; undefined when only the outside can move it. */
export function wakeAt(road: Road): Instant | undefined {
  if (road.is === 'waiting') return road.until
  if (road.is !== 'connected' || road.memory.failures === 0) return undefined
  return after(road.from, stable)
}

export function stateOf(road: Road): LinkState {
  if (road.is === 'disconnected' || road.is === 'connected') return road.is
  if (road.memory.alarm !== undefined) return 'failed'
  return road.memory.fresh ? 'connecting' : 'reconnecting'
}

/** The server in use or tried, as `host:port`. */
export function serverOf({ at }: Pick<Memory, 'at'>, { servers }: RoadSettings): string {
  const server = servers[at]
  return server === undefined ? '' : hostPort(server)
}

const stay = (road: Road): Step => ({ road, events: [] })

function opened(choices: readonly choice.VersionChoice[], now: Instant): Memory {
  return {
    at: 0,
    choices,
    failures: 0,
    permanents: 0,
    shortLives: 0,
    failure: undefined,
    alarm: undefined,
    downSince: now,
    fresh: true,
  }
}

function attempt(memory: Memory, settings: RoadSettings): Step {
  const server = settings.servers[memory.at]
  if (server === undefined) throw new RangeError('a link needs a server')
  return {
    road: { is: 'attempting', memory },
    connect: { server, version: versionFor(memory, settings) },
    events: [],
  }
}

function versionFor({ choices, at }: Memory, { protocolVersion }: RoadSettings): ProtocolVersion {
  return protocolVersion === 'auto' ? (choices[at] ?? choice.firstChoice).version : protocolVersion
}

function connected(before: Memory, now: Instant, settings: RoadSettings): Step {
  const memory: Memory = {
    ...before,
    choices: learnt(before, choice.afterConnect),
    permanents: 0,
    failure: undefined,
    alarm: undefined,
    fresh: false,
  }
  const server = serverOf(memory, settings)
  const downMs = since(memory.downSince, now)
  return {
    road: { is: 'connected', from: now, memory },
    events: [{ kind: 'link.connected', server, downMs }],
  }
}

type EndedEvent = Extract<RoadEvent, { is: 'ended' }>

/** An attempt did not become a connection: on to the next server. */
function missed(before: Memory, event: EndedEvent, now: Instant, settings: RoadSettings): Step {
  const { failure, kind } = event.how
  const choices = learnt(before, (it) => choice.afterMiss(it, kind))
  const fallsBack = settings.protocolVersion === 'auto' && versionFor(before, settings) === 5
  if (kind === 'older' && fallsBack) return attempt({ ...before, choices }, settings)
  const count = settings.servers.length
  const failures = before.failures + 1
  const permanents = kind === 'permanent' || kind === 'older' ? before.permanents + 1 : 0
  const memory: Memory = {
    ...before,
    at: (before.at + 1) % count,
    choices,
    failures,
    permanents,
    shortLives: 0,
    failure,
    fresh: before.fresh && failures < count,
  }
  const fixed = permanents >= count ? slow : undefined
  return pause(memory, { failure, fixed, server: serverOf(before, settings) }, event, now, settings)
}

/** A connection ended: the same server again, for it was good a moment ago. */
function lost(
  road: Extract<Road, { is: 'connected' }>,
  event: EndedEvent,
  now: Instant,
  settings: RoadSettings,
): Step {
  const { how } = event
  const before = road.memory
  const short = how.kind === 'closed' && since(road.from, now) < shortLife
  const shortLives = short ? before.shortLives + 1 : 0
  const clash = how.failure.code === 'CLIENT_ID_IN_USE' || shortLives >= shortLivesMax
  const failure: Failure = clash
    ? { code: 'CLIENT_ID_IN_USE', values: { id: settings.clientId } }
    : how.failure
  const memory: Memory = {
    ...before,
    choices: learnt(before, choice.afterLoss),
    failures: isStable(road, now) ? 1 : before.failures + 1,
    shortLives,
    failure,
    downSince: now,
  }
  const server = serverOf(memory, settings)
  const fixed = clash ? settings.backOff.max : undefined
  const step = pause(memory, { failure, fixed, server }, event, now, settings)
  return { ...step, events: [{ kind: 'link.lost', server, failure }, ...step.events] }
}

interface Trouble {
  readonly failure: Failure
  /** A wait that does not grow: given when a person must look. */
  readonly fixed: Ms | undefined
  /** Where it happened. */
  readonly server: string
}

function pause(
  memory: Memory,
  { failure, fixed, server }: Trouble,
  { fraction }: EndedEvent,
  now: Instant,
  settings: RoadSettings,
): Step {
  const alarm = fixed === undefined ? undefined : failure.code
  const waitMs = waitFor(memory, fixed, fraction, settings)
  const road: Road = { is: 'waiting', memory: { ...memory, alarm }, until: after(now, waitMs) }
  if (alarm !== undefined) {
    const told = alarm === memory.alarm
    return { road, events: told ? [] : [{ kind: 'link.failed', server, failure }] }
  }
  const next = { server: serverOf(memory, settings), attempt: memory.failures, waitMs, failure }
  return { road, events: [{ kind: 'link.reconnecting', ...next }] }
}

/** The wait grows by rounds: every server is tried once before it does. */
function waitFor(
  { failures }: Memory,
  fixed: Ms | undefined,
  fraction: number,
  { backOff, servers }: RoadSettings,
): Ms {
  if (fixed !== undefined) {
    return waitAfter(1, { ...backOff, initial: fixed, max: fixed }, fraction)
  }
  return waitAfter(Math.ceil(failures / servers.length), backOff, fraction)
}

const isStable = (road: Extract<Road, { is: 'connected' }>, now: Instant): boolean =>
  since(road.from, now) >= stable

/** The choices, with that of the server in use changed. */
function learnt(
  { choices, at }: Memory,
  change: (before: choice.VersionChoice) => choice.VersionChoice,
): readonly choice.VersionChoice[] {
  return choices.map((before, index) => (index === at ? change(before) : before))
}
