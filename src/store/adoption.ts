/**
 * Moves what waits in a directory that no queue owns any more to the end of another journal. Each
 * message keeps its id and the time it was stored at, and is durable there before it is settled
 * here: a crash in between leaves it in both, under one id, and loses none. It holds no more than
 * one batch in memory, and never takes a journal that somebody works on.
 */

import { Fault } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { diskFault } from './files.js'
import { Journal } from './journal.js'
import { metaName } from './meta.js'
import { segmentNamed } from './segment.js'
import type { Ground } from './settings.js'
import { adoptedFrom } from './stored.js'
import type { StoredRecord } from './tail.js'
import { priorities } from './turns.js'

export interface Adoption {
  /** Messages that are durable in the other journal and settled here. */
  readonly messages: number
  /** Why the rest stays where it is; undefined when nothing was left. */
  readonly stopped: Fault | undefined
}

/** Why a journal takes no more of so many messages, with so many framed bytes; if there is why. */
export type RefusalOf = (messages: number, bytes: Bytes) => Fault | undefined

const batch = { records: 100, bytes: 256 << 10 }

/**
 * Moves all messages of the journal in `directory`, in order, and removes it when nothing is left.
 * The first refusal, or the first error of either journal, stops it. Rejects with STORE_BUSY when
 * somebody works on the directory, with DISK_FULL or DISK_UNWRITABLE when it cannot be read or is
 * no journal; then nothing has been moved.
 */
export async function adopt(
  ground: Ground,
  directory: string,
  into: Journal,
  refusalOf: RefusalOf,
): Promise<Adoption> {
  await mustBeJournal(ground.world.disk, directory)
  const queueId = directory.slice(directory.lastIndexOf('/') + 1)
  const durability = { is: 'each' } as const
  const settings = { directory, queueId, durability, ballastBytes: 0 }
  const orphan = await Journal.open({ ...ground, failed: () => {} }, settings)
  const adoption = await moveAll(orphan, directory, into, refusalOf)
  const isEmpty = adoption.stopped === undefined
  // What was moved is moved; what cannot be removed is an empty journal, for the next adoption.
  await (isEmpty ? orphan.remove() : orphan.close()).catch(() => {})
  return adoption
}

/** As `adopt`, of a queue: the classes of priority that lie below its directory first. */
export async function adoptClasses(
  ground: Ground,
  directory: string,
  into: Journal,
  refusalOf: RefusalOf,
): Promise<Adoption> {
  const names: string[] = await ground.world.disk.list(directory).catch((error: unknown) => {
    throw diskFault(error, directory)
  })
  const below = priorities.filter((priority) => names.includes(priority))
  let messages = 0
  for (const part of [...below.map((priority) => `${directory}/${priority}`), directory]) {
    const adoption = await adopt(ground, part, into, refusalOf)
    messages += adoption.messages
    if (adoption.stopped !== undefined) return { messages, stopped: adoption.stopped }
  }
  return { messages, stopped: undefined }
}

/** Rejects with DISK_UNWRITABLE where there is none: opening would make one. */
export async function mustBeJournal(disk: Disk, directory: string): Promise<void> {
  const names = await disk.list(directory).catch((error: unknown) => {
    throw diskFault(error, directory)
  })
  if (names.some((name) => name === metaName || segmentNamed(name) !== undefined)) return
  throw new Fault('DISK_UNWRITABLE', { directory, why: 'no journal' })
}

async function moveAll(
  orphan: Journal,
  directory: string,
  into: Journal,
  refusalOf: RefusalOf,
): Promise<Adoption> {
  let messages = 0
  let stopped: Fault | undefined
  try {
    for (let from = 0; stopped === undefined; ) {
      const { records, next } = await orphan.read(from, batch)
      if (next === from) break
      from = next
      const moved = await move(records, orphan, into, refusalOf)
      messages += moved.messages
      stopped = moved.stopped ?? orphan.failure
    }
  } catch (error) {
    stopped = diskFault(error, directory)
  }
  return { messages, stopped }
}

async function move(
  records: readonly StoredRecord[],
  orphan: Journal,
  into: Journal,
  refusalOf: RefusalOf,
): Promise<Adoption> {
  const admitted: StoredRecord[] = []
  let bytes = 0
  let stopped: Fault | undefined
  for (const record of records) {
    bytes += record.bytes
    stopped = refusalOf(admitted.length + 1, bytes)
    if (stopped !== undefined) break
    admitted.push(record)
  }
  const kept: StoredRecord[] = []
  const keep = (record: StoredRecord) =>
    into.append(adoptedFrom(record)).then(
      () => kept.push(record),
      (fault: Fault) => {
        stopped = fault
      },
    )
  await Promise.all(admitted.map(keep))
  await into.sync()
  for (const record of kept) orphan.settle(record, 'operator')
  return { messages: kept.length, stopped }
}
