/**
 * Removes a directory and all that we have put there, for good. It takes the lock first, so it
 * never takes anything away from somebody who works; files that are not ours stay, and then the
 * directory too. A crash in the middle leaves a directory with less in it.
 */

import type { Disk } from '../base/ports.js'
import { diskFault } from './files.js'
import { Lock } from './lock.js'
import { segmentNamed } from './segment.js'
import type { StoreWorld } from './settings.js'
import { priorities } from './turns.js'

/** META, state files, counters, the reserve, and what a power cut left of replacing one of them. */
const ours = /^[A-Z]+(\.json|\.log)?(\.tmp|\.bad)?$|\.seg(\.bad|\.tmp)?$/

/** Whether a file of that name, below a directory of a node, was put there by us. */
export function isOurs(name: string): boolean {
  return ours.test(name)
}

/** Rejects with STORE_BUSY while somebody works there, or with DISK_UNWRITABLE. */
export async function erase(world: StoreWorld, directory: string): Promise<void> {
  try {
    const lock = await Lock.take(world, directory)
    try {
      for (const priority of priorities) await eraseIn(world.disk, `${directory}/${priority}`)
      await eraseIn(world.disk, directory, ['LOCK'])
    } finally {
      await lock.release()
    }
    await removeIfEmpty(world.disk, directory)
  } catch (error) {
    throw diskFault(error, directory)
  }
}

/** Segments first, the newest last: until it is gone it tells what the others held. */
async function eraseIn(disk: Disk, directory: string, but: readonly string[] = []): Promise<void> {
  const names = await disk.list(directory).catch(() => []) // most have no such directory
  const mine = names.filter((name) => isOurs(name) && !but.includes(name))
  const segments = mine.filter((name) => segmentNamed(name) !== undefined).sort()
  const others = mine.filter((name) => segmentNamed(name) === undefined)
  for (const name of [...segments, ...others]) await disk.remove(`${directory}/${name}`)
  if (names.length > 0 && but.length === 0) await removeIfEmpty(disk, directory)
}

async function removeIfEmpty(disk: Disk, directory: string): Promise<void> {
  if ((await disk.list(directory)).length === 0) await disk.removeDirectory(directory)
}
