/**
 * What a directory still holds after whatever happened to it: applies the newest checkpoint and the
 * records behind it, drops files that hold nothing any more, counts what is damaged or missing. It
 * never deletes bytes that may have been acknowledged, and a crash in the middle of it changes
 * nothing.
 */

import { systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import type { Sequence } from '../base/units.js'
import { readSalvaging } from './files.js'
import { type Head, isForeign, makeDurable, type Opener, readHeads } from './heads.js'
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
import { Quarantine } from './quarantine.js'
import { type Found, framingBytes, recordAt, seedsOf } from './record.js'
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
  /** Files set aside, and what they have cost. */
  readonly quarantine: Quarantine
}

class Recovery {
  readonly disk: Disk
  readonly directory: string
  readonly opener: Opener
  readonly quarantine: Quarantine
  segments = new Map<Sequence, Segment>()
  totals: Totals = { accepted: 0 }
  released: Released = { upTo: 0, atMost: 0 }
  boot = ''
  wasClean = true

  constructor(disk: Disk, directory: string, opener: Opener) {
    this.disk = disk
    this.directory = directory
    this.opener = opener
    this.quarantine = new Quarantine(disk, directory)
  }

  path(name: string): string {
    return `${this.directory}/${name}`
  }
}

/** Rejects with the system's error when the directory cannot be read or mended. */
export async function recover(disk: Disk, directory: string, opener: Opener): Promise<Recovered> {
  const recovery = new Recovery(disk, directory, opener)
  const names = await segmentNames(recovery)
  const heads = await readHeads(recovery, names)
  const last = heads.at(-1)
  if (last !== undefined) await makeDurable(disk, recovery.path(last.segment.name), last, opener)
  startFrom(recovery, heads[0]?.checkpoint)
  for (const head of heads) apply(recovery, head)
  for (const head of heads) closeGaps(recovery, head)
  await dropUnlisted(recovery, names, heads[0]?.segment.base ?? 0)
  await reportMissing(recovery, names)
  await disk.syncDirectory(directory)
  const segments = [...recovery.segments.values()].sort((a, b) => a.base - b.base)
  const { totals, released, boot, wasClean, quarantine } = recovery
  const next = Math.max(0, ...segments.map((segment) => segment.next))
  return { segments, next, totals, released, boot, wasClean, quarantine }
}

/** Names of our segments, ascending; what only looks like one is set aside. */
async function segmentNames(recovery: Recovery): Promise<string[]> {
  const names: string[] = []
  for (const name of await recovery.disk.list(recovery.directory)) {
    if (name.endsWith('.bad')) recovery.quarantine.earlier++
    if (segmentNamed(name) !== undefined) names.push(name)
    else if (name.endsWith('.seg')) await recovery.quarantine.setAside(name)
    else if (name.endsWith('.tmp') || name.startsWith('LOCK.')) {
      await recovery.disk.remove(recovery.path(name))
    }
  }
  return names.sort()
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
    while (segment.count < record.ordinal) skip(recovery, segment)
    if (record.kind === 'M') addMessage(recovery, segment, record)
    else if (record.kind === 'A') applyOutcomes(recovery, record.payload)
    else if (record.kind === 'L') recovery.released = releasedFrom(record.payload)
  }
  while (segment.count < scanned.count) skip(recovery, segment)
}

function addMessage(recovery: Recovery, segment: Segment, record: Found): void {
  segment.index?.set(record.ordinal, record.offset, record.lane)
  segment.add(record.length, record.time)
  recovery.totals.accepted++
}

/** Compacted or damaged away: an outcome that is still to come may tell how it ended. */
function skip(recovery: Recovery, segment: Segment): void {
  segment.skip()
  recovery.totals.accepted++
}

/** What no outcome has told of and is not there is damaged; the rest is what waits. */
function closeGaps(recovery: Recovery, { segment, records }: Head): void {
  const waiting = new Set<number>()
  segment.liveBytes = 0
  for (const { kind, ordinal, length } of records) {
    if (kind !== 'M' || segment.isSettled(ordinal)) continue
    waiting.add(ordinal)
    segment.liveBytes += length + framingBytes
  }
  for (let ordinal = 0; ordinal < segment.count; ordinal++) {
    if (!waiting.has(ordinal) && segment.settle(ordinal)) countDamaged(recovery, segment, 1)
  }
}

function countDamaged(
  { totals, quarantine: { corrupt } }: Recovery,
  { name }: Segment,
  messages: number,
): void {
  if (messages === 0) return
  totals.damaged = (totals.damaged ?? 0) + messages
  corrupt.set(name, (corrupt.get(name) ?? 0) + messages)
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
  const { opener, quarantine, segments } = recovery
  const empty: string[] = []
  for (const name of names) {
    const { base = 0, salt = '' } = segmentNamed(name) ?? {}
    if (base > from || segments.get(base)?.salt === salt) continue
    const first = await firstRecord(recovery, name)
    if (first === 'missing') continue
    const checkpoint = first?.kind === 'C' ? checkpointFrom(first.payload) : undefined
    if (first?.kind !== 'C' || isForeign(opener, checkpoint)) await quarantine.setAside(name)
    else empty.push(name)
  }
  if (empty.length > 0) await recovery.disk.syncDirectory(recovery.directory)
  await quarantine.discard(empty)
}

async function firstRecord(
  recovery: Recovery,
  name: string,
): Promise<Found | 'missing' | undefined> {
  const { base = 0, salt = '' } = segmentNamed(name) ?? {}
  try {
    const { bytes } = await readSalvaging(recovery.disk, recovery.path(name))
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
    countDamaged(recovery, segment, segment.waiting)
    recovery.segments.delete(segment.base)
  }
}
