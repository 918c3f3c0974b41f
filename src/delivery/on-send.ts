/**
 * A payload that is formed just before its message goes out, anew for each connection. A message
 * has one number of its topic for all attempts, and no number goes to a message that is not sent
 * because its payload could not be formed; that one is refused, and those behind it go on.
 */

import { type Failure, Fault, reasonOf } from '../base/fault.js'
import type { Outgoing } from '../mqtt/link.js'
import type { Packet } from '../mqtt/wire.js'
import { InTurn } from '../store/in-turn.js'
import type { Numbering } from '../store/numbering.js'
import type { StoredRecord } from '../store/tail.js'
import { identified, type MessageId } from './message-id.js'
import type { Publication } from './publication.js'

/** A message that is about to go out. */
export interface Leaving {
  readonly packet: Publication
  readonly record: Pick<StoredRecord, 'id' | 'storedAt'>
  /** Whether it waited for the link. */
  readonly isHistorical: boolean
}

export interface Counts {
  /** Of its topic, from 1, the same for each attempt. Undefined where no more can be counted. */
  readonly sequence: number | undefined
  /** Which message of this node it is on this connection, from 1. */
  readonly sinceConnect: number
}

/** Resolves with the payload; rejects with a Fault when there is none. */
export type Form = (message: Leaving, counts: Counts) => Promise<Packet['payload']>

export interface OnSendParts {
  readonly form: Form
  /** Absent: the payload has no use for it. */
  readonly numbering: Numbering | undefined
  readonly messageId: MessageId
  /** A message is ready for the link. */
  ready(): void
  /** The disk cannot keep the numbers. */
  failed(fault: Fault): void
}

export class OnSend {
  readonly #parts: OnSendParts
  readonly #turns = new InTurn()
  /** The newest connection, and what was formed for it. */
  #connection: object | undefined
  #formed = 0

  constructor(parts: OnSendParts) {
    this.#parts = parts
  }

  outgoing(message: Leaving, settled: Outgoing['settled']): Outgoing {
    return new Forming(
      message.packet,
      (connection) => this.#form(message, connection),
      () => this.#parts.ready(),
      (outcome) => {
        this.#parts.numbering?.forget(message.record.id)
        settled(outcome)
      },
    )
  }

  /** One after another, so that numbers follow the order of sending. */
  #form(message: Leaving, connection: object): Promise<Packet | Failure | undefined> {
    return this.#turns
      .take(() => this.#work(message, connection))
      .catch((error: unknown) => {
        if (error instanceof Fault && error.code === 'EXPRESSION_FAILED') return error
        // Nothing is wrong with the message: it stays until the disk is well again.
        this.#parts.failed(error instanceof Fault ? error : unwritable(error))
        return undefined
      })
  }

  async #work(message: Leaving, connection: object): Promise<Packet> {
    const { form, numbering, messageId } = this.#parts
    const { packet, record } = message
    if (this.#connection !== connection) this.#formed = 0
    this.#connection = connection
    const sequence = numbering === undefined ? 0 : numbering.of(packet.topic, record.id)
    const payload = await form(message, { sequence, sinceConnect: this.#formed + 1 })
    await numbering?.take(packet.topic, record.id)
    this.#formed++
    return identified({ ...packet, payload }, record.id, messageId)
  }
}

/** Undefined when it cannot be told now. */
type FormFor = (connection: object) => Promise<Packet | Failure | undefined>

/** One message on its way; the link asks before each sending. */
class Forming implements Outgoing {
  packet: Packet
  readonly settled: Outgoing['settled']
  readonly #form: FormFor
  readonly #ready: () => void
  #connection: object | undefined
  #state: Failure | 'forming' | undefined = 'forming'

  constructor(packet: Packet, form: FormFor, ready: () => void, settled: Outgoing['settled']) {
    this.packet = packet
    this.#form = form
    this.#ready = ready
    this.settled = settled
  }

  formedFor(connection: object): Failure | 'forming' | undefined {
    if (connection === this.#connection) return this.#state
    this.#connection = connection
    this.#state = 'forming'
    this.#form(connection).then((result) => {
      if (connection !== this.#connection || result === undefined) return
      if ('code' in result) this.#state = result
      else {
        this.packet = result
        this.#state = undefined
      }
      this.#ready()
    })
    return 'forming'
  }
}

const unwritable = (error: unknown) => new Fault('DISK_UNWRITABLE', { why: reasonOf(error) }, error)
