/**
 * The link to a broker: connects, comes back after every failure, and delivers what its sources
 * hand out, in order, at least once, each record settled by the broker's own acknowledgement. It
 * keeps nothing on disk, gives up on nothing, and forgets everything when it is closed.
 */

import type { Emit } from '../base/event.js'
import type { Failure } from '../base/fault.js'
import type { Cancel, Exchange, World } from '../base/ports.js'
import { type Ms, ms, since } from '../base/units.js'
import { type Announce, Announcer } from './announcer.js'
import { Attempt, type RequestSettings, requestsFor } from './attempt.js'
import { noEcho } from './echo.js'
import type { Source } from './in-flight.js'
import { atRest, decide } from './link-state.js'
import { Lookout } from './lookout.js'
import { causeOf } from './outcome-of.js'
import {
  type LinkState,
  type Road,
  type RoadEvent,
  type RoadSettings,
  serverOf,
  stateOf,
  type Target,
  wakeAt,
} from './road.js'
import { Sender, type SenderSettings } from './sender.js'
import { blameOf, controlsMax } from './suspicion.js'
import { type LinkTally, newTally } from './tally.js'
import { type Connect, type Ended, hostPort, type Session } from './wire.js'

export type { Announce, Occasion } from './announcer.js'
export type { Delivered, Outgoing, Refused, Source } from './in-flight.js'
export type { Cause } from './outcome-of.js'
export type { LinkState } from './road.js'
export type { LinkTally } from './tally.js'

export interface LinkSettings extends RoadSettings, SenderSettings, RequestSettings {
  /** What to say first, last, and when this gateway vanishes. Absent: nothing. */
  readonly announce?: Announce
}

export interface LinkListener {
  /** State, failure or server differ from before. */
  stateChanged(): void
}

/** Last words and goodbye may take no longer than this, each. */
const goodbyeMax = ms(200)

export class Link {
  readonly #clock: World['clock']
  readonly #random: World['random']
  readonly #connect: Connect
  readonly #settings: LinkSettings
  readonly #emit: Emit
  readonly #listeners = new Set<LinkListener>()
  readonly #counts = newTally()
  readonly tally: LinkTally = this.#counts
  readonly #sender: Sender
  readonly #announcer: Announcer
  readonly #lookout: Lookout
  #road: Road
  /** Whatever an earlier one says is not heard. */
  #attempt: Attempt | undefined
  #alarm: Cancel | undefined
  /** Set while it says goodbye: it does not matter then why the connection ends. */
  #leaving: Promise<void> | undefined
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
    this.#announcer = new Announcer(settings.announce, emit)
    this.#lookout = new Lookout(connect, this.#clock, goodbyeMax)
    this.#road = atRest(settings, this.#clock.monotonic())
    const connections = 1 + (settings.moreClientIds?.length ?? 0)
    const broken = (failure: Failure) => this.#drop(failure)
    this.#sender = new Sender(this.#clock, connections, settings, this.#counts, broken)
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

  /** Most records that it has taken and not settled, over all connections; some of them wait. */
  get maxInFlight(): number {
    const connections = 1 + (this.#settings.moreClientIds?.length ?? 0)
    return this.#settings.maxInFlight * connections + 1 + controlsMax
  }

  /** The broker asks to slow down, or the rate limit has held messages back for a while. */
  get isThrottled(): boolean {
    return this.failure?.code === 'BROKER_BUSY' || this.#sender.isBraked
  }

  /** Does nothing when it is open. One that is closing can be opened when `close` has resolved. */
  open(): void {
    if (this.#road.is !== 'disconnected') return
    this.#counts.downSinceAt = this.#clock.wall()
    this.#tell({ is: 'open' })
  }

  /**
   * Sends nothing more, waits at most `waitMs` for what is in flight, says its last words and
   * goodbye, and closes. Records not settled by then never are.
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

  /** Sends a text to the broker and back, past all that waits. */
  echo(topic: string, text: string): Exchange<void> {
    return this.#attempt?.transports[0]?.echo(topic, text) ?? noEcho()
  }

  /** A source has something; it is asked in the next turn of the event loop. */
  wake(): void {
    this.#sender.wake()
  }

  /** A message for this link is safe on disk. */
  noteStored(): void {
    this.#counts.stored += 1
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
    if (step.look !== undefined) this.#lookAt(step.look)
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

  #start(target: Target): void {
    this.#counts.lastAttemptAt = this.#clock.wall()
    const attempt = new Attempt(this.#connect, {
      connected: (session) => {
        if (attempt === this.#attempt) this.#connected(attempt, session, target)
      },
      ended: (how) => {
        if (attempt === this.#attempt) this.#ended(how)
      },
    })
    this.#attempt = attempt
    this.#announcer.will((will) => {
      if (attempt === this.#attempt) attempt.dial(requestsFor(this.#settings, target, will))
    })
  }

  #connected({ transports }: Attempt, session: Session, { server, version }: Target): void {
    const attempt = this.#attempt
    this.#counts.reconnections += this.#counts.connections > 0 ? 1 : 0
    this.#counts.connections += 1
    this.#counts.connectedAt = this.#clock.wall()
    this.#counts.downSinceAt = undefined
    const line = { transports, session, version, server: hostPort(server) }
    this.#announcer.birth((announcements) => {
      if (attempt === this.#attempt) this.#sender.opened(line, announcements)
    })
    this.#tell({ is: 'connected' })
  }

  #ended(how: Ended): void {
    this.#attempt = undefined
    const wasConnected = this.#road.is === 'connected'
    const blame = blameOf(how.kind)
    const suspected = this.#sender.gone(blame)
    this.#announcer.ended(suspected === 'announcement' ? blame : 'none')
    if (this.#leaving !== undefined) return
    if (wasConnected) this.#countEnd(how)
    if (wasConnected && this.#isSupplanted(how)) {
      this.#tell({ is: 'return' })
      return
    }
    this.#tell({ is: 'ended', how, suspected, fraction: this.#random.fraction() })
  }

  #countEnd(how: Ended): void {
    const cause = causeOf(how)
    this.#counts.disconnections += 1
    this.#counts.disconnectionsBy[cause] = (this.#counts.disconnectionsBy[cause] ?? 0) + 1
    this.#counts.connectedAt = undefined
    this.#counts.downSinceAt = this.#clock.wall()
  }

  /** The connection stands, but is of no use. */
  #drop(failure: Failure): void {
    this.#attempt?.destroy()
    this.#ended({ kind: 'transient', failure })
  }

  /** The first server may be there again; a look is worth it only when nothing would wait. */
  #lookAt(target: Target): void {
    const [request] = requestsFor(this.#settings, target, undefined)
    if (request === undefined || this.#leaving !== undefined || !this.#sender.isIdle) return
    this.#lookout.look(request, (gone) => this.#goBack(gone))
  }

  /**
   * Servers of one cluster know each other's clients: the look has taken our client id away from
   * the connection that stands.
   */
  #isSupplanted({ kind, failure }: Ended): boolean {
    const isTaken = kind === 'closed' || failure.code === 'CLIENT_ID_IN_USE'
    return this.#lookout.stop() && isTaken
  }

  #goBack(lookoutGone: Promise<void>): void {
    if (this.#road.is !== 'connected' || !this.#sender.isIdle) return
    this.#leave(ms(0))
      .then(() => lookoutGone)
      .then(() => {
        if (this.#closing !== undefined) return
        this.#counts.downSinceAt = this.#clock.wall()
        this.#tell({ is: 'return' })
      })
  }

  async #close(waitMs: Ms): Promise<void> {
    this.#lookout.stop()
    await this.#leave(waitMs)
    this.#sender.forget()
    this.#counts.downSinceAt = undefined
    this.#tell({ is: 'close' })
  }

  /** From a connection that stands; one at a time. */
  #leave(waitMs: Ms): Promise<void> {
    this.#leaving ??= this.#sayGoodbye(waitMs).finally(() => {
      this.#leaving = undefined
    })
    return this.#leaving
  }

  /** Without its last words it leaves without a goodbye too, so that the will speaks instead. */
  async #sayGoodbye(waitMs: Ms): Promise<void> {
    const isOpen = this.#road.is === 'connected'
    if (isOpen) await this.#sender.drain(waitMs)
    const isSaid = isOpen && (await this.#announcer.close(this.#sender, goodbyeMax))
    const attempt = this.#attempt
    this.#attempt = undefined
    this.#sender.gone()
    this.#counts.connectedAt = undefined
    if (isSaid) await attempt?.close(this.#clock, goodbyeMax)
    else attempt?.destroy()
  }
}
