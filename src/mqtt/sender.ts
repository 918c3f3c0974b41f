/**
 * The traffic of a link: takes records from its sources in turn, keeps the window full while a
 * connection is open, and settles each record once, when the broker has answered for it. It never
 * connects and never waits for a lost connection: it is told when a line opens and when it is gone.
 */

import type { Failure } from '../base/fault.js'
import type { Cancel, Clock } from '../base/ports.js'
import { after, type Ms, ms, since } from '../base/units.js'
import { encodedSize, refusalOf } from './admission.js'
import { type Entry, InFlight, type Limits, type Source, windowMax } from './in-flight.js'
import type { OwnTally } from './tally.js'
import type { ProtocolVersion, PublishOutcome, Session, Transport } from './wire.js'

export interface SenderSettings {
  /** How long the oldest record may wait for its acknowledgement. */
  readonly ackTimeout: Ms
  /** 1 to 100. */
  readonly maxInFlight: number
}

/** An open connection. */
export interface Line {
  readonly transport: Transport
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
  readonly #flight = new InFlight()
  readonly #sources: Source[] = []
  /** The source whose turn it is. */
  #turn = 0
  #line: Line | undefined
  #limits: Limits = { window: 0, windowOfQoS2: 0 }
  #pumpDue = false
  #alarm: Cancel | undefined
  /** Set while only waiting for what is in flight. */
  #drained: (() => void) | undefined

  /** `broken`: the open line must be dropped for this reason; `gone` is expected at once. */
  constructor(
    clock: Clock,
    settings: SenderSettings,
    tally: OwnTally,
    broken: (failure: Failure) => void,
  ) {
    this.#clock = clock
    this.#settings = settings
    this.#tally = tally
    this.#broken = broken
  }

  attach(source: Source): Cancel {
    this.#sources.push(source)
    this.wake()
    return () => {
      const at = this.#sources.indexOf(source)
      if (at < 0) return
      this.#sources.splice(at, 1)
      if (at < this.#turn) this.#turn -= 1
      this.#flight.forget(source)
    }
  }

  /** Looks for something to send in the next turn of the event loop; many calls count as one. */
  wake(): void {
    if (this.#pumpDue || this.#line === undefined) return
    this.#pumpDue = true
    this.#clock.soon(() => {
      this.#pumpDue = false
      this.#pump()
    })
  }

  /** A connection is open. */
  opened(line: Line): void {
    const window = Math.min(this.#settings.maxInFlight, line.session.receiveMaximum, windowMax)
    const windowOfQoS2 = line.version === 4 ? Math.min(window, unannouncedQoS2Max) : window
    this.#limits = { window, windowOfQoS2 }
    this.#line = line
    this.wake()
  }

  /** It is gone: nothing that it still says counts, and what it left unsettled goes out again. */
  gone(): void {
    this.#line = undefined
    this.#alarm?.()
    this.#alarm = undefined
    this.#flight.replay()
    this.#tally.inFlight = 0
    this.#drained?.()
  }

  /** Sends nothing more; resolves when all is settled, the line is gone or `span` over. */
  drain(span: Ms): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.wake(span, () => this.#drained?.())
      this.#drained = () => {
        cancel()
        resolve()
      }
      if (this.#flight.count === 0) this.#drained()
    })
  }

  /** Forgets every record, and may send again. */
  forget(): void {
    this.#drained = undefined
    this.#flight.clear()
  }

  #pump(): void {
    const line = this.#line
    if (line === undefined) return
    for (let handled = 0; handled < perTurnMax; handled++) {
      // A callback may have closed the line or the link meanwhile.
      if (line !== this.#line || this.#drained !== undefined) return
      const entry = this.#flight.waiting ?? this.#take()
      if (entry === undefined || !this.#handle(entry, line)) return
    }
    this.wake()
  }

  #take(): Entry | undefined {
    if (!this.#flight.hasRoom(this.#limits)) return undefined
    for (let asked = this.#sources.length; asked > 0; asked--) {
      const index = this.#turn % this.#sources.length
      const source = this.#sources[index]
      if (source === undefined) return undefined
      this.#turn = index + 1
      const outgoing = source.next()
      if (outgoing !== undefined) {
        return this.#flight.take(source, outgoing, this.#clock.monotonic())
      }
    }
    return undefined
  }

  /** False when the record must wait, and with it everything behind it. */
  #handle(entry: Entry, line: Line): boolean {
    const { packet } = entry.outgoing
    entry.size = encodedSize(packet, line.version)
    const failure = refusalOf(packet, entry.size, line.session, line.server)
    if (failure !== undefined) {
      this.#flight.skip()
      this.#refused(entry, failure)
      return true
    }
    if (!this.#flight.fits(entry, packet.qos, this.#limits, line.transport.bufferedBytes())) {
      return false
    }
    this.#flight.send(this.#clock.monotonic())
    this.#tally.inFlight = this.#flight.count
    line.transport.publish(packet, (outcome) => this.#answered(entry, line, outcome))
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
    if (this.#flight.count === 0) this.#drained?.()
    this.wake()
  }

  #delivered(entry: Entry, latencyMs: Ms): void {
    this.#tally.published += 1
    const { outgoing, attempts } = entry
    if (outgoing.packet.qos > 0) this.#tally.ackLatency.add(latencyMs)
    if (!entry.forgotten) outgoing.settled({ is: 'delivered', latencyMs, attempts })
  }

  #refused(entry: Entry, failure: Failure): void {
    this.#tally.refused += 1
    if (!entry.forgotten) {
      entry.outgoing.settled({ is: 'refused', failure, attempts: entry.attempts })
    }
  }

  /**
   * Keeps one alarm for the oldest unacknowledged record. It counts from when that record became
   * the oldest, or the tail of a full window would time out on a slow line although all is well.
   */
  #watch(): void {
    const oldestSince = this.#flight.oldestSince
    if (this.#alarm !== undefined || oldestSince === undefined) return
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

const timedOut = (server: string, time: Ms): Failure => ({
  code: 'PUBLISH_TIMEOUT',
  values: { server, time },
})
