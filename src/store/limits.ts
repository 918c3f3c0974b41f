/**
 * Limits of a queue and what they mean for the next message: pure arithmetic over figures that the
 * queue hands in. It measures nothing and drops nothing.
 */

import { type Bytes, type EpochMs, epochMs, type Instant, type Ms, ms } from '../base/units.js'

export type Overflow = 'drop-oldest' | 'drop-newest' | 'reject'

export interface Limits {
  readonly maxMessages: number
  /** Framed bytes of the messages that wait. */
  readonly maxBytes: Bytes
  readonly maxAge: Ms | 'unlimited'
  /** Kept free on the disk: a share of it from 0 to 1, or bytes. */
  readonly freeDisk: { readonly share: number } | { readonly bytes: Bytes }
  readonly overflow: Overflow
  /** An event when so many wait. */
  readonly warnMessages: number | 'off'
}

/** What there is, the next message included. */
export interface Usage {
  readonly messages: number
  readonly bytes: Bytes
  /** Most bytes while the disk is short of room; Infinity while it is not. */
  readonly ceiling: Bytes
}

/** Which limit is passed, if any. `disk` means that others use the room. */
export type Passed = 'messages' | 'bytes' | 'disk' | undefined

export function passed(limits: Limits, usage: Usage): Passed {
  if (usage.messages > limits.maxMessages) return 'messages'
  if (usage.bytes > limits.maxBytes) return 'bytes'
  return usage.bytes > usage.ceiling ? 'disk' : undefined
}

const messageBytesMax = 64 << 20

/** One message is at most a quarter of the queue, and 64 MB. */
export function messageMax(limits: Limits): Bytes {
  return Math.min(Math.floor(limits.maxBytes / 4), messageBytesMax)
}

/** Bytes of the disk that stay free. */
export function floorOf(freeDisk: Limits['freeDisk'], total: Bytes): Bytes {
  return 'bytes' in freeDisk ? freeDisk.bytes : Math.floor(total * freeDisk.share)
}

/** No message was stored before this package was made: an older time is a clock that was wrong. */
const notBefore = Date.UTC(2026, 10, 1)
const jump = ms(3_600_000)
const holdAfterJump = ms(60_000)

/**
 * Age by a clock that may be wrong (gateways without a battery start in the past): a message from
 * before this package was made has none, nothing expires for 60 s after the wall clock was moved
 * by more than an hour, and a message from the future is new.
 */
export class Ages {
  #offset: number
  #trustedFrom: Instant

  constructor(wall: EpochMs, monotonic: Instant) {
    this.#offset = wall - monotonic
    this.#trustedFrom = monotonic
  }

  /** How old a message stored at that time is; undefined while the clock cannot be trusted. */
  of(storedAt: number, wall: EpochMs, monotonic: Instant): Ms | undefined {
    if (Math.abs(wall - monotonic - this.#offset) > jump) {
      this.#trustedFrom = (monotonic + holdAfterJump) as Instant
    }
    this.#offset = wall - monotonic
    if (monotonic < this.#trustedFrom) return undefined
    return storedAt < notBefore ? ms(0) : ageOf(storedAt, wall)
  }
}

export function ageOf(storedAt: number, wall: EpochMs): Ms {
  return ms(Math.max(0, wall - epochMs(storedAt)))
}
