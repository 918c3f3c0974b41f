/**
 * The rules of a circuit breaker once more, as simply as they can be written: lists that are
 * filtered, and no thought of memory or speed. Knows no people and no monitor.
 */

import type { BreakerSettings } from '../../src/policy/circuit-breaker-state.js'
import type { Ended } from '../../src/policy/ended.js'

interface Done {
  readonly at: number
  readonly isFailed: boolean
  readonly isSlow: boolean
}

export class ListedBreaker {
  is: 'closed' | 'open' | 'half-open' = 'closed'
  until = 0
  trips = 0
  #since: number
  #calls: Done[] = []
  #probeDue: number | undefined
  #notBefore = 0
  /** Grows with every change, as permits carry it. */
  era = 0
  readonly #settings: BreakerSettings

  constructor(settings: BreakerSettings, now: number) {
    this.#settings = settings
    this.#since = now
  }

  /** Whether a message may go. */
  asks(now: number): boolean {
    this.time(now, 0)
    if (this.is === 'closed') return true
    if (this.is === 'open' || this.#probeDue !== undefined) return false
    this.#probeDue = now + this.#settings.probeTimeout
    return true
  }

  /** A result of this era, of a call that was permitted at `from`. */
  ends(from: number, ended: Ended, now: number, fraction: number): void {
    if (this.is === 'open') return
    this.#probeDue = undefined
    const isRefusal = ended.is === 'failed' && ended.why?.kind === 'refusal'
    if (isRefusal || !['ok', 'failed', 'timeout'].includes(ended.is)) return
    const isFailed = ended.is !== 'ok'
    if (!isFailed) this.#notBefore = 0
    if (isFailed && ended.retryAfter !== undefined)
      this.#notBefore = Math.max(this.#notBefore, now + Math.min(ended.retryAfter, 900_000))
    this.#calls.push({ at: now, isFailed, isSlow: now - from >= this.#settings.trip.slowAfter })
    if (this.is === 'closed' ? this.#isBroken(now) : this.#isLost()) this.#open(now, fraction)
    else if (this.is === 'half-open' && this.#good().length >= this.#settings.probeSuccesses)
      this.#become('closed', now)
  }

  time(now: number, fraction: number): void {
    if (this.is === 'open' && now >= this.until) this.#become('half-open', now)
    if (this.is !== 'half-open' || this.#probeDue === undefined || now < this.#probeDue) return
    this.#probeDue = undefined
    this.#calls.push({ at: now, isFailed: true, isSlow: true })
    if (this.#isLost()) this.#open(now, fraction)
  }

  #isBroken(now: number): boolean {
    const { consecutive, failureRate, slowRate, minimumCalls, window } = this.#settings.trip
    const lastGood = this.#calls.findLastIndex(({ isFailed }) => !isFailed)
    if (consecutive !== 'off' && this.#calls.length - 1 - lastGood >= consecutive) return true
    const tenth = window.is === 'time' ? window.span / 10 : 0
    const tenthOf = (at: number) => Math.floor((at - this.#since) / tenth)
    const inside =
      window.is === 'calls'
        ? this.#calls.slice(-window.count)
        : this.#calls.filter(({ at }) => tenthOf(now) - tenthOf(at) < 10)
    const floor = window.is === 'calls' ? Math.min(minimumCalls, window.count) : minimumCalls
    const share = (some: readonly Done[]) => some.length / inside.length
    const isOver = (rate: number | 'off', some: readonly Done[]) =>
      rate !== 'off' && some.length > 0 && share(some) >= rate
    if (inside.length < floor) return false
    return (
      isOver(
        failureRate,
        inside.filter(({ isFailed }) => isFailed),
      ) ||
      isOver(
        slowRate,
        inside.filter(({ isSlow }) => isSlow),
      )
    )
  }

  #good(): readonly Done[] {
    const minds = this.#settings.trip.slowRate !== 'off'
    return this.#calls.filter(({ isFailed, isSlow }) => !isFailed && !(minds && isSlow))
  }

  #isLost(): boolean {
    const bad = this.#calls.length - this.#good().length
    return bad > this.#settings.probes - this.#settings.probeSuccesses
  }

  #open(now: number, fraction: number): void {
    const { initial, factor, max, jitter } = this.#settings.backOff
    this.trips = this.is === 'closed' && now - this.#since >= 300_000 ? 1 : this.trips + 1
    const wait = Math.min(max, initial * factor ** (this.trips - 1)) * (1 - jitter * fraction)
    this.until = Math.max(now + Math.round(wait), this.#notBefore)
    this.#become('open', now)
  }

  #become(is: 'closed' | 'open' | 'half-open', now: number): void {
    this.is = is
    this.era += 1
    this.#since = now
    this.#calls = []
    this.#probeDue = undefined
    this.#notBefore = 0
  }
}
