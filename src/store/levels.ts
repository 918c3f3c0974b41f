/**
 * What a person is told of a queue's level: that a limit is reached or comes near, that many wait.
 * Each is told once, and its end when most of it has gone: a queue that stands at its limit is full
 * and not full by turns. It drops nothing and refuses nothing.
 */

import type { Emit, Event } from '../base/event.js'
import type { Ms } from '../base/units.js'
import { type Limits, type Passed, passed, type Usage } from './limits.js'

/** Share of a limit at which it is said to come near. */
const near = 0.8
/** Share of a level or limit below which the next crossing is told again. */
const rearm = 0.8

interface Level {
  readonly limit: Extract<Event, { kind: 'queue.warned' }>['limit']
  readonly at: number
  isTold: boolean
}

export class Levels {
  readonly #limits: Limits
  readonly #emit: Emit
  readonly #count: Level
  readonly #messages: Level
  readonly #bytes: Level
  readonly #age: Level
  /** As it was last handed in; undefined before that. */
  #oldestMs: Ms | undefined
  #last: Pick<Usage, 'messages' | 'bytes'> = { messages: 0, bytes: 0 }
  /** Whether a limit keeps messages out, or pushes old ones out. */
  isFull = false
  /** The limit that was told to be reached, until there is room again. */
  #full: NonNullable<Passed> | undefined

  constructor(limits: Limits, emit: Emit) {
    const { warnMessages, maxMessages, maxBytes, maxAge } = limits
    this.#limits = limits
    this.#emit = emit
    this.#count = level('count', warnMessages === 'off' ? Infinity : warnMessages)
    this.#messages = level('messages', maxMessages * near)
    this.#bytes = level('bytes', maxBytes * near)
    this.#age = level('age', maxAge === 'unlimited' ? Infinity : maxAge * near)
  }

  /** A message came upon this limit, with so many waiting. */
  full(limit: NonNullable<Passed>, usage: Pick<Usage, 'messages' | 'bytes'>): void {
    this.isFull = true
    if (this.#full !== undefined) return
    this.#full = limit
    this.#emit({ kind: 'queue.full', limit, ...this.#figures(usage) })
  }

  /** Of the limit of age; 0 where there is none. */
  get ageRatio(): number {
    const { maxAge } = this.#limits
    return maxAge === 'unlimited' ? 0 : (this.#oldestMs ?? 0) / maxAge
  }

  /** So many wait now. */
  note(usage: Usage): void {
    const { messages, bytes, ceiling } = usage
    const limits = this.#limits
    this.#last = usage
    if (this.isFull) {
      this.isFull = passed(limits, { ...usage, messages: messages + 1 }) !== undefined
    }
    const limit = this.#full
    const grown = { messages: messages / rearm, bytes: bytes / rearm, ceiling }
    if (limit !== undefined && passed(limits, grown) === undefined) {
      this.#full = undefined
      this.#emit({ kind: 'queue.drained', resolves: 'queue.full', limit, ...this.#figures(usage) })
    }
    this.#stands(this.#count, messages)
    this.#stands(this.#messages, messages)
    this.#stands(this.#bytes, bytes)
  }

  /** The oldest message has waited this long, 0 when none waits; by a clock that can be trusted. */
  aged(oldest: Ms): void {
    this.#oldestMs = oldest
    this.#stands(this.#age, oldest)
  }

  #stands(level: Level, now: number): void {
    const { limit, at } = level
    const isReached = now >= at
    if (level.isTold === isReached || (level.isTold && now >= at * rearm)) return
    level.isTold = isReached
    const figures = this.#figures(this.#last)
    if (isReached) this.#emit({ kind: 'queue.warned', limit, ...figures })
    else this.#emit({ kind: 'queue.drained', resolves: 'queue.warned', limit, ...figures })
  }

  #figures({ messages: waiting, bytes }: Pick<Usage, 'messages' | 'bytes'>) {
    const oldestMs = this.#oldestMs
    return { waiting, bytes, ...(oldestMs === undefined ? {} : { oldestMs }) }
  }
}

function level(limit: Level['limit'], at: number): Level {
  return { limit, at, isTold: false }
}
