/**
 * What a directory still holds after whatever happened to it: reads the newest checkpoint and the
 * segments behind it, cuts a torn tail, sets damaged bytes aside as `.bad`, and reports. It never
 * deletes bytes that may have been acknowledged, and a crash in the middle of it changes nothing.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import type { Sequence } from '../base/units.js'
import { copyFile, readWhole } from './files.js'
import {
  type Checkpoint,
  checkpointFrom,
  cleanClose,
  outcomesFrom,
  type Released,
  releasedFrom,
  SegmentIndex,
  type Totals,
} from './payloads.js'
import { type Found, recordAt, seedsOf } from './record.js'
import { type Scanned, scan } from './scan.js'
import { Segment, segmentNamed } from './segment.js'

export interface Recovered {
  /** Segments on disk, ascending; the last may hold nothing any more. */
  readonly segments: Segment[]
  /** First number that no message ever had. */
  readonly next: Sequence
  readonly totals: Totals
  readonly released: Released
  /** Boot id at the last checkpoint; '' when there was none. */
  readonly boot: string
  readonly wasClean: boolean
  /** Files set aside, and messages in them that cannot be read. */
  readonly quarantined: number
  readonly damaged: number
}

/** A segment read whole, because no later checkpoint tells of it. */
interface Head {
  readonly segment: Segment
  readonly records: readonly Found[]
  readonly scanned: Scanned
  readonly length: number
  readonly checkpoint: Checkpoint | undefined
}

class Recovery {
  readonly disk: Disk
  readonly directory: string
  /** Undefined when nothing tells any more which queue this directory was made for. */
  readonly queueId: string | undefined
  segments = new Map<Sequence, Segment>()
  totals: Totals = { accepted: 0 }
  released: Released = { upTo: 0, atMost: 0 }
  boot = ''
  wasClean = true
  quarantined = 0
  damaged = 0

  constructor(disk: Disk, directory: string, queueId: string | undefined) {
    this.disk = disk
    this.directory = directory
    this.queueId = queueId
  }

  path(name: string): string {
    return `${this.directory}/${name}`
  }

  async setAside(name: string): Promise<void> {
    await this.disk.rename(this.path(name), this.path(`${name}.bad`))
    this.quarantined++
  }

  /** Keeps a copy of a damaged file beside the one that goes on being read. */
  async copyAside(name: string): Promise<void> {
    const bad = `${name}.bad`
    if ((await this.disk.list(this.directory)).includes(bad)) return
    await copyFile(this.disk, this.path(name), this.path(bad))
    this.quarantined++
  }
}

/** Rejects with the system's error when the directory cannot be read or mended. */
export async function recover(
  disk: Disk,
  directory: string,
  queueId: string | undefined,
): Promise<Recovered> {
  const recovery = new Recovery(disk, directory, queueId)
  const names = await segmentNames(recovery)
  const heads = await readHeads(recovery, names)
  const last = heads.at(-1)
  if (last !== undefined) await cutTail(recovery, last)
  startFrom(recovery, heads[0]?.checkpoint)
  for (const head of heads) apply(recovery, head)
  await dropUnlisted(recovery, names, heads[0]?.segment.base ?? 0)
  await reportMissing(recovery, names)
  await disk.syncDirectory(directory)
  const segments = [...recovery.segments.values()].sort((a, b) => a.base - b.base)
  const { totals, released, boot, wasClean, quarantined, damaged } = recovery
  const next = Math.max(0, ...segments.map((segment) => segment.next))
  return { segments, next, totals, released, boot, wasClean, quarantined, damaged }
}

/** Names of our segments, ascending; what only looks like one is set aside. */
async function segmentNames(recovery: Recovery): Promise<string[]> {
  const names: string[] = []
  for (const name of await recovery.disk.list(recovery.directory)) {
    if (segmentNamed(name) !== undefined) names.push(name)
    else if (name.endsWith('.seg')) await recovery.setAside(name)
    else if (name.endsWith('.tmp') || name.startsWith('LOCK.')) {
      await recovery.disk.remove(recovery.path(name))
    }
  }
  return names.sort()
}

/**
 * The newest segment with a sound checkpoint and all behind it. A last segment whose checkpoint
 * never got to the disk holds nothing and goes; one that holds a later valid record was durable.
 */
async function readHeads(recovery: Recovery, names: readonly string[]): Promise<Head[]> {
  const heads: Head[] = []
  for (const name of [...names].reverse()) {
    const head = await readHead(recovery, name, heads.length === 0)
    if (head === undefined) continue
    heads.unshift(head)
    if (head.checkpoint !== undefined) break
  }
  return heads
}

/** `isLast`: only the last one can have a torn tail, those before it were synced to their ends. */
async function readHead(
  recovery: Recovery,
  name: string,
  isLast: boolean,
): Promise<Head | undefined> {
  const { base = 0, salt = '' } = segmentNamed(name) ?? {}
  const segment = new Segment(base, salt)
  const bytes = await readWhole(recovery.disk, recovery.path(name))
  const records: Found[] = []
  const visit = (record: Found) => records.push(record)
  const scanned = scan(bytes, segment.seeds, visit, isLast ? 0 : bytes.length)
  if (records.length === 0) {
    // Nothing in it was ever acknowledged, or nothing in it can be told from noise.
    if (bytes.every((byte) => byte === 0)) await recovery.disk.remove(recovery.path(name))
    else await recovery.setAside(name)
    return undefined
  }
  if (isForeign(recovery, records[0])) {
    await recovery.setAside(name)
    return undefined
  }
  if (scanned.damage.length > 0) await recovery.copyAside(name)
  const first = records[0]
  const checkpoint = first?.kind === 'C' ? checkpointFrom(first.payload) : undefined
  if (first?.kind === 'C' && checkpoint === undefined) {
    throw new Fault('DISK_UNWRITABLE', { directory: recovery.directory, why: 'unknown format' })
  }
  return { segment, records, scanned, length: bytes.length, checkpoint }
}

/** A sound segment of another queue that somebody put here: taken for ours it would replace all. */
function isForeign({ queueId }: Recovery, first: Found | undefined): boolean {
  const checkpoint = first?.kind === 'C' ? checkpointFrom(first.payload) : undefined
  return queueId !== undefined && checkpoint !== undefined && checkpoint.queue !== queueId
}

/** What is read from here on is reported as stored, so it must be durable first. */
async function cutTail(recovery: Recovery, { segment, scanned, length }: Head): Promise<void> {
  const file = await recovery.disk.open(recovery.path(segment.name), 'edit')
  try {
    if (scanned.end < length) await file.truncate(scanned.end)
    await file.sync()
  } finally {
    await file.close()
  }
}

function startFrom(recovery: Recovery, checkpoint: Checkpoint | undefined): void {
  if (checkpoint === undefined) return
  recovery.totals = { ...checkpoint.totals }
  recovery.released = checkpoint.released
  recovery.boot = checkpoint.boot
  for (const entry of checkpoint.segments) {
    recovery.segments.set(entry.base, Segment.from(entry))
  }
}

/** Replays the records of one segment over what is known so far. */
function apply(recovery: Recovery, { segment, records, scanned }: Head): void {
  segment.index = new SegmentIndex()
  segment.fileBytes = scanned.end
  recovery.segments.set(segment.base, segment)
  for (const record of records) {
    recovery.wasClean = record.kind === 'S' && record.flags === cleanClose
    if (record.kind === 'M') addMessage(recovery, segment, record)
    else if (record.kind === 'A') applyOutcomes(recovery, record.payload)
    else if (record.kind === 'L') recovery.released = releasedFrom(record.payload)
  }
  while (segment.count < scanned.count) addGone(recovery, segment)
}

function addMessage(recovery: Recovery, segment: Segment, record: Found): void {
  while (segment.count < record.ordinal) addGone(recovery, segment)
  segment.index?.set(record.ordinal, record.offset, record.lane)
  segment.add(record.length, record.time)
  recovery.totals.accepted++
}

function addGone(recovery: Recovery, segment: Segment): void {
  segment.addGone()
  recovery.totals.accepted++
  countDamaged(recovery, 1)
}

function countDamaged(recovery: Recovery, messages: number): void {
  recovery.totals.damaged = (recovery.totals.damaged ?? 0) + messages
  recovery.damaged += messages
}

function applyOutcomes(recovery: Recovery, payload: Buffer): void {
  const { outcome, unstored, settled } = outcomesFrom(payload)
  let count = unstored
  for (const part of settled) count += recovery.segments.get(part.base)?.apply(part) ?? 0
  recovery.totals.accepted += unstored
  recovery.totals[outcome] = (recovery.totals[outcome] ?? 0) + count
}

/**
 * A segment that the checkpoint does not list was empty; a power cut may have brought it back. What
 * cannot be proved to be such a one is set aside. The checkpoint before may list them still, so the
 * name of the newest one is made durable first.
 */
async function dropUnlisted(recovery: Recovery, names: readonly string[], from: Sequence) {
  const unlisted = names.filter((name) => {
    const { base = 0, salt = '' } = segmentNamed(name) ?? {}
    return base <= from && recovery.segments.get(base)?.salt !== salt
  })
  if (unlisted.length > 0) await recovery.disk.syncDirectory(recovery.directory)
  for (const name of unlisted) {
    const first = await firstRecord(recovery, name)
    if (first === 'missing') continue
    if (first?.kind !== 'C' || isForeign(recovery, first)) await recovery.setAside(name)
    else await recovery.disk.remove(recovery.path(name))
  }
}

async function firstRecord(
  recovery: Recovery,
  name: string,
): Promise<Found | 'missing' | undefined> {
  const { base = 0, salt = '' } = segmentNamed(name) ?? {}
  try {
    const bytes = await readWhole(recovery.disk, recovery.path(name))
    return recordAt(bytes, 0, seedsOf(salt, base))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return 'missing' // set aside while the heads were read
  }
}

/** A listed segment is removed only once a later checkpoint no longer lists it. */
async function reportMissing(recovery: Recovery, names: readonly string[]): Promise<void> {
  for (const segment of [...recovery.segments.values()]) {
    if (names.includes(segment.name)) continue
    countDamaged(recovery, segment.waiting)
    recovery.segments.delete(segment.base)
  }
}
