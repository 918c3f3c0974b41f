/**
 * The road to the broker as data: where the link stands, what it has learnt on the way, and what a
 * person calls that. It holds the questions that can be asked of a road; how it changes is decided
 * in `link-state.ts`.
 */

import type { Event } from '../base/event.js'
import type { Code, Failure } from '../base/fault.js'
import { after, type Instant, ms } from '../base/units.js'
import type { BackOff } from '../policy/back-off.js'
import type { Evictions } from './client-id-clash.js'
import type { Suspected } from './suspicion.js'
import type { VersionChoice } from './version-choice.js'
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
  /**
   * After so many failed attempts in a row it is `failed` and tries once a minute; every server is
   * tried before. Absent: never.
   */
  readonly attempts?: number
  /** Connected to another than the first server, it looks for the first once a minute. */
  readonly returnToFirst?: boolean
}

/** A connection that held so long was a success: the next failure is the first again. */
export const stable = ms(30_000)
/** Between attempts once a person must look, and between looks at the first server. */
export const slow = ms(60_000)

export interface Memory {
  /** The server in use, or the one to try next. */
  readonly at: number
  /** Where that server has sent us instead (MQTT 5, 4.11). */
  readonly detour: Server | undefined
  /** One for each server. */
  readonly choices: readonly VersionChoice[]
  /** Failed attempts and lost connections in a row. */
  readonly failures: number
  /** Of these, the attempts since the last connection. */
  readonly misses: number
  /** Of these, the last so many attempts are such as no retry will mend. */
  readonly permanents: number
  readonly evictions: Evictions
  /** Why it is not connected. */
  readonly failure: Failure | undefined
  /** The next failure of the same kind is told when there have been so many. */
  readonly tellAt: number
  /** Set while a person must look: what they were told. */
  readonly alarm: Code | undefined
  readonly downSince: Instant
  /** The server of the last connection; '' before the first. */
  readonly lastServer: string
  /** Neither reached a server nor tried all of them since it was opened. */
  readonly fresh: boolean
}

export type Road =
  | { readonly is: 'disconnected'; readonly memory: Memory }
  | { readonly is: 'attempting'; readonly memory: Memory }
  | {
      readonly is: 'connected'
      readonly memory: Memory
      readonly from: Instant
      /** When to look for the first server; undefined when this is it. */
      readonly lookAt: Instant | undefined
    }
  | { readonly is: 'waiting'; readonly memory: Memory; readonly until: Instant }

export type Connected = Extract<Road, { is: 'connected' }>

export type RoadEvent =
  | { readonly is: 'open' | 'close' | 'connected' }
  /** A person does not want to wait. */
  | { readonly is: 'retry' }
  /** The moment asked for may have come. */
  | { readonly is: 'time' }
  /** The first server is there again, and the connection to the other was given up for it. */
  | { readonly is: 'return' }
  /** `suspected`: what the broker may have hung up on. `fraction` in [0, 1) spreads the wait. */
  | {
      readonly is: 'ended'
      readonly how: Ended
      readonly suspected?: Suspected
      readonly fraction: number
    }

/** A server and the version to speak to it. */
export interface Target {
  readonly server: Server
  readonly version: ProtocolVersion
}

export interface Step {
  readonly road: Road
  /** An attempt must be started. */
  readonly connect?: Target
  /** It is worth a look whether this server is there again. */
  readonly look?: Target
  /** To be announced, in this order. */
  readonly events: readonly Event[]
}

/** When `time` should be told; undefined when only the outside can move it. */
export function wakeAt(road: Road): Instant | undefined {
  if (road.is === 'waiting') return road.until
  if (road.is !== 'connected') return undefined
  // A look comes later than this in any case.
  return road.memory.failures === 0 ? road.lookAt : after(road.from, stable)
}

export function stateOf(road: Road): LinkState {
  if (road.is === 'disconnected' || road.is === 'connected') return road.is
  if (road.memory.alarm !== undefined) return 'failed'
  return road.memory.fresh ? 'connecting' : 'reconnecting'
}

/** The server in use or tried, as `host:port`. */
export function serverOf({ at, detour }: Memory, { servers }: RoadSettings): string {
  const server = detour ?? servers[at]
  return server === undefined ? '' : hostPort(server)
}
