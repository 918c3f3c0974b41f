/**
 * Letters of one redrive that are out: each goes to the flow once, and what became of it is carried
 * out before the job is told. It chooses no letter and knows no rate.
 */

import type { Clock } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { endedFrom } from '../policy/ended.js'
import { causeOf } from '../policy/letter-cause.js'
import { type LetterFate, letterFateOf } from '../policy/letter-fate.js'
import type { Ending } from '../policy/outcome.js'
import type { RedriveEnd } from '../policy/redrive.js'
import { releaseWorthOf } from '../policy/release-worth.js'
import type { Letter, LetterFailure } from './letter.js'
import type { Entry } from './letter-index.js'
import { failureOf } from './letter-story.js'
import type { Letters } from './letters.js'
import type { RedriveHost, RedriveSettings } from './redrive-host.js'

interface Flight {
  readonly entry: Entry
  readonly letter: Letter
  readonly job: string
  readonly ended: (as: RedriveEnd) => void
  token: string | undefined
}

export class RedriveFlights {
  /** Of the letters that are out. */
  bytes: Bytes = 0
  readonly #clock: Clock
  readonly #letters: Letters
  readonly #settings: RedriveSettings
  readonly #host: RedriveHost
  readonly #flights = new Set<Flight>()
  /** Being written. */
  readonly #writing = new Set<Promise<void>>()
  #isClosed = false

  constructor(clock: Clock, letters: Letters, settings: RedriveSettings, host: RedriveHost) {
    this.#clock = clock
    this.#letters = letters
    this.#settings = settings
    this.#host = host
  }

  /** Resolves with whether it went; then `ended` is called once, later. */
  async send(entry: Entry, job: string, ended: (as: RedriveEnd) => void): Promise<boolean> {
    const size = entry.bytes
    this.bytes += size
    const letter = await this.#letters.leases.take(entry).catch((error: unknown) => {
      this.#host.complain(error)
      return undefined
    })
    const flight: Flight | undefined = letter && {
      ...{ entry, letter, job, token: undefined },
      ended: (as) => {
        this.bytes -= size
        ended(as)
      },
    }
    if (flight !== undefined && !this.#isClosed && this.#release(flight)) return true
    this.bytes -= size
    if (flight !== undefined) this.#letters.leases.giveBack(entry)
    return false
  }

  /** False when it cannot be handed over. */
  #release(flight: Flight): boolean {
    const { letter } = flight
    this.#flights.add(flight)
    try {
      flight.token = this.#host.release(letter, letter.redrives + 1, (ending) => {
        if (this.#flights.delete(flight)) this.#settle(flight, ending)
      })
      return true
    } catch (error) {
      this.#host.complain(error)
      // It may have ended before that.
      return !this.#flights.delete(flight)
    }
  }

  get count(): number {
    return this.#flights.size
  }

  /** Gives up waiting; what is out is there again. Resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { token, entry } of this.#flights) {
      if (token !== undefined) this.#host.abandon(token)
      this.#letters.leases.giveBack(entry)
    }
    this.#flights.clear()
    await Promise.allSettled(this.#writing)
  }

  #settle(flight: Flight, ending: Ending): void {
    const { entry, letter, ended } = flight
    const { leases } = this.#letters
    const failure = this.#failureOf(flight, ending)
    const { deliveries } = ending
    const end = { ...endedFrom(ending, this.#clock.wall()), deliveries, onlyOpen: undefined }
    const failed = {
      cause: causeOf(failure),
      isPermanent: failure.kind === 'permanent',
      hasReturned: leases.returnedAs(entry) !== undefined,
    }
    const fate = letterFateOf(letter, releaseWorthOf(end), failed, this.#settings.attempts)
    switch (fate.is) {
      case 'resolved':
        this.#write(
          leases
            .resolve(entry, fate.as)
            .finally(() => ended(fate.as === 'delivered' ? 'ok' : 'failed')),
        )
        break
      case 'back':
        leases.giveBack(entry)
        ended(fate.why)
        break
      case 'failed':
        this.#write(
          this.#failedAgain(flight, fate, failure).finally(() => {
            leases.giveBack(entry)
            ended('failed')
          }),
        )
        break
      default:
        fate satisfies never
    }
  }

  /** What came back by wire knows best why. */
  #failureOf({ entry, letter }: Flight, ending: Ending): LetterFailure {
    const attempt = letter.redrives + 1
    const returned = this.#letters.leases.returnedAs(entry)
    if (returned !== undefined) return { ...returned, attempt }
    return failureOf({ ...this.#host.reported(ending), attempt })
  }

  /** Handed over before it is written: at worst it is handed over twice. */
  async #failedAgain(
    { entry, letter, job }: Flight,
    { counts, isNewlyGivenUp }: LetterFate & { readonly is: 'failed' },
    failure: LetterFailure,
  ): Promise<void> {
    const { leases } = this.#letters
    const told = await leases.failedAgain(entry, failure, { ...counts, job })
    if (told === undefined) return
    const isTaken = !isNewlyGivenUp || this.#giveUp(told)
    const again = { ...told, isGivenUp: false, reason: letter.reason }
    await leases.putBack(entry, isTaken ? told : again)
  }

  #giveUp(letter: Letter): boolean {
    try {
      this.#host.giveUp(letter)
      return true
    } catch (error) {
      this.#host.complain(error)
      return false
    }
  }

  #write(work: Promise<void>): void {
    const quiet: Promise<void> = work
      .catch((error: unknown) => this.#host.complain(error))
      .finally(() => this.#writing.delete(quiet))
    this.#writing.add(quiet)
  }
}
