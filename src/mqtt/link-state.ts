/**
 * When the link connects, to which server and in which version, how long it waits after a failure,
 * and what of that is told. Pure: a machine of four states and what was learnt on the way. It never
 * gives up for good and never decides anything about messages.
 */

import type { Failure } from '../base/fault.js'
import { after, type Instant, type Ms, since } from '../base/units.js'
import { waitAfter } from '../policy/back-off.js'
import * as clash from './client-id-clash.js'
import {
  type Connected,
  type Memory,
  type Road,
  type RoadEvent,
  type RoadSettings,
  type Step,
  serverOf,
  slow,
  stable,
} from './road.js'
import * as choice from './version-choice.js'
import type { ProtocolVersion } from './wire.js'

export {
  type LinkState,
  type Road,
  type RoadEvent,
  type RoadSettings,
  type Step,
  serverOf,
  stateOf,
  wakeAt,
} from './road.js'

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
    case 'return':
      if (road.is !== 'connected') return stay(road)
      return attempt({ ...memory, at: 0, detour: undefined, downSince: now }, settings)
    case 'ended':
      if (road.is === 'attempting') return missed(memory, event, now, settings)
      return road.is === 'connected' ? lost(road, event, now, settings) : stay(road)
    case 'time':
      if (road.is === 'waiting' && now >= road.until) return attempt(memory, settings)
      return road.is === 'connected' ? held(road, now, settings) : stay(road)
    default:
      return event satisfies never
  }
}

const stay = (road: Road): Step => ({ road, events: [] })

function opened(choices: readonly choice.VersionChoice[], now: Instant): Memory {
  return {
    at: 0,
    detour: undefined,
    choices,
    failures: 0,
    misses: 0,
    permanents: 0,
    evictions: clash.none,
    failure: undefined,
    tellAt: 1,
    alarm: undefined,
    downSince: now,
    lastServer: '',
    fresh: true,
  }
}

function attempt(memory: Memory, settings: RoadSettings): Step {
  const server = memory.detour ?? settings.servers[memory.at]
  if (server === undefined) throw new RangeError('a link needs a server')
  const version = versionFor(memory.at, memory, settings)
  return { road: { is: 'attempting', memory }, connect: { server, version }, events: [] }
}

function versionFor(
  at: number,
  { choices }: Memory,
  { protocolVersion }: RoadSettings,
): ProtocolVersion {
  return protocolVersion === 'auto' ? (choices[at] ?? choice.firstChoice).version : protocolVersion
}

function connected(before: Memory, now: Instant, settings: RoadSettings): Step {
  const server = serverOf(before, settings)
  const memory: Memory = {
    ...before,
    choices: learnt(before, choice.afterConnect),
    misses: 0,
    permanents: 0,
    failure: undefined,
    tellAt: 1,
    alarm: undefined,
    lastServer: server,
    fresh: false,
  }
  const mayReturn = settings.returnToFirst === true && memory.at > 0
  const lookAt = mayReturn ? after(now, slow) : undefined
  const from = before.lastServer
  const isSwitch = from !== '' && from !== server
  return {
    road: { is: 'connected', from: now, lookAt, memory },
    events: [
      { kind: 'link.connected', server, downMs: since(memory.downSince, now) },
      ...(isSwitch ? [{ kind: 'link.switched', from, to: server } as const] : []),
    ],
  }
}

/** The connection stands, and something was due. */
function held(road: Connected, now: Instant, settings: RoadSettings): Step {
  const isSettled = isStable(road, now) && road.memory.failures > 0
  const memory = isSettled ? { ...road.memory, failures: 0 } : road.memory
  const { lookAt } = road
  const [server] = settings.servers
  if (lookAt === undefined || now < lookAt || server === undefined) {
    return stay(isSettled ? { ...road, memory } : road)
  }
  const look = { server, version: versionFor(0, memory, settings) }
  return { road: { ...road, memory, lookAt: after(now, slow) }, look, events: [] }
}

type EndedEvent = Extract<RoadEvent, { is: 'ended' }>

/** An attempt did not become a connection: on to the next server. */
function missed(before: Memory, event: EndedEvent, now: Instant, settings: RoadSettings): Step {
  const { failure, kind, reference } = event.how
  const choices = learnt(before, (it) => choice.afterMiss(it, kind))
  const fallsBack =
    settings.protocolVersion === 'auto' && versionFor(before.at, before, settings) === 5
  if (kind === 'older' && fallsBack) return attempt({ ...before, choices }, settings)
  // Followed once: two brokers that name each other would else be asked for ever.
  if (reference !== undefined && before.detour === undefined) {
    return attempt({ ...before, choices, detour: reference }, settings)
  }
  const count = settings.servers.length
  const misses = before.misses + 1
  const permanents = kind === 'permanent' || kind === 'older' ? before.permanents + 1 : 0
  const memory: Memory = {
    ...before,
    at: (before.at + 1) % count,
    detour: undefined,
    choices,
    failures: before.failures + 1,
    misses,
    permanents,
    evictions: clash.none,
    failure,
    fresh: before.fresh && misses < count,
  }
  const { attempts = Number.POSITIVE_INFINITY } = settings
  const needsPerson = permanents >= count || misses >= Math.max(attempts, count)
  const fixed = needsPerson ? slow : undefined
  const isNew = failure.code !== before.failure?.code
  const server = serverOf(before, settings)
  return pause(memory, { failure, needsPerson, fixed, server, isNew }, event, now, settings)
}

/** A connection ended: the same server again, for it was good a moment ago. */
function lost(road: Connected, event: EndedEvent, now: Instant, settings: RoadSettings): Step {
  const { how, suspected } = event
  const before = road.memory
  const evictions = evictionsAfter(road, event, now)
  const isSaid = how.failure.code === 'CLIENT_ID_IN_USE'
  const closes = clash.guessedFrom(evictions)
  const isGuessed = !isSaid && closes > 0
  const server = serverOf(before, settings)
  const failure = isGuessed ? guess(server, closes, settings) : how.failure
  // A broker that takes other messages is well: a single one of ours is no reason to wait for long.
  const isWell = isStable(road, now) || suspected === 'record among others'
  const memory: Memory = {
    ...before,
    choices: learnt(before, choice.afterLoss),
    failures: isWell ? 1 : before.failures + 1,
    evictions,
    failure,
    downSince: now,
  }
  const told = { kind: 'link.lost', server, failure } as const
  const moved = how.reference !== undefined && before.detour === undefined
  const trouble = { failure, fixed: isSaid ? settings.backOff.max : undefined, server, isNew: true }
  const step = moved
    ? attempt({ ...memory, detour: how.reference }, settings)
    : pause(memory, { ...trouble, needsPerson: isSaid || isGuessed }, event, now, settings)
  return { ...step, events: [told, ...step.events] }
}

/** A message that the broker hangs up on says nothing about who has our id. */
function evictionsAfter({ memory, from }: Connected, event: EndedEvent, now: Instant) {
  if (event.suspected !== undefined) return memory.evictions
  if (event.how.kind !== 'closed') return clash.none
  return clash.afterHangUp(memory.evictions, since(from, now), since(memory.downSince, from))
}

/** With several connections any of our ids may be meant. */
const guess = (server: string, closes: number, { clientId }: RoadSettings): Failure => ({
  code: 'CLIENT_ID_IN_USE',
  values: { id: clientId, server, closes },
})

interface Trouble {
  readonly failure: Failure
  /** No retry will mend it, as far as can be told. */
  readonly needsPerson: boolean
  /** A wait that does not grow. */
  readonly fixed: Ms | undefined
  /** Where it happened. */
  readonly server: string
  /** It is another trouble than before. */
  readonly isNew: boolean
}

/** Waits. The same trouble is told after 1, 2, 4, 8, … failures, another one at once. */
function pause(
  before: Memory,
  { failure, needsPerson, fixed, server, isNew }: Trouble,
  { fraction }: EndedEvent,
  now: Instant,
  settings: RoadSettings,
): Step {
  const alarm = needsPerson ? failure.code : undefined
  const { failures } = before
  const isTold = isNew || failures >= before.tellAt
  const memory = { ...before, alarm, tellAt: isTold ? failures * 2 : before.tellAt }
  const waitMs = waitFor(memory, fixed, fraction, settings)
  const road: Road = { is: 'waiting', memory, until: after(now, waitMs) }
  if (alarm !== undefined) {
    const isKnown = alarm === before.alarm
    return { road, events: isKnown ? [] : [{ kind: 'link.failed', server, failure }] }
  }
  if (!isTold) return stay(road)
  const next = { server: serverOf(memory, settings), attempt: failures, waitMs, failure }
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

const isStable = (road: Connected, now: Instant): boolean => since(road.from, now) >= stable

/** The choices, with that of the server in use changed. */
function learnt(
  { choices, at }: Memory,
  change: (before: choice.VersionChoice) => choice.VersionChoice,
): readonly choice.VersionChoice[] {
  return choices.map((before, index) => (index === at ? change(before) : before))
}
