/**
 * One attempt at a server and the connections that came of it, used once: all of a pool's stand, or
 * none does. It tells once that all are in and once that one has ended, and drops the others then;
 * which packets go over which is not its affair.
 */

import type { Clock } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import type { Target } from './road.js'
import type { Connect, ConnectRequest, Ended, Packet, Session, Tls, Transport } from './wire.js'

export interface AttemptEvents {
  /** With what every one of them grants. */
  connected(session: Session): void
  ended(how: Ended): void
}

export interface RequestSettings {
  readonly clientId: string
  /** One for each further connection of a pool. Absent: a single connection. */
  readonly moreClientIds?: readonly string[]
  readonly username?: string
  readonly password?: string
  readonly tls?: Tls
  readonly keepalive: Ms
  /** TCP, TLS and CONNACK together. */
  readonly connectTimeout: Ms
}

/** One request for each connection; the will belongs to the first. */
export function requestsFor(
  settings: RequestSettings,
  { server, version }: Target,
  will: Packet | undefined,
): ConnectRequest[] {
  const { clientId, moreClientIds = [], username, password, tls } = settings
  return [clientId, ...moreClientIds].map((id, index) => ({
    server,
    protocolVersion: version,
    clientId: id,
    keepalive: settings.keepalive,
    connectTimeout: settings.connectTimeout,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    ...(will === undefined || index > 0 ? {} : { will }),
  }))
}

export class Attempt {
  readonly #connect: Connect
  readonly #events: AttemptEvents
  readonly #sessions: Session[] = []
  #transports: readonly Transport[] = []
  #isOver = false

  constructor(connect: Connect, events: AttemptEvents) {
    this.#connect = connect
    this.#events = events
  }

  /** In the order of the requests. */
  get transports(): readonly Transport[] {
    return this.#transports
  }

  /** Once; one request for each connection. */
  dial(requests: readonly ConnectRequest[]): void {
    if (this.#isOver) return
    this.#transports = requests.map((request) =>
      this.#connect(request, {
        connected: (session) => this.#connected(session),
        ended: (how) => this.#ended(how),
      }),
    )
  }

  /** Says goodbye on all of them; what has not gone within `wait` is dropped. */
  async close(clock: Clock, wait: Ms): Promise<void> {
    this.#isOver = true
    await new Promise<void>((resolve) => {
      const cancel = clock.wake(wait, resolve)
      const gone = () => {
        cancel()
        resolve()
      }
      Promise.all(this.#transports.map((transport) => transport.close())).then(gone, gone)
    })
    this.destroy()
  }

  /** Drops them without a word. */
  destroy(): void {
    this.#isOver = true
    for (const transport of this.#transports) transport.destroy()
  }

  #connected(session: Session): void {
    if (this.#isOver) return
    this.#sessions.push(session)
    if (this.#sessions.length === this.#transports.length) {
      this.#events.connected(common(this.#sessions))
    }
  }

  #ended(how: Ended): void {
    if (this.#isOver) return
    this.destroy()
    this.#events.ended(how)
  }
}

/** The narrowest of each limit. */
function common(sessions: readonly Session[]): Session {
  return sessions.reduce((one, other) => {
    const { maximumQoS } = other.maximumQoS < one.maximumQoS ? other : one
    return {
      receiveMaximum: Math.min(one.receiveMaximum, other.receiveMaximum),
      maximumPacketSize: Math.min(one.maximumPacketSize, other.maximumPacketSize),
      maximumQoS,
      retainAvailable: one.retainAvailable && other.retainAvailable,
    }
  })
}
