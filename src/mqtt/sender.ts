/**
 * The traffic of a link: takes records from its sources in turn, keeps the window full while a
 * connection is open, and settles each record once, when the broker has answered for it. It never
 * connects and never waits for a lost connection: it is told when a line opens and when it is gone.
 */

import type { Failure } from '../base/fault.js'
import type { Cancel, Clock } from '../base/ports.js'
import { after, type Ms, ms, since } from '../base/units.js'
import type { Rate } from '../policy/rate.js'
import { refusalOf } from './admission.js'
import { Brake } from './brake.js'
import {
  type Delivered,
  type Entry,
  InFlight,
  type Limits,
  type Outgoing,
  type Refused,
  type Source,
} from './in-flight.js'
import { windowMax } from './lane.js'
import { Once } from './once.js'
import { timedOut } from './outcome-of.js'
import { encodedSize } from './publish-packet.js'
import { type Blame, Quarantine, type Suspected } from './quarantine.js'
import { Sources } from './sources.js'
import type { OwnTally } from './tally.js'
import type { ProtocolVersion, PublishOutcome, Session, Transport } from './wire.js'

export interface SenderSettings {
  /** How long the oldest record may wait for its acknowledgement. */
  readonly ackTimeout: Ms
  /** 1 to 100, for each connection. */
  readonly maxInFlight: number
  /** Brakes everything but announcements. Absent: unlimited. */
  readonly rate?: Rate
}

/** Open connections, used as one. */
export interface Line {
  /** One for each lane. */
  readonly transports: readonly Transport[]
  readonly session: Session
  readonly version: ProtocolVersion
  readonly server: string
}

/** Brokers that announce no limit on 3.1.1 are known to drop QoS 2 above this without a word. */
const unannouncedQoS2Max = 20
/** Records handled in one turn of the event loop, so that a row of refusals cannot hold it up. */
const perTurnMax = 256

export class Sender {
  readonly #clock: Clock
  readonly #settings: SenderSettings
  readonly #tally: OwnTally
  readonly #broken: (failure: Failure) => void
  readonly #flight: InFlight
  readonly #brake: Brake
  readonly #quarantine: Quarantine
  readonly #sources = new Sources()
  #line: Line | undefined
  #limits: Limits = { window: 0, windowOfQoS2: 0 }
  readonly #pumping: Once
  readonly #refilling: Once
  #alarm: Cancel | undefined
  /** Announcements not yet settled; records wait for them. */
  #announcing = 0
  /** Nothing is taken from the sources any more. */
  #isParting = false
  /** Set while somebody waits for what is in flight. */
  #drained: (() => void) | undefined

  /** `broken`: the open line must be dropped for this reason; `gone` is expected at once. */
  constructor(
    clock: Clock,
    connections: number,
    settings: SenderSettings,
    tally: OwnTally,
    broken: (failure: Failure) => void,
  ) {
    this.#clock = clock
    this.#settings = settings
    this.#tally = tally
    this.#broken = broken
    this.#flight = new InFlight(connections)
    this.#quarantine = new Quarantine(this.#flight)
    const pump = () => this.#pump()
    this.#pumping = new Once((call) => clock.soon(call), pump)
    this.#refilling = new Once(queueMicrotask, pump)
    this.#brake = new Brake(clock, settings.rate, () => this.wake())
  }

  /** Held back by the rate for a while now. */
  get isBraked(): boolean {
    return this.#brake.isBraking
  }

  /** Nothing is out and nothing waits, as far as the sources know. */
  get isIdle(): boolean {
    return this.#flight.isEmpty && this.#sources.areEmpty
  }

  attach(source: Source): Cancel {
    this.#sources.add(source)
    this.wake()
    return () => {
      if (this.#sources.remove(source)) this.#flight.forget(source)
    }
  }

  /** Looks for something to send in the next turn of the event loop; many calls count as one. */
  wake(): void {
    if (this.#line !== undefined) this.#pumping.ask()
  }

  /** A connection is open. Records wait until every announcement is answered. */
  opened(line: Line, announcements: readonly Outgoing[] = []): void {
    const window = Math.min(this.#settings.maxInFlight, line.session.receiveMaximum, windowMax)
    const windowOfQoS2 = line.version === 4 ? Math.min(window, unannouncedQoS2Max) : window
    this.#limits = { window, windowOfQoS2 }
    this.#line = line
    this.#announce(announcements)
    this.wake()
  }

  /**
   * It is gone: nothing that it still says counts, and what it left unsettled goes out again.
   * Returns what the broker may have ended it for.
   */
  gone(blame: Blame = 'none'): Suspected {
    this.#line = undefined
    this.#isParting = false
    this.#alarm?.()
    this.#alarm = undefined
    this.#brake.release()
    const suspected = this.#quarantine.ended(blame)
    this.#announcing = 0
    this.#flight.replay()
    this.#tally.inFlight = 0
    this.#drained?.()
    return suspected
  }

  /** Takes nothing more; resolves when all is settled, the line is gone or `span` over. */
  drain(span: Ms): Promise<void> {
    this.#isParting = true
    return this.#untilQuiet(span)
  }

  /** After draining: the last words. Resolves with whether the broker has answered for all. */
  async part(announcements: readonly Outgoing[], span: Ms): Promise<boolean> {
    this.#announce(announcements)
    this.wake()
    if (this.#announcing > 0) await this.#untilQuiet(span)
    return this.#line !== undefined && this.#announcing === 0
  }

  /** Forgets every record. The line must be gone. */
  forget(): void {
    this.#flight.clear()
    this.#quarantine.forget()
  }

  #untilQuiet(span: Ms): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.wake(span, () => this.#drained?.())
      this.#drained = () => {
        cancel()
        this.#drained = undefined
        resolve()
      }
      this.#noteQuiet()
    })
  }

  #noteQuiet(): void {
    if (this.#flight.count === 0 && this.#announcing === 0) this.#drained?.()
  }

  #announce(announcements: readonly Outgoing[]): void {
    const now = this.#clock.monotonic()
    this.#announcing += announcements.length
    for (const each of announcements) this.#flight.take(undefined, each, now)
  }

  #pump(): void {
    const line = this.#line
    for (let handled = 0; handled < perTurnMax; handled++) {
      // A callback may have closed the line or the link meanwhile.
      if (line === undefined || line !== this.#line) return
      const entry = this.#next()
      if (entry === undefined) return
      if (!this.#handle(entry, line)) return
    }
    this.wake()
  }

  #next(): Entry | undefined {
    const first = this.#flight.waiting.at(0)
    if (first !== undefined && first.source === undefined) return first
    if (this.#isParting || this.#announcing > 0) return undefined
    if (this.#quarantine.needsControl) return this.#quarantine.control(() => this.#take())
    const next = first ?? this.#take()
    if (next === undefined && this.#flight.hasRoom(this.#limits)) this.#brake.release()
    return next
  }

  #take(): Entry | undefined {
    if (!this.#flight.hasRoom(this.#limits)) return undefined
    const next = this.#sources.next()
    if (next === undefined) return undefined
    return this.#flight.take(next.source, next.outgoing, this.#clock.monotonic())
  }

  /** False when the record must wait, and with it everything behind it. */
  #handle(entry: Entry, line: Line): boolean {
    const unformed = entry.outgoing.formedFor?.(line)
    if (unformed === 'forming') return false
    const { packet } = entry.outgoing
    entry.size = encodedSize(packet, line.version)
    const failure = unformed ?? refusalOf(packet, entry.size, line.session, line.server)
    if (failure !== undefined) {
      this.#flight.skip(entry)
      this.#refused(entry, failure)
      return true
    }
    const transport = line.transports[entry.lane]
    if (transport === undefined || this.#quarantine.mustWait(entry)) return false
    if (!this.#flight.fits(entry, packet.qos, this.#limits, transport.bufferedBytes())) return false
    if (entry.source !== undefined && !this.#brake.mayGo()) return false
    this.#brake.sent(entry.size)
    this.#flight.send(entry, this.#clock.monotonic())
    this.#tally.inFlight = this.#flight.count
    transport.publish(packet, (how) => this.#answered(entry, line, how), entry.size)
    this.#watch()
    return true
  }

  #answered(entry: Entry, line: Line, outcome: PublishOutcome): void {
    if (line !== this.#line) return
    if (outcome.is === 'busy') {
      this.#broken(outcome.failure)
      return
    }
    const now = this.#clock.monotonic()
    if (!this.#flight.settle(entry, now)) return
    this.#tally.inFlight = this.#flight.count
    if (outcome.is === 'refused') this.#refused(entry, outcome.failure)
    else this.#delivered(entry, since(entry.sentAt, now))
    // The broker has room: before others get their turn, unless the socket is never full.
    if (entry.outgoing.packet.qos === 0) this.wake()
    else this.#refilling.ask()
  }

  #delivered(entry: Entry, latencyMs: Ms): void {
    const { outgoing, attempts, source } = entry
    this.#settle(entry, { is: 'delivered', latencyMs, attempts })
    if (source === undefined) return
    this.#tally.published += 1
    if (outgoing.packet.qos > 0) this.#tally.ackLatency.add(latencyMs)
    const poison = this.#quarantine.acknowledged(entry)
    if (poison === undefined) return
    this.#flight.skip(poison)
    this.#refused(poison, { code: 'POISON', values: { n: poison.attempts } })
  }

  #refused(entry: Entry, failure: Failure): void {
    if (entry.source !== undefined) this.#tally.failed += 1
    this.#settle(entry, { is: 'refused', failure, attempts: entry.attempts })
  }

  #settle(entry: Entry, outcome: Delivered | Refused): void {
    if (entry.source === undefined) this.#announcing -= 1
    if (!entry.forgotten) entry.outgoing.settled(outcome)
    this.#noteQuiet()
  }

  /**
   * Keeps one alarm for the oldest unacknowledged record of any lane. It counts from when that
   * record became the oldest, or the tail of a full window would time out on a slow line although
   * all is well.
   */
  #watch(): void {
    const oldestSince = this.#alarm === undefined ? this.#flight.oldestSince : undefined
    if (oldestSince === undefined) return
    const { ackTimeout } = this.#settings
    const left = since(this.#clock.monotonic(), after(oldestSince, ackTimeout))
    this.#alarm = this.#clock.wake(ms(Math.max(0, left)), () => {
      this.#alarm = undefined
      const oldest = this.#flight.oldestSince
      if (oldest === undefined || this.#line === undefined) return
      if (since(oldest, this.#clock.monotonic()) < ackTimeout) this.#watch()
      else this.#broken(timedOut(this.#line.server, ackTimeout))
    })
  }
}
