/**
 * Moves what waits in a directory that no node owns any more among the letters of another: letters
 * with their id, cause and story, messages of a queue as letters without one. Each is durable there
 * before it is settled here: a crash in between leaves it in both, under one id, and the next
 * adoption finds it known. Letters that a person had deleted are not moved.
 */

import type { Fault } from '../base/fault.js'
import type { Bytes } from '../base/units.js'
import { type Adoption, mustBeJournal } from '../store/adoption.js'
import { diskFault } from '../store/files.js'
import type { Ground } from '../store/settings.js'
import { SharedDisk } from '../store/shared-disk.js'
import { StateFile } from '../store/state-file.js'
import { priorities } from '../store/turns.js'
import type { Entry } from './letter-index.js'
import { LetterJournal } from './letter-journal.js'
import { LetterMarks } from './letter-marks.js'
import type { Kept } from './letter-record.js'

export interface Adopter {
  /** Resolves when it is durable, or was here already. Rejects when it cannot be kept. */
  take(letter: Kept): Promise<unknown>
  /** Why no letter of so many bytes is taken any more, if there is why. */
  refusalOf(bytes: Bytes): Fault | undefined
}

const batchMax = 100

/**
 * Moves them in order. The first refusal, or the first error of either journal, stops it. Rejects
 * with STORE_BUSY when somebody works on the directory, or with DISK_UNWRITABLE; then nothing has
 * been moved.
 */
export async function adoptLetters(
  ground: Ground,
  directory: string,
  adopter: Adopter,
): Promise<Adoption> {
  const { disk } = ground.world
  const names: string[] = await disk.list(directory).catch((error: unknown) => {
    throw diskFault(error, directory)
  })
  const below = priorities.filter((priority) => names.includes(priority))
  let messages = 0
  for (const part of [...below.map((priority) => `${directory}/${priority}`), directory]) {
    const adoption = await adoptFrom(ground, part, adopter)
    messages += adoption.messages
    if (adoption.stopped !== undefined) return { messages, stopped: adoption.stopped }
  }
  return { messages, stopped: undefined }
}

async function adoptFrom(ground: Ground, directory: string, adopter: Adopter): Promise<Adoption> {
  const disk = new SharedDisk(ground.world.disk, ground.budget)
  await mustBeJournal(disk, directory)
  const marks = await LetterMarks.open(new StateFile(disk, directory, 'LETTERS.json'))
  const queueId = directory.slice(directory.lastIndexOf('/') + 1)
  const settings = { directory, queueId, durability: { is: 'each' }, ballastBytes: 0 } as const
  const orphan = await LetterJournal.open({ ...ground, failed: () => {} }, settings, marks.seen)
  let adoption: Adoption = { messages: 0, stopped: undefined }
  try {
    await orphan.setAside(marks, ground.world.clock.wall())
    adoption = await moveAll(orphan, directory, adopter)
  } finally {
    const isEmpty = orphan.index.size === 0
    // What was moved is moved; what cannot be removed is an empty journal.
    await (isEmpty ? orphan.remove() : orphan.close()).catch(() => {})
  }
  return adoption
}

async function moveAll(
  orphan: LetterJournal,
  directory: string,
  adopter: Adopter,
): Promise<Adoption> {
  const entries = await orphan.index.matching(({ aside }) => aside === undefined)
  let messages = 0
  for (let from = 0; from < entries.length; from += batchMax) {
    const moved = await move(orphan, entries.slice(from, from + batchMax), adopter).catch(
      (error: unknown) => ({ messages: 0, stopped: diskFault(error, directory) }),
    )
    messages += moved.messages
    if (moved.stopped !== undefined) return { messages, stopped: moved.stopped }
  }
  for (const entry of await orphan.index.matching(() => true)) orphan.end(entry, 'operator')
  return { messages, stopped: undefined }
}

/** All of a batch at once, so that they share their syncs. */
async function move(
  orphan: LetterJournal,
  entries: readonly Entry[],
  adopter: Adopter,
): Promise<Adoption> {
  let messages = 0
  let stopped: Fault | undefined
  const one = async (entry: Entry, letter: Kept) => {
    await adopter.take(letter).then(
      () => {
        messages++
        orphan.end(entry, 'operator')
      },
      (fault: Fault) => {
        stopped = fault
      },
    )
  }
  const moving: Promise<void>[] = []
  for (const entry of entries) {
    stopped ??= adopter.refusalOf(entry.bytes)
    if (stopped !== undefined) break
    const letter = await orphan.read(entry)
    if (letter !== undefined) moving.push(one(entry, letter))
  }
  await Promise.all(moving)
  return { messages, stopped }
}
