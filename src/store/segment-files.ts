/**
 * Makes and removes segment files. A new one exists only with its checkpoint, both durable; a full
 * disk costs the ballast before it costs the checkpoint. Which segments may go is not its business.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { DiskFile } from '../base/ports.js'
import { ActiveSegment } from './active.js'
import { type Ballast, ballastName } from './ballast.js'
import type { Budget } from './budget.js'
import { createOver, diskFault, parentOf, writeAll } from './files.js'
import type { Lock } from './lock.js'
import { metaName } from './meta.js'
import { SegmentIndex } from './payloads.js'
import type { Quarantine } from './quarantine.js'
import { frame, framingBytes } from './record.js'
import { type Segment, segmentNamed } from './segment.js'
import type { Ground, StoreWorld } from './settings.js'
import { SharedDisk } from './shared-disk.js'
import { TimedSyncs } from './timed-syncs.js'

export class SegmentFiles {
  readonly #world: StoreWorld
  /** For all but the active segment, whose syncs the committer gives their turn. */
  readonly #shared: SharedDisk
  readonly #directory: string
  readonly #budget: Budget
  readonly #syncs: TimedSyncs
  readonly #lock: Lock
  readonly #ballast: Ballast
  readonly #quarantine: Quarantine

  constructor(
    { world, budget, emit, syncs }: Ground,
    directory: string,
    holds: { readonly lock: Lock; readonly ballast: Ballast; readonly quarantine: Quarantine },
  ) {
    this.#world = world
    this.#shared = new SharedDisk(world.disk, budget)
    this.#directory = directory
    this.#budget = budget
    this.#syncs = new TimedSyncs(world.clock, directory, emit, syncs)
    this.#lock = holds.lock
    this.#ballast = holds.ballast
    this.#quarantine = holds.quarantine
  }

  /** Rejects with STORE_BUSY when the directory is no longer ours, else with the system's error. */
  async create(segment: Segment, checkpoint: Buffer): Promise<ActiveSegment> {
    if (!(await this.isOurs())) {
      throw new Fault('STORE_BUSY', { pid: 0, host: '?', directory: this.#directory })
    }
    try {
      return await this.#write(segment, checkpoint)
    } catch (error) {
      if (systemCode(error) !== 'ENOSPC' || !(await this.makeRoom())) throw error
      return this.#write(segment, checkpoint)
    }
  }

  /** Removes files in the background; one that cannot go now is dropped at the next opening. */
  remove(segments: readonly Segment[]): void {
    this.#quarantine.discard(segments.map(({ name }) => name)).catch(() => {})
  }

  /**
   * Removes every file of the journal but the lock; the newest segment after the others are gone
   * for good, because it alone tells that they are settled.
   */
  async removeAll(): Promise<void> {
    const { disk } = this.#world
    const names = await disk.list(this.#directory)
    const segments = names.filter((name) => segmentNamed(name) !== undefined).sort()
    const newest = segments.pop()
    for (const name of segments) await this.#removeNamed(name)
    await this.#shared.syncDirectory(this.#directory)
    for (const name of [newest, ballastName, metaName]) {
      if (name !== undefined && names.includes(name)) await this.#removeNamed(name)
    }
  }

  /** Removes the directory if nothing is in it any more. */
  async removeDirectory(): Promise<void> {
    const { disk } = this.#world
    if ((await disk.list(this.#directory)).length > 0) return
    await disk.removeDirectory(this.#directory)
    await this.#shared.syncDirectory(parentOf(this.#directory))
  }

  /** Keeps a copy of a damaged file; there is nothing to keep when it is gone or kept already. */
  async copyAside(segment: Segment): Promise<void> {
    await this.#quarantine.copyAside(segment.name).catch(() => {})
  }

  /** Whether the directory is still this process's to write to. */
  isOurs(): Promise<boolean> {
    return this.#lock.isHeld()
  }

  makeRoom(): Promise<boolean> {
    return this.#ballast.giveBack()
  }

  /** Whether room is made and no reserve is left; asking for it tries to take it again. */
  isReserveSpent(): boolean {
    return this.#ballast.isSpent()
  }

  /** Takes the reserve again, if there is room for it. */
  holdReserve(): Promise<void> {
    return this.#ballast.hold()
  }

  release(): Promise<void> {
    return this.#lock.release()
  }

  /** It may be on its way out already. */
  async #removeNamed(name: string): Promise<void> {
    await this.#world.disk.remove(`${this.#directory}/${name}`).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error
    })
  }

  #path(segment: Segment): string {
    return `${this.#directory}/${segment.name}`
  }

  async #write(segment: Segment, checkpoint: Buffer): Promise<ActiveSegment> {
    const { disk, clock } = this.#world
    const file = await createOver(disk, this.#path(segment))
    try {
      const bytes = Buffer.allocUnsafe(checkpoint.length + framingBytes)
      const header = { kind: 'C', ordinal: 0, batch: 0, codec: 0, flags: 0, lane: 0 } as const
      frame(bytes, 0, segment.seeds, { time: clock.wall(), ...header }, checkpoint)
      await writeAll(file, [bytes], 0)
      await this.#makeDurable(file)
      segment.fileBytes = bytes.length
      segment.fixedBytes = bytes.length
      segment.index = new SegmentIndex()
      return new ActiveSegment(segment, file, bytes.length, this.#syncs)
    } catch (error) {
      await this.#undo(segment, file)
      throw error
    }
  }

  /** Bytes and name in any order: until both are durable, nothing is written behind them. */
  async #makeDurable(file: DiskFile): Promise<void> {
    const bytes = this.#budget.sync(() => file.sync())
    const name = this.#shared.syncDirectory(this.#directory)
    const ends = await Promise.allSettled([bytes, name])
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  /**
   * Its checkpoint may be on the disk: if the file came back after a power cut, it would hide what
   * the segment before it has taken up since. So either it is gone for good, or the work ends.
   */
  async #undo(segment: Segment, file: DiskFile): Promise<void> {
    try {
      await file.close()
      await this.#world.disk.remove(this.#path(segment))
      await this.#shared.syncDirectory(this.#directory)
    } catch (error) {
      throw diskFault(error, this.#directory)
    }
  }
}
