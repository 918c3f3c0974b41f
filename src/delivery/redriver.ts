/**
 * Sends dead letters round again, by the schedule or when a person says so: one job at a time, as
 * carefully and as fast as it was ordered, and on where it was after a restart. Which letters stay
 * letters is decided by what became of each; a letter that succeeded never goes again.
 */

import type { Emit } from '../base/event.js'
import { Fault } from '../base/fault.js'
import type { World } from '../base/ports.js'
import type { EpochMs, Ms } from '../base/units.js'
import { Brake } from '../mqtt/brake.js'
import { type RedriveBy, selectorOf } from '../policy/letter-selection.js'
import {
  begin,
  doneOf,
  ended,
  isOver,
  mayRelease,
  progressOf,
  type RedriveEnd,
  type RedriveJob,
  type RedriveProgress,
  ranOut,
  released,
  stop,
  vanished,
} from '../policy/redrive.js'
import type { StateFile } from '../store/state-file.js'
import { hexOf } from '../store/text.js'
import type { Entry } from './letter-index.js'
import type { Letters } from './letters.js'
import { chosenFrom } from './redrive-choice.js'
import { RedriveFile } from './redrive-file.js'
import { RedriveFlights } from './redrive-flights.js'
import type { RedriveHost, RedriveRequest, RedriveSettings } from './redrive-host.js'
import { RedriveTimer } from './redrive-schedule.js'

export interface RedriverParts {
  readonly world: Pick<World, 'clock' | 'random'>
  readonly letters: Letters
  /** For the job, so that it goes on after a restart: a file of its own beside the letters. */
  readonly file: StateFile
  readonly emit: Emit
}

/** Out at once, in bytes, or one letter. */
const outBytesMax = 32 << 20

export class Redriver {
  readonly #parts: RedriverParts
  readonly #settings: RedriveSettings
  readonly #host: RedriveHost
  readonly #file: RedriveFile
  readonly #flights: RedriveFlights
  readonly #timer: RedriveTimer
  #job: RedriveJob | undefined
  /** Letters that are still to go. */
  #queue: Entry[] = []
  #at = 0
  /** Letters of a job that is over, which did not go. */
  #left = 0
  #brake: Brake | undefined
  #isStarting = false
  #isClosed = false
  #landed: (() => void) | undefined

  private constructor(
    parts: RedriverParts,
    settings: RedriveSettings,
    host: RedriveHost,
    file: RedriveFile,
  ) {
    const { clock } = parts.world
    this.#parts = parts
    this.#settings = settings
    this.#host = host
    this.#file = file
    this.#flights = new RedriveFlights(clock, parts.letters, settings, host)
    this.#timer = new RedriveTimer(clock, settings.schedule, () => this.#due())
  }

  /** Takes up the job that a restart broke off. Rejects with DISK_UNWRITABLE. */
  static async open(
    parts: RedriverParts,
    settings: RedriveSettings,
    host: RedriveHost,
  ): Promise<Redriver> {
    const { world, file: state } = parts
    const file = await RedriveFile.open(world.clock, state, (error) => host.complain(error))
    const redriver = new Redriver(parts, settings, host, file)
    if (file.job !== undefined) await redriver.#resume(file.job)
    redriver.#timer.start(file.lastAt)
    return redriver
  }

  /** The job that runs, else the last one since this process began; undefined for none. */
  get progress(): RedriveProgress | undefined {
    if (this.#job === undefined) return undefined
    return progressOf(this.#job, this.#left + this.#queue.length - this.#at)
  }

  /** When the schedule is due next; undefined while it is off or a person has stopped it. */
  get nextAt(): EpochMs | undefined {
    return this.#parts.letters.isPaused ? undefined : this.#timer.nextAt
  }

  /**
   * Starts a redrive; resolves with its id when it will survive a restart. Rejects with JOB_RUNNING
   * {done, total}, SOURCE_GONE {node}, LETTER_GONE when no letter is meant, INTERRUPTED after
   * `close`, DISK_FULL or DISK_UNWRITABLE.
   */
  start(request: RedriveRequest): Promise<string> {
    return this.#start('person', request)
  }

  /** Rejects as `start` would now, and starts nothing. */
  async check(request: RedriveRequest): Promise<void> {
    this.#mustBeIdle()
    await this.#chosen('person', request)
  }

  /** Sends no further letter; what is out ends as it ends. False when that job does not run. */
  async cancel(job: string): Promise<boolean> {
    if (this.#job?.id !== job || this.#job.end !== undefined) return false
    this.#step(stop(this.#job, 'cancelled'))
    await this.#file.now(this.#job)
    return true
  }

  /** Sends what may go now. To be called when the flows run again. */
  pump(): void {
    while (this.#job !== undefined && this.#isRunning && mayRelease(this.#job)) {
      const entry = this.#queue[this.#at]
      if (entry === undefined) {
        this.#step(ranOut(this.#job))
        return
      }
      const { bytes } = this.#flights
      if (bytes > 0 && bytes + entry.bytes > outBytesMax) return
      if (this.#brake?.mayGo() === false) return
      this.#at++
      if (entry.isGone || entry.aside !== undefined) continue
      if (!this.#hasPlace(entry)) {
        this.#step(stop(this.#job, 'source-gone'))
        return
      }
      void this.#send(entry, this.#job.id) // never rejects
    }
  }

  /** Sends nothing new, and waits at most `wait` for what is out: that goes again, later. */
  async close(wait: Ms): Promise<void> {
    this.#isClosed = true
    this.#timer.stop()
    this.#brake?.release()
    if (this.#flights.count > 0) await this.#wait(wait)
    await this.#flights.close()
    this.#file.stop()
    if (this.#job !== undefined && !isOver(this.#job)) await this.#file.now(this.#job)
  }

  get #isRunning(): boolean {
    return !this.#isClosed && this.#host.isRunning()
  }

  async #resume(job: RedriveJob): Promise<void> {
    const { letters } = this.#parts
    const isMeant = selectorOf(job.selection, job.by)
    const isLeft = (entry: Entry) => entry.sequence < job.before && isMeant(entry)
    this.#queue = await letters.selected(isLeft)
    // The file may be a moment older than the letters.
    const { length: failed } = await letters.selected((entry) => entry.job === job.id)
    this.#take({ ...job, failed: Math.max(job.failed, failed) })
  }

  async #start(by: RedriveBy, request: RedriveRequest): Promise<string> {
    this.#mustBeIdle()
    this.#isStarting = true
    try {
      return await this.#begin(by, request)
    } finally {
      this.#isStarting = false
    }
  }

  #mustBeIdle(): void {
    if (this.#isClosed) throw new Fault('INTERRUPTED')
    const running = this.#job
    if (!this.#isStarting && (running === undefined || isOver(running))) return
    const done = running === undefined ? 0 : doneOf(running)
    throw new Fault('JOB_RUNNING', { done, total: running?.total ?? 0 })
  }

  async #begin(by: RedriveBy, request: RedriveRequest): Promise<string> {
    const { world, letters, emit } = this.#parts
    const { rate, canary, stopAbove } = this.#settings
    const { selection } = request
    const before = letters.next
    const queue = await this.#chosen(by, request)
    const job = begin({
      ...{ id: hexOf(world.random.bytes(4)), by, selection, before, total: queue.length },
      rate: request.rate ?? rate,
      canary: request.canary ?? canary,
      ...{ stopAbove, startedAt: world.clock.wall() },
    })
    await this.#file.begin(job)
    if (this.#isClosed) return job.id // goes on in the next process
    this.#queue = queue
    this.#take(job)
    emit({ kind: 'redrive.started', ...countsOf(job) })
    this.#host.changed()
    this.pump()
    return job.id
  }

  #chosen(by: RedriveBy, { selection }: RedriveRequest): Promise<Entry[]> {
    return chosenFrom(this.#parts.letters, { by, selection }, (entry) => this.#hasPlace(entry))
  }

  #hasPlace({ source }: Entry): boolean {
    return !this.#settings.toSource || this.#host.isPresent(source)
  }

  #take(job: RedriveJob): void {
    const { clock } = this.#parts.world
    const limited = Object.keys(job.rate).length > 0
    this.#at = 0
    this.#left = 0
    this.#job = job
    this.#brake = new Brake(clock, limited ? job.rate : undefined, () => this.pump())
  }

  async #send(entry: Entry, id: string): Promise<void> {
    if (this.#job === undefined) return
    this.#brake?.sent(entry.bytes)
    this.#step(released(this.#job))
    const hasGone = await this.#flights.send(entry, id, (as) => this.#ended(as))
    if (hasGone || this.#job === undefined || this.#isClosed) return
    this.#step(vanished(this.#job))
    this.pump()
  }

  #ended(as: RedriveEnd): void {
    if (this.#job !== undefined) this.#step(ended(this.#job, as))
    if (this.#flights.count === 0) this.#landed?.()
    this.pump()
  }

  #step(job: RedriveJob): void {
    const isEnd = job.end !== undefined && this.#job?.end === undefined
    const wasOver = this.#job !== undefined && isOver(this.#job)
    this.#job = job
    if (isEnd)
      void this.#file.now(job) // never rejects
    else if (!this.#isClosed) this.#file.soon(() => this.#job)
    if (isOver(job) && !wasOver) this.#tellEnd(job)
    this.#host.changed()
  }

  #tellEnd(job: RedriveJob): void {
    const { emit } = this.#parts
    this.#brake?.release()
    this.#left = this.#queue.length - this.#at
    this.#queue = []
    this.#at = 0
    if (job.end === undefined || job.end === 'finished') {
      emit({ kind: 'redrive.finished', ...countsOf(job) })
    } else emit({ kind: 'redrive.stopped', ...countsOf(job), why: job.end })
  }

  #due(): void {
    const { letters, world } = this.#parts
    this.#file.lastAt = world.clock.wall()
    const isBusy = this.#isStarting || (this.#job !== undefined && !isOver(this.#job))
    if (letters.isPaused || isBusy || !this.#isRunning || letters.stats.waiting === 0) return
    this.#start('schedule', { selection: { filter: { state: 'waiting' } } }).catch((error) => {
      // Gone meanwhile, or their nodes are: nothing to do this time.
      if (!(error instanceof Fault && error.code === 'LETTER_GONE')) this.#host.complain(error)
    })
  }

  #wait(wait: Ms): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.world.clock.wake(wait, resolve)
      this.#landed = () => {
        cancel()
        resolve()
      }
    })
  }
}

function countsOf({ id, total, ok, failed }: RedriveJob) {
  return { job: id, total, ok, failed }
}
