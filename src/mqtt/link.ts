/**
 * The link to a broker: connects, comes back after every failure, and delivers what its sources
 * hand out, in order, at least once, each record settled by the broker's own acknowledgement. It
 * keeps nothing on disk, gives up on nothing, and forgets everything when it is closed.
 */

import type { Emit } from '../base/event.js'
import type { Failure } from '../base/fault.js'
import type { Cancel, World } from '../base/ports.js'
import { type Ms, ms, since } from '../base/units.js'
import type { Source } from './in-flight.js'
import {
  atRest,
  decide,
  type LinkState,
  type Road,
  type RoadEvent,
  type RoadSettings,
  type Step,
  serverOf,
  stateOf,
  wakeAt,
} from './link-state.js'
import { Sender, type SenderSettings } from './sender.js'
import { type LinkTally, newTally } from './tally.js'
import { type Connect, type Ended, hostPort, type Tls, type Transport } from './wire.js'

export type { Delivered, Outgoing, Refused, Source } from './in-flight.js'
export type { LinkState } from './link-state.js'
export type { LatencyTally, LinkTally } from './tally.js'

export interface LinkSettings extends RoadSettings, SenderSettings {
  readonly username?: string
  readonly password?: string
  readonly tls?: Tls
  readonly keepalive: Ms
  /** TCP, TLS and CONNACK together. */
  readonly connectTimeout: Ms
}

export interface LinkListener {
  /** State, failure or server differ from before. */
  stateChanged(): void
}

/** Saying goodbye may take no longer than this. */
const goodbyeMax = ms(200)

/** One attempt and the connection that came of it; whatever an earlier one says is not heard. */
interface Attempt {
  transport?: Transport
}

export class Link {
  readonly tally: LinkTally
  readonly #clock: World['clock']
  readonly #random: World['random']
  readonly #connect: Connect
  readonly #settings: LinkSettings
  readonly #emit: Emit
  readonly #listeners = new Set<LinkListener>()
  readonly #counts = newTally()
  readonly #sender: Sender
  #road: Road
  #attempt: Attempt | undefined
  #alarm: Cancel | undefined
  #closing: Promise<void> | undefined

  constructor(
    world: Pick<World, 'clock' | 'random'>,
    connect: Connect,
    settings: LinkSettings,
    emit: Emit,
  ) {
    this.#clock = world.clock
    this.#random = world.random
    this.#connect = connect
    this.#settings = settings
    this.#emit = emit
    this.tally = this.#counts
    this.#road = atRest(settings, this.#clock.monotonic())
    this.#sender = new Sender(this.#clock, settings, this.#counts, (failure) => this.#drop(failure))
  }

  get state(): LinkState {
    return stateOf(this.#road)
  }

  /** Why it is not connected; undefined when it is, or when nothing has failed yet. */
  get failure(): Failure | undefined {
    return this.#road.memory.failure
  }

  /** The server in use, or tried, or tried next, as `host:port`. */
  get server(): string {
    return serverOf(this.#road.memory, this.#settings)
  }

  /** Most records that may be out at once. */
  get maxInFlight(): number {
    return this.#settings.maxInFlight
  }

  /** Does nothing when it is open. One that is closing can be opened when `close` has resolved. */
  open(): void {
    if (this.#road.is !== 'disconnected') return
    this.#counts.downSinceAt = this.#clock.wall()
    this.#tell({ is: 'open' })
  }

  /**
   * Sends nothing more, waits at most `waitMs` for what is in flight, says goodbye and closes.
   * Records not settled by then never are.
   */
  close(waitMs: Ms): Promise<void> {
    this.#closing ??= this.#close(waitMs).finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  /** Skips the waiting time before the next attempt. */
  retryNow(): void {
    this.#tell({ is: 'retry' })
  }

  /** Once detached, nothing that was taken from this source is settled or sent again. */
  attach(source: Source): Cancel {
    return this.#sender.attach(source)
  }

  /** A source has something; it is asked in the next turn of the event loop. */
  wake(): void {
    this.#sender.wake()
  }

  listen(listener: LinkListener): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(event: RoadEvent): void {
    const { state, failure, server } = this
    const step = decide(this.#road, event, this.#clock.monotonic(), this.#settings)
    this.#road = step.road
    this.#counts.consecutiveFailures = step.road.memory.failures
    this.#setAlarm()
    if (step.connect !== undefined) this.#start(step.connect)
    for (const each of step.events) this.#emit(each)
    if (state === this.state && failure === this.failure && server === this.server) return
    for (const listener of [...this.#listeners]) listener.stateChanged()
  }

  #setAlarm(): void {
    this.#alarm?.()
    const at = wakeAt(this.#road)
    const left = at === undefined ? undefined : since(this.#clock.monotonic(), at)
    this.#alarm =
      left === undefined
        ? undefined
        : this.#clock.wake(ms(Math.max(0, left)), () => this.#tell({ is: 'time' }))
  }

  #start({ server, version }: NonNullable<Step['connect']>): void {
    const { clientId, username, password, tls, keepalive, connectTimeout } = this.#settings
    const attempt: Attempt = {}
    this.#attempt = attempt
    this.#counts.lastAttemptAt = this.#clock.wall()
    const request = {
      server,
      protocolVersion: version,
      clientId,
      keepalive,
      connectTimeout,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
    }
    attempt.transport = this.#connect(request, {
      connected: (session) => {
        const { transport } = attempt
        if (attempt !== this.#attempt || transport === undefined) return
        this.#connected({ transport, session, version, server: hostPort(server) })
      },
      ended: (how) => {
        if (attempt === this.#attempt) this.#ended(how)
      },
    })
  }

  #connected(line: Parameters<Sender['opened']>[0]): void {
    this.#counts.reconnections += this.#counts.connections > 0 ? 1 : 0
    this.#counts.connections += 1
    this.#counts.connectedAt = this.#clock.wall()
    this.#counts.downSinceAt = undefined
    this.#sender.opened(line)
    this.#tell({ is: 'connected' })
  }

  #ended(how: Ended): void {
    this.#attempt = undefined
    if (this.#road.is === 'connected') {
      this.#counts.disconnections += 1
      this.#counts.connectedAt = undefined
      this.#counts.downSinceAt = this.#clock.wall()
    }
    this.#sender.gone()
    // While closing, it does not matter any more why it ended.
    if (this.#closing !== undefined) return
    this.#tell({ is: 'ended', how, fraction: this.#random.fraction() })
  }

  /** The connection stands, but is of no use. */
  #drop(failure: Failure): void {
    this.#attempt?.transport?.destroy()
    this.#ended({ kind: 'transient', failure })
  }

  async #close(waitMs: Ms): Promise<void> {
    const open = this.#road.is === 'connected'
    if (open) await this.#sender.drain(waitMs)
    const transport = this.#attempt?.transport
    this.#attempt = undefined
    this.#sender.gone()
    this.#sender.forget()
    this.#counts.connectedAt = undefined
    this.#counts.downSinceAt = undefined
    this.#tell({ is: 'close' })
    if (transport === undefined) return
    if (open) await this.#goodbye(transport)
    transport.destroy()
  }

  #goodbye(transport: Transport): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.wake(goodbyeMax, resolve)
      const gone = () => {
        cancel()
        resolve()
      }
      transport.close().then(gone, gone)
    })
  }
}
