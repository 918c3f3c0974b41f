/**
 * Store-and-forward for one node: what `accept` resolved for is on disk, leaves it only when the
 * broker has acknowledged or refused it for good, and goes out in the order in which it came. It
 * starts no attempt of its own: the link asks for the next record when it has room.
 */

import type { Emit } from '../base/event.js'
import { type Failure, Fault } from '../base/fault.js'
import type { Cancel, World } from '../base/ports.js'
import { type Ms, type Sequence, since } from '../base/units.js'
import { Brake } from '../mqtt/brake.js'
import type { Delivered, Link, Outgoing, Refused } from '../mqtt/link.js'
import type { Rate } from '../policy/rate.js'
import type { Queue } from '../store/queue.js'
import type { StoredRecord } from '../store/tail.js'
import type { Priority } from '../store/turns.js'
import type { Confirmations } from './confirmations.js'
import { Drain } from './drain.js'
import { identified, type MessageId } from './message-id.js'
import type { OnSend } from './on-send.js'
import {
  asHistorical,
  messageOf,
  type Publication,
  publicationOf,
  withTimeLeft,
} from './publication.js'
import { ReadAhead } from './read-ahead.js'
import { type Receipt, refusedAs } from './receipt.js'
import { Replay, type ReplayOrder } from './replay.js'

export type { Receipt }

export interface ForwarderSettings {
  /** Messages that come while the link is down: `latest` keeps the newest of each topic. */
  readonly whenOffline: 'store' | 'latest' | 'discard' | 'fail'
  readonly doneWhen: 'stored' | 'delivered'
  readonly replayOrder: ReplayOrder
  /** How fast the backlog goes out. */
  readonly replayRate: Rate
  /** How receivers recognise a message that came twice. */
  readonly messageId: MessageId
  /** Live-first: where the backlog is published instead; empty for the same topic. */
  readonly replayTopic: string
}

export interface ForwarderParts {
  readonly clock: World['clock']
  readonly queue: Queue
  readonly link: Link
  readonly emit: Emit
  readonly confirmations: Confirmations
  /** Forms each payload just before it is sent. Absent: it goes out as it was accepted. */
  readonly onSend?: OnSend | undefined
}

export interface ForwarderHost {
  /** Something that a status shows may have changed. */
  changed(): void
  /** A stored message was delivered, or refused for good, and is gone. */
  ended(receipt: Receipt): void
  /** Instead of `ended` for a refused one: it is gone when this resolves. Never rejects. */
  keep?(receipt: Receipt): Promise<void>
}

/** A backlog this small is the ordinary traffic of a connected link. */
const backlogMin = 100

export class Forwarder {
  readonly #confirmations: Confirmations
  readonly #clock: World['clock']
  readonly #queue: Queue
  readonly #link: Link
  readonly #settings: ForwarderSettings
  readonly #host: ForwarderHost
  readonly #emit: Emit
  readonly #onSend: OnSend | undefined
  readonly #replay: Replay
  readonly #ahead: ReadAhead
  readonly #release: readonly Cancel[]
  #isStopped = false
  #isPaused = false
  #wasConnected = false
  #drain: Drain | undefined
  #emptied: (() => void) | undefined

  constructor(
    { clock, queue, link, emit, confirmations, onSend }: ForwarderParts,
    settings: ForwarderSettings,
    host: ForwarderHost,
  ) {
    this.#confirmations = confirmations
    this.#clock = clock
    this.#queue = queue
    this.#link = link
    this.#settings = settings
    this.#emit = emit
    this.#onSend = onSend
    this.#host = host
    const brake = new Brake(clock, settings.replayRate, () => link.wake())
    this.#ahead = new ReadAhead(clock, queue, () => link.wake())
    this.#replay = new Replay(settings.replayOrder, queue, brake)
    this.#release = [
      link.attach({
        next: () => this.#next(),
        isEmpty: () => queue.waiting === 0,
        heldBack: () => queue.endSuspicion(),
      }),
      link.listen({ stateChanged: () => this.#linkChanged() }),
    ]
    this.#linkChanged()
    link.wake()
  }

  /** The backlog on its way out, while there is one and the link is up. */
  get drain(): Drain | undefined {
    return this.#drain
  }

  /** Whether a person has stopped the sending; messages are stored meanwhile. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused
    if (!isPaused) this.#link.wake()
    this.#host.changed()
  }

  /**
   * Resolves when the message is as safe as the durability setting says, or delivered, as
   * `doneWhen` has it; `kept` hears before that why it failed when it was to be delivered and is
   * kept as a dead letter. Rejects as `Queue.accept`, with OFFLINE, or with why it was not delivered.
   */
  accept(packet: Publication, kept: (failure: Failure) => void = () => {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const { whenOffline, doneWhen } = this.#settings
      const isConnected = this.#link.state === 'connected'
      if (!isConnected && whenOffline === 'fail') throw new Fault('OFFLINE')
      if (!isConnected && whenOffline === 'discard') {
        this.#queue.turnAway(packet.topic, 'offline')
        this.#host.changed()
        return resolve()
      }
      const message = messageOf(packet)
      const priority = this.#replay.enter(isConnected)
      const stored = (sequence: Sequence | undefined) => {
        this.#stored(sequence)
        if (sequence === undefined || doneWhen === 'stored') resolve()
        else resolve(this.#confirmations.wait(priority, sequence, kept))
      }
      const failed = (error: unknown) => {
        this.#replay.leave()
        reject(error)
      }
      this.#queue.put({ message, key: packet.topic, priority }, { stored, failed })
    })
  }

  /** Undefined for a message that was dropped as the newest. */
  #stored(sequence: Sequence | undefined): void {
    this.#replay.leave()
    if (sequence !== undefined) this.#link.noteStored()
    // Nothing is announced as out before it can go out: a kill meanwhile would make it a suspect.
    if (this.#link.state === 'connected' && !this.#isPaused) this.#ahead.want()
    this.#host.changed()
  }

  /**
   * Sends nothing new, waits at most `wait` for what is out, and lets go of the link. The queue is
   * left to its owner.
   */
  async close(wait: Ms): Promise<void> {
    this.#isStopped = true
    if (this.#queue.inFlight > 0 && this.#link.state === 'connected') {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.wake(wait, resolve)
        this.#emptied = () => {
          cancel()
          resolve()
        }
      })
    }
    this.#ahead.stop()
    this.#replay.stop()
    for (const release of this.#release) release()
    this.#confirmations.interrupt()
  }

  #next(): Outgoing | undefined {
    if (this.#isStopped || this.#isPaused) return undefined
    this.#noteConnected(true)
    for (;;) {
      const { allowed } = this.#replay
      if (allowed === 'none') return undefined
      const only = allowed === 'any' ? undefined : allowed
      const record = this.#queue.takeReady(only)
      if (record === undefined) {
        this.#ahead.want(only)
        return undefined
      }
      const outgoing = this.#outgoing(record)
      if (outgoing !== undefined) return outgoing
    }
  }

  /** Undefined for a record that can no longer be sent; it is settled then. */
  #outgoing(record: StoredRecord): Outgoing | undefined {
    const priority = this.#queue.priorityOf(record)
    const isHistorical = this.#replay.took(priority, record.payload.length)
    try {
      const packet = withTimeLeft(publicationOf(record), record.storedAt, this.#clock.wall())
      if (packet === undefined) {
        this.#queue.settle(record, 'expired')
        return undefined
      }
      const marked = isHistorical ? this.#marked(packet, record) : packet
      const leaving = { packet: marked, record, isHistorical }
      if (this.#onSend !== undefined) {
        const outgoing = this.#onSend.outgoing(leaving, (outcome) => {
          this.#settled({ ...leaving, packet: outgoing.packet }, priority, outcome)
        })
        return outgoing
      }
      leaving.packet = identified(marked, record.id, this.#settings.messageId)
      return {
        packet: leaving.packet,
        settled: (outcome) => this.#settled(leaving, priority, outcome),
      }
    } catch {
      this.#queue.settle(record, 'damaged') // counted and announced by the queue
      return undefined
    }
  }

  /** Beside new messages old ones must be known as such; in strict order nothing is changed. */
  #marked(packet: Publication, { storedAt }: StoredRecord): Publication {
    const { replayOrder, replayTopic } = this.#settings
    return replayOrder === 'strict' ? packet : asHistorical(packet, storedAt, replayTopic)
  }

  #settled(
    about: Pick<Receipt, 'packet' | 'record' | 'isHistorical'>,
    priority: Priority,
    outcome: Delivered | Refused,
  ): void {
    const { packet, record, isHistorical } = about
    const isDelivered = outcome.is === 'delivered'
    const reason = isDelivered ? 'refused' : refusedAs(outcome.failure)
    const failure = isDelivered ? undefined : outcome.failure
    const end = isDelivered ? 'delivered' : reason
    const { keep } = this.#host
    if (keep !== undefined && !isDelivered) {
      const receipt = { ...about, outcome, reason, isTold: false }
      void keep(receipt).then(() => {
        this.#confirmations.ended(priority, record.sequence, 'dead-lettered', failure)
        this.#queue.settle(record, 'dead-lettered')
        this.#left()
      })
    } else {
      const isTold = this.#confirmations.ended(priority, record.sequence, end, failure)
      this.#queue.settle(record, end)
      this.#host.ended({ packet, record, isHistorical, outcome, reason, isTold })
    }
    this.#left()
  }

  /** Something may have left the queue. */
  #left(): void {
    if (this.#queue.inFlight === 0) this.#emptied?.()
    if (this.#drain !== undefined) this.#sampleDrain(this.#drain)
    this.#host.changed()
  }

  #linkChanged(): void {
    const { waiting } = this.#queue
    const isConnected = this.#link.state === 'connected'
    this.#noteConnected(isConnected)
    this.#queue.conflates = this.#settings.whenOffline === 'latest' && !isConnected
    if (!isConnected || waiting <= backlogMin) this.#drain = undefined
    else this.#drain ??= new Drain(waiting, this.#clock.monotonic())
    this.#host.changed()
  }

  /** The link may ask for a record before it tells of its new state. */
  #noteConnected(isConnected: boolean): void {
    if (isConnected && !this.#wasConnected) this.#replay.begin()
    this.#wasConnected = isConnected
  }

  #sampleDrain(drain: Drain): void {
    const now = this.#clock.monotonic()
    drain.sample(this.#queue.waiting, now)
    if (this.#queue.waiting > backlogMin) return
    this.#drain = undefined
    const tookMs = since(drain.startedAt, now)
    this.#emit({ kind: 'queue.drained', count: drain.count, tookMs })
  }
}
