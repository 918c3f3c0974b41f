/**
 * Words for telling the story of a link: what happens to it, move by move. Used by the table of its
 * states; nothing here decides anything.
 */

import type { Event } from '../../src/base/event.js'
import type { Code } from '../../src/base/fault.js'
import { type Instant, instant, ms } from '../../src/base/units.js'
import {
  atRest,
  decide,
  type Road,
  type RoadEvent,
  type RoadSettings,
  type Step,
  wakeAt,
} from '../../src/mqtt/link-state.js'
import type { Ended, Server } from '../../src/mqtt/wire.js'

const server = (host: string): Server => ({ scheme: 'mqtt', host, port: 1883, path: '' })
export const backOff = { initial: ms(1_000), factor: 2, max: ms(60_000), jitter: 0 }
export const oneServer: RoadSettings = {
  servers: [server('a')],
  protocolVersion: 'auto',
  clientId: 'gw1',
  backOff,
}
export const twoServers: RoadSettings = { ...oneServer, servers: [server('a'), server('b')] }

/** An event, a span to let pass, or waiting for whatever the road waits for. */
export type Move =
  | RoadEvent
  | { readonly is: 'pass'; readonly span: number }
  | { readonly is: 'wait' }

export const ended = (kind: Ended['kind'], code: Code) => {
  const how: Ended = { kind, failure: { code, values: {} } }
  return { is: 'ended', how, fraction: 0.5 } as const
}

export const open = { is: 'open' } as const
export const close = { is: 'close' } as const
export const letIn = { is: 'connected' } as const
export const wait = { is: 'wait' } as const
export const pass = (span: number): Move => ({ is: 'pass', span })
export const hangUp = ended('closed', 'BROKER_UNREACHABLE')
export const kicked = ended('transient', 'BROKER_BUSY')
export const unreachable = ended('transient', 'BROKER_UNREACHABLE')
export const older = ended('older', 'BROKER_UNREACHABLE')
export const badLogin = ended('permanent', 'LOGIN_REFUSED')
export const badCertificate = ended('permanent', 'CERTIFICATE_REFUSED')
export const takenOver = ended('permanent', 'CLIENT_ID_IN_USE')

/** One link on its way. */
export class Journey {
  road: Road
  now: Instant = instant(1_000)
  readonly #settings: RoadSettings

  constructor(settings: RoadSettings) {
    this.#settings = settings
    this.road = atRest(settings, this.now)
  }

  /** Makes all moves; returns what the last one led to. */
  go(...moves: Move[]): Step {
    let step: Step = { road: this.road, events: [] }
    for (const move of moves) step = this.#move(move)
    return step
  }

  #move(move: Move): Step {
    if (move.is === 'pass') {
      this.now = instant(this.now + move.span)
      return { road: this.road, events: [] }
    }
    if (move.is === 'wait') {
      this.now = wakeAt(this.road) ?? this.now
      return this.#move({ is: 'time' })
    }
    const step = decide(this.road, move, this.now, this.#settings)
    this.road = step.road
    return step
  }
}

export const travel = (settings: RoadSettings): Journey => new Journey(settings)
export const having = (...moves: Move[]): Step => travel(oneServer).go(...moves)

/** Seconds waited after each of `count` ends in a row. */
export function waits(journey: Journey, end: Move, count: number): number[] {
  return Array.from({ length: count }, () => {
    journey.go(end)
    const seconds = ((wakeAt(journey.road) ?? Number.NaN) - journey.now) / 1_000
    journey.go(wait)
    return seconds
  })
}

/** Makes the moves, each end followed by its wait, and tells every attempt that was started. */
function attempts(journey: Journey, moves: Move[]): Array<NonNullable<Step['connect']>> {
  return moves.flatMap((move) => {
    const steps = move.is === 'ended' ? [journey.go(move), journey.go(wait)] : [journey.go(move)]
    return steps.flatMap(({ connect }) => connect ?? [])
  })
}

export const tried = (journey: Journey, ...moves: Move[]): string[] =>
  attempts(journey, moves).map(({ server: { host } }) => host)

export const versions = (journey: Journey, ...moves: Move[]): number[] =>
  attempts(journey, moves).map(({ version }) => version)

export const kinds = ({ events }: Step): string[] => events.map(({ kind }) => kind)

export const connectedAfter = (downMs: number): Event => ({
  kind: 'link.connected',
  server: 'a:1883',
  downMs: ms(downMs),
})
