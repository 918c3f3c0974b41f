/**
 * A message as it comes out of the journal, made of what lies in a segment or is about to. It knows
 * how ids are built and how an adopted message carries the one it had before; whether the bytes are
 * right was proved elsewhere.
 */

import { type Bytes, type EpochMs, epochMs, type Sequence } from '../base/units.js'
import type { Message } from './active.js'
import { adoptedFlag, fieldAt, framingBytes, headerBytes } from './record.js'
import type { Segment } from './segment.js'
import type { StoredRecord } from './tail.js'
import { afterLine, withLine } from './text.js'

/** Bytes of a segment that were read in one go. */
export interface Window {
  readonly queueId: string
  readonly segment: Segment
  readonly bytes: Buffer
}

/**
 * A message in a window; each part of it is made when somebody asks. Hundreds are read ahead of
 * their turn. With all their parts they would be most of what every collection of young objects
 * finds alive, and to that the runtime answers with ever more room for young objects.
 */
export class WindowRecord implements StoredRecord {
  readonly sequence: Sequence
  readonly #window: Window
  readonly #at: number

  /** Of the record at `at`, which was proved. */
  constructor(window: Window, at: number, sequence: Sequence) {
    this.sequence = sequence
    this.#window = window
    this.#at = at
  }

  get id(): string {
    const { queueId, segment } = this.#window
    return this.#isAdopted ? parted(this.#bytes).id : idOf(queueId, segment.salt, this.sequence)
  }

  get payload(): Uint8Array {
    return this.#isAdopted ? parted(this.#bytes).payload : this.#bytes
  }

  get storedAt(): number {
    return this.#field('time')
  }

  get codec(): number {
    return this.#field('codec')
  }

  get lane(): number {
    return this.#field('lane')
  }

  get bytes(): Bytes {
    return this.#field('length') + framingBytes
  }

  get #isAdopted(): boolean {
    return this.#field('flags') === adoptedFlag
  }

  get #bytes(): Buffer {
    const from = this.#at + headerBytes
    return this.#window.bytes.subarray(from, from + this.#field('length'))
  }

  #field(field: 'length' | 'time' | 'codec' | 'flags' | 'lane'): number {
    return fieldAt(this.#window.bytes, this.#at, field)
  }
}

/** What the ids of messages begin with that one opening of a journal stores. */
export interface Names {
  readonly queueId: string
  readonly salt: string
}

/** A message as it was just stored. */
export function mirroredFrom(
  { queueId, salt }: Names,
  message: Message,
  sequence: Sequence,
  time: EpochMs,
): StoredRecord {
  const { codec, lane, storedAt, payload, value } = message
  const bytes = payload.length + framingBytes
  if (storedAt !== undefined) {
    const { id, payload: own } = parted(payload)
    return { sequence, id, storedAt, codec, lane, payload: own, bytes }
  }
  const id = idOf(queueId, salt, sequence)
  return value === undefined
    ? { sequence, id, storedAt: time, codec, lane, payload, bytes }
    : { sequence, id, storedAt: time, codec, lane, payload, bytes, value }
}

function idOf(queueId: string, salt: string, sequence: Sequence): string {
  return `${queueId}-${salt}-${sequence}`
}

/** A message that keeps its id and its time in another journal. */
export function adoptedFrom(
  record: Pick<StoredRecord, 'id' | 'storedAt' | 'codec' | 'lane' | 'payload'>,
): Message {
  const { id, storedAt, codec, lane, payload } = record
  const bytes = withLine(id.replaceAll('\n', ' '), payload)
  return { payload: bytes, codec, lane, storedAt: epochMs(storedAt) }
}

/** The first line, which is the id, and the payload behind it. */
function parted(bytes: Uint8Array): { readonly id: string; readonly payload: Uint8Array } {
  const { line = '', rest = bytes } = afterLine(bytes) ?? {}
  return { id: line, payload: rest }
}
