/**
 * The newest segments, which no later checkpoint tells of: reads them whole, tells a torn tail from
 * damage, and makes durable what they hold. It applies nothing: what the records mean is up to
 * recovery.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import { readSalvaging, replace } from './files.js'
import { type Checkpoint, checkpointFrom } from './payloads.js'
import type { Quarantine } from './quarantine.js'
import type { Found } from './record.js'
import { type Scanned, scan } from './scan.js'
import { Segment, segmentNamed } from './segment.js'

/** Who opens a directory. */
export interface Opener {
  /** Undefined when nothing tells any more which queue this directory was made for. */
  readonly queueId: string | undefined
  /** Boot id of this machine. */
  readonly boot: string
}

/** A segment read whole, because no later checkpoint tells of it. */
export interface Head {
  readonly segment: Segment
  readonly records: readonly Found[]
  readonly scanned: Scanned
  readonly bytes: Buffer
  /** Whether all of it could be read. */
  readonly isWhole: boolean
  readonly checkpoint: Checkpoint | undefined
}

/** Where they are read, for whom, and where damaged files go. */
export interface Reading {
  readonly disk: Disk
  readonly directory: string
  readonly opener: Opener
  readonly quarantine: Quarantine
}

/**
 * The newest segment with a sound checkpoint and all behind it. A last segment whose checkpoint
 * never got to the disk holds nothing and goes; one that holds a later valid record was durable.
 */
export async function readHeads(opening: Reading, names: readonly string[]): Promise<Head[]> {
  const heads: Head[] = []
  for (const name of [...names].reverse()) {
    const head = await readHead(opening, name, heads.length === 0)
    if (head === undefined) continue
    heads.unshift(head)
    if (head.checkpoint !== undefined) break
  }
  return heads
}

/** `isLast`: only the last one can have a torn tail, those before it were synced to their ends. */
async function readHead(
  { disk, directory, opener, quarantine }: Reading,
  name: string,
  isLast: boolean,
): Promise<Head | undefined> {
  const { base = 0, salt = '' } = segmentNamed(name) ?? {}
  const segment = new Segment(base, salt)
  const { bytes, unreadableTo } = await readSalvaging(disk, `${directory}/${name}`)
  const records: Found[] = []
  const visit = (record: Found) => records.push(record)
  // A sector that cannot be read once was written: that is no torn tail.
  const scanned = scan(bytes, segment.seeds, visit, isLast ? unreadableTo : bytes.length)
  if (records.length === 0) {
    if (unreadableTo > 0) throw unreadable(directory, name)
    // Nothing in it was ever acknowledged, or nothing in it can be told from noise.
    if (bytes.every((byte) => byte === 0)) await disk.remove(`${directory}/${name}`)
    else await quarantine.setAside(name)
    return undefined
  }
  const first = records[0]
  const checkpoint = first?.kind === 'C' ? checkpointFrom(first.payload) : undefined
  if (isForeign(opener, checkpoint)) {
    await quarantine.setAside(name)
    return undefined
  }
  if (scanned.damage.length > 0 || unreadableTo > 0) await quarantine.copyAside(name)
  if (first?.kind === 'C' && checkpoint === undefined) {
    throw new Fault('DISK_UNWRITABLE', { directory, why: 'unknown format' })
  }
  return { segment, records, scanned, bytes, isWhole: unreadableTo === 0, checkpoint }
}

/** Whatever it held, taking it for empty would lose it: the disk must be seen to. */
function unreadable(directory: string, name: string): Fault {
  return new Fault('DISK_UNWRITABLE', { directory, why: `nothing of ${name} can be read` })
}

/** A sound segment of another queue that somebody put here: taken for ours it would replace all. */
export function isForeign({ queueId }: Opener, checkpoint: Checkpoint | undefined): boolean {
  return queueId !== undefined && checkpoint !== undefined && checkpoint.queue !== queueId
}

/**
 * What is read from here on is reported as stored, so it must be durable first. Usually a sync of
 * the file is enough; a copy takes the place of one whose bytes a sync may not reach. It is not
 * written again in place, because that would put at risk what the disk has acknowledged.
 */
export async function makeDurable(
  disk: Disk,
  path: string,
  head: Head,
  opener: Opener,
): Promise<void> {
  const { scanned, bytes, isWhole } = head
  if (isDoubtful(opener, head) && (await isRewritten(disk, path, bytes, scanned.end))) return
  const file = await disk.open(path, 'edit')
  try {
    if (isWhole && scanned.end < bytes.length) await file.truncate(scanned.end)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Whether messages may stand in the memory of the system alone. When a sync fails, Linux takes the
 * bytes for written and no later sync saves them ("Can Applications Recover from fsync Failures?",
 * USENIX ATC 2020). After another boot everything was read from the disk; before that, only what a
 * later record's `batch` covers is known to be on it. Records of other kinds need no proof: the
 * checkpoint that follows tells all of them again. Of what can be read in part only, a copy would
 * take away the rest.
 */
function isDoubtful({ boot }: Opener, { checkpoint, records, isWhole }: Head): boolean {
  if (!isWhole) return false
  if (checkpoint !== undefined && checkpoint.boot !== boot) return false
  let durable = 0
  for (const { batch } of records) durable = Math.max(durable, batch)
  return records.some(({ kind, end }) => kind === 'M' && end > durable)
}

/** False when the disk is too full for a copy: then a sync must do. */
async function isRewritten(disk: Disk, path: string, bytes: Buffer, end: number): Promise<boolean> {
  try {
    await replace(disk, path, bytes.subarray(0, end))
    return true
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC') throw error
    return false
  }
}
