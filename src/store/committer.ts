/**
 * Group commit: one writer and one sync over the active segment. What arrives while a sync runs
 * forms the next group, so a lone message waits for nobody and 256 share one sync. An append
 * resolves only when its bytes are as safe as the durability setting says. Outcomes are written in
 * the next loop turn even while a sync runs; only their own sync may wait. It does not know what a
 * checkpoint holds: the journal supplies the notes and the next segment.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Cancel, Clock } from '../base/ports.js'
import { type Bytes, type Instant, ms, type Sequence } from '../base/units.js'
import type { ActiveSegment, Note } from './active.js'
import type { Budget } from './budget.js'
import type { CommitterHost } from './committer-host.js'
import { diskFault } from './files.js'
import { type Durability, Syncer } from './syncer.js'
import { type Waiting, WaitingMessages } from './waiting.js'

export interface CommitterSettings {
  readonly directory: string
  readonly durability: Durability
  readonly segmentBytes: Bytes
}

const retryFullAfter = ms(1000)
/** A group of this many bytes begins to be written while the rest of it still comes. */
const earlyBytesMax = 128 << 10
/** A segment that cannot be followed by another may grow to this; offsets are 28 bits. */
const overgrown = 64 << 20

export class Committer {
  readonly #clock: Clock
  readonly #directory: string
  readonly #isSystem: boolean
  readonly #segmentBytes: Bytes
  readonly #earlyBytes: Bytes
  readonly #syncer: Syncer
  readonly #host: CommitterHost
  readonly #waiting: WaitingMessages
  #active: ActiveSegment
  /** The next write is the first part of a group, whose sync waits for the second. */
  #isEarly = false
  #scheduled = false
  #running = false
  #isClosed = false
  #cancelRetry: Cancel = () => {}
  #rotationWanted = false
  #rotateAt: Bytes
  #failure: Fault | undefined
  #idle: (() => void)[] = []

  constructor(
    clock: Clock,
    budget: Budget,
    settings: CommitterSettings,
    host: CommitterHost,
    active: ActiveSegment,
  ) {
    this.#clock = clock
    this.#directory = settings.directory
    this.#isSystem = settings.durability.is === 'system'
    this.#segmentBytes = settings.segmentBytes
    this.#rotateAt = settings.segmentBytes
    this.#earlyBytes = Math.min(earlyBytesMax, settings.segmentBytes / 32)
    this.#waiting = new WaitingMessages(settings.segmentBytes / 8)
    this.#host = host
    this.#active = active
    this.#syncer = new Syncer(clock, budget, settings.durability, active, {
      done: () => this.#synced(),
      failed: (error) => this.#fail(error),
    })
  }

  /** Messages below this number are as safe as the setting says. */
  get durableNext(): Sequence {
    return this.#syncer.durableNext
  }

  /** When the disk last answered. */
  get syncedAt(): Instant {
    return this.#syncer.lastAt
  }

  /** Why nothing is written any more. */
  get failure(): Fault | undefined {
    return this.#failure
  }

  append(waiting: Waiting): void {
    if (this.#failure !== undefined) {
      waiting.reject(this.#failure)
      return
    }
    this.#waiting.push(waiting)
    if (this.#syncer.isRunning && !this.#isSystem) return
    this.#isEarly = !this.#running && this.#waiting.bytes >= this.#earlyBytes && this.#fitting > 0
    if (this.#isEarly) this.#start()
    else this.notify()
  }

  /** Something waits to be written: all of one loop turn goes into the next one's first write. */
  notify(): void {
    if (this.#scheduled || this.#running || this.#isStopped) return
    this.#scheduled = true
    this.#clock.soon(() => {
      this.#scheduled = false
      this.#start()
      this.#tellIdle()
    })
  }

  /** Asks for a new segment although this one is not full. */
  rotate(): void {
    this.#rotationWanted = true
    this.notify()
  }

  /** Resolves when everything handed over so far is written and synced, or has failed. */
  async flush(): Promise<void> {
    this.#start()
    while (this.#failure === undefined && !this.#isIdle) {
      await new Promise<void>((resolve) => this.#idle.push(resolve))
      // Notes that a full disk does not take are not tried again here, or this would never end.
      if (this.#waiting.count > 0) this.#start()
    }
    if (this.#failure === undefined) await this.#syncer.all()
  }

  /** Seals the file with these flags, syncs it and closes it. What comes later is not written. */
  async close(flags: number): Promise<void> {
    this.#isClosed = true
    this.#cancelRetry()
    try {
      while (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve))
      if (this.#failure !== undefined) return
      await this.#seal(flags)
      await this.#syncer.all()
    } finally {
      await this.#active.file.close()
    }
  }

  get #isStopped(): boolean {
    return this.#isClosed || this.#failure !== undefined
  }

  #start(): void {
    if (this.#running || this.#isStopped) return
    this.#running = true
    this.#run()
  }

  /** No promise lies between its last look and its end, or what comes then would wait for ever. */
  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) {
        if (this.#host.isReserveSpent()) {
          this.#refuseAll(new Fault('DISK_FULL', { free: 0, floor: 0 }))
        }
        const count = this.#fitting
        const needsSegment = this.#rotationWanted || (count === 0 && this.#waiting.count > 0)
        const isSyncing = this.#syncer.isRunning
        if (needsSegment && !isSyncing) {
          if (!(await this.#rotate())) return
          continue
        }
        // None while the sync of the group before them runs.
        const group = isSyncing && !this.#isSystem ? [] : this.#waiting.take(count)
        const isFirstPart = this.#isEarly
        this.#isEarly = false
        // A first part is written within `append`: what was noted in the same turn comes behind it.
        const notes = isFirstPart ? [] : this.#host.notes()
        if (group.length === 0 && notes.length === 0) return
        if (!(await this.#write(notes, group))) return
        if (!isFirstPart || this.#waiting.count === 0) this.#syncer.wrote()
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#running = false
      this.#tellIdle()
    }
  }

  /** How many of those that wait this segment takes next; one larger than it gets its own. */
  get #fitting(): number {
    if (this.#rotationWanted) return 0
    const { segment, written } = this.#active
    return this.#waiting.fitting(segment.count === 0 ? Infinity : this.#rotateAt - written)
  }

  /** False when the disk is full and nothing more can be done about it now. */
  async #write(notes: readonly Note[], group: readonly Waiting[]): Promise<boolean> {
    const { segment } = this.#active
    const time = this.#clock.wall()
    let sequence = segment.next
    try {
      const messages = group.map(({ message }) => message)
      await this.#active.write(notes, messages, time)
    } catch (error) {
      return this.#refuse(error, notes, group)
    }
    if (notes.length > 0) this.#host.noted()
    for (const waiting of group) {
      waiting.sequence = sequence++
      this.#host.stored(waiting.message, waiting.sequence, time)
      this.#syncer.add(waiting)
    }
    return true
  }

  /** A full disk refuses exactly this group; anything else ends the work on this file. */
  async #refuse(error: unknown, notes: readonly Note[], group: readonly Waiting[]) {
    const reason = diskFault(error, this.#directory)
    for (const waiting of group) waiting.reject(reason)
    if (systemCode(error) !== 'ENOSPC') throw error
    await this.#active.cutBack()
    // Notes may still fit alone; the reserve is for when they do not.
    if (notes.length === 0 || group.length > 0 || (await this.#host.makeRoom())) return true
    this.#refuseAll(reason)
    this.#host.notNoted()
    this.#cancelRetry()
    this.#cancelRetry = this.#clock.wake(retryFullAfter, () => this.#start())
    return false
  }

  #refuseAll(reason: Fault): void {
    for (const waiting of this.#waiting.take(this.#waiting.count)) waiting.reject(reason)
  }

  /** False when the disk is so full that not even the notes can be written now. */
  async #rotate(): Promise<boolean> {
    const last = this.#active
    this.#rotationWanted = false
    const notes = this.#host.notes()
    if (notes.length > 0 && !(await this.#write(notes, []))) return false
    await this.#syncer.all()
    // Not synced: all that it tells can be read from what comes before it.
    await this.#seal(0)
    try {
      this.#active = await this.#host.nextSegment(last.segment)
    } catch (error) {
      // Stay on this one; but not without the lock, and not for ever: offsets are bounded.
      if (error instanceof Fault || last.written > overgrown) throw error
      // What waits must fit now, or this would be tried again without end.
      this.#rotateAt = last.written + Math.max(this.#segmentBytes / 4, this.#waiting.firstBytes)
      return true
    }
    this.#rotateAt = this.#segmentBytes
    this.#syncer.turnTo(this.#active)
    await last.file.close()
    return true
  }

  /** The seal only saves a scan later: a full disk goes without. */
  async #seal(flags: number): Promise<void> {
    const payload = this.#active.segment.index?.toBytes() ?? Buffer.alloc(0)
    try {
      await this.#active.write([{ kind: 'S', payload, flags }], [], this.#clock.wall())
    } catch (error) {
      if (systemCode(error) !== 'ENOSPC') throw error
      await this.#active.cutBack()
    }
  }

  /** A sync ended: what was appended meanwhile forms the next group. */
  #synced(): void {
    if (this.#waiting.count > 0 || this.#rotationWanted) this.notify()
    this.#tellIdle()
  }

  /** A failed write or sync says nothing about what is on the disk: never again on this file. */
  #fail(error: unknown): void {
    const fault = diskFault(error, this.#directory)
    const isFirst = this.#failure === undefined
    this.#failure ??= fault
    this.#syncer.stop(fault)
    this.#refuseAll(fault)
    if (isFirst) this.#host.failed(fault)
    this.#tellIdle()
  }

  get #isIdle(): boolean {
    return !this.#running && !this.#syncer.isRunning && this.#waiting.count === 0
  }

  #tellIdle(): void {
    if (this.#running || this.#scheduled || this.#syncer.isRunning) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
