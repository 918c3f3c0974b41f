/**
 * Opens a directory: lock, META, recovery, reserve, and a new first segment with a checkpoint of
 * all that was found. When any of it fails, the lock is let go and nothing else has happened.
 */

import { systemCode } from '../base/fault.js'
import type { Bytes, Sequence } from '../base/units.js'
import type { ActiveSegment } from './active.js'
import { Ballast } from './ballast.js'
import { diskFault, makeDurableDirectory } from './files.js'
import { Lock } from './lock.js'
import { metaName, ownerOf } from './meta.js'
import { checkpointBytes, type Released, type Totals } from './payloads.js'
import { type Recovered, recover } from './recovery.js'
import { takenOver } from './releases.js'
import { Segment } from './segment.js'
import { SegmentFiles } from './segment-files.js'
import { SegmentList } from './segment-list.js'
import type { Ground, JournalSettings, StoreWorld } from './settings.js'
import { SharedDisk } from './shared-disk.js'

/** What an opening found. */
export interface Opening {
  readonly messages: number
  readonly quarantined: number
  readonly damaged: number
  /** Set when the last process did not close: these may have been out when it died. */
  readonly suspects: (Released & { readonly isSameBoot: boolean }) | undefined
}

/** All that stays the same while a journal is open, and its first segment. */
export interface Opened {
  readonly opening: Opening
  readonly recovered: Recovered
  readonly segments: SegmentList
  readonly files: SegmentFiles
  readonly segmentBytes: Bytes
  readonly queueId: string
  readonly boot: string
  /** Chosen at random by every opening: part of each message id and of each checksum. */
  readonly salt: string
  readonly active: ActiveSegment
}

const segmentBytesDefault = 4 << 20
const ballastBytesDefault = 256 << 10

export async function openDirectory(ground: Ground, settings: JournalSettings): Promise<Opened> {
  const disk = new SharedDisk(ground.world.disk, ground.budget)
  const world = { ...ground.world, disk }
  const { directory, ballastBytes = ballastBytesDefault } = settings
  const ballast = new Ballast(world, directory, ballastBytes)
  try {
    return await lockAndOpen(ground, world, settings, ballast)
  } catch (error) {
    // A disk without a byte left can still be drained: opening it costs the reserve.
    const isFull = systemCode(error) === 'ENOSPC'
    if (!isFull || !(await ballast.giveBack())) throw diskFault(error, directory)
  }
  return lockAndOpen(ground, world, settings, ballast).catch((error: unknown) => {
    throw diskFault(error, directory)
  })
}

/** `world`: the ground's, but for syncs that take their turn. */
async function lockAndOpen(
  ground: Ground,
  world: StoreWorld,
  settings: JournalSettings,
  ballast: Ballast,
): Promise<Opened> {
  const { directory } = settings
  await makeDurableDirectory(world.disk, directory, metaName)
  const lock = await Lock.take(world, directory)
  try {
    return await openLocked(ground, world, settings, { lock, ballast })
  } catch (error) {
    await lock.release().catch(() => {}) // the first error tells more; the file counts as dead
    throw error
  }
}

async function openLocked(
  ground: Ground,
  world: StoreWorld,
  settings: JournalSettings,
  holds: { readonly lock: Lock; readonly ballast: Ballast },
): Promise<Opened> {
  const { directory, segmentBytes = segmentBytesDefault } = settings
  const boot = await world.machine.bootId()
  const { queueId, isKnown } = await ownerOf(world.disk, directory, settings.queueId)
  const opener = { queueId: isKnown ? queueId : undefined, boot }
  const found = await recover(world.disk, directory, opener)
  const recovered = { ...found, released: takenOver(found, boot) }
  await holds.ballast.hold()
  const { quarantine } = recovered
  const files = new SegmentFiles(ground, directory, { quarantine, ...holds })
  const segments = new SegmentList(recovered.segments, segmentBytes)
  const salt = Buffer.from(world.random.bytes(4)).toString('hex')
  const opening = openingOf(recovered, boot)
  const parts = { opening, recovered, segments, files, segmentBytes, queueId, boot, salt }
  const active = await nextSegment(parts, recovered, recovered.segments.at(-1))
  announce(ground, directory, opening, recovered)
  return { active, ...parts }
}

/**
 * A new file with a checkpoint of everything before it. A number is never used for two files, so
 * one is skipped when the last segment got no message.
 */
export async function nextSegment(
  opened: Omit<Opened, 'active'>,
  { released, totals }: { readonly released: Released; readonly totals: Totals },
  last: Segment | undefined,
): Promise<ActiveSegment> {
  const { segments, files, recovered, queueId, boot, salt } = opened
  const segment = new Segment(baseAfter(last, recovered.next), salt)
  const checkpoint = checkpointBytes({
    format: 1,
    queue: queueId,
    boot,
    released,
    totals,
    segments: segments.entries(),
  })
  const number = segments.framed()
  const active = await files.create(segment, checkpoint)
  segments.push(segment)
  files.remove(segments.takeRemovable(number))
  await files.holdReserve()
  return active
}

function baseAfter(last: Segment | undefined, next: Sequence): Sequence {
  return last === undefined ? next : Math.max(last.next, last.base + 1)
}

function openingOf(recovered: Recovered, boot: string): Opening {
  const { segments, quarantine, released, wasClean } = recovered
  const { count: quarantined, corrupt } = quarantine
  const damaged = [...corrupt.values()].reduce((sum, count) => sum + count, 0)
  const messages = segments.reduce((sum, segment) => sum + segment.waiting, 0)
  const suspects = wasClean ? undefined : { isSameBoot: recovered.boot === boot, ...released }
  return { messages, quarantined, damaged, suspects }
}

function announce(
  ground: Ground,
  directory: string,
  { messages, quarantined }: Opening,
  { quarantine, segments }: Recovered,
): void {
  for (const [file, lost] of quarantine.corrupt) {
    ground.emit({ kind: 'store.corrupt', directory, file, messages: lost })
  }
  if (segments.length > 0) {
    ground.emit({ kind: 'store.recovered', directory, messages, quarantined })
  }
}
