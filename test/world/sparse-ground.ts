/**
 * A journal in many small segments of which most messages are settled, and what can be seen of its
 * compaction on the disk.
 */

import type { Journal } from '../../src/store/journal.js'
import { seedsOf } from '../../src/store/record.js'
import { scan } from '../../src/store/scan.js'
import { segmentNamed } from '../../src/store/segment.js'
import type { MemoryDiskOptions } from './memory-disk.js'
import { appendAll, groundOf, message, recordOf, type StoreGround, texts } from './store-ground.js'

export const count = 1200
export const segmentBytes = 4000
/** Every tenth stays. */
export const isLeft = (n: number) => n % 10 === 3
export const left = texts(count).filter((_, n) => isLeft(n))

/** So many messages in sealed segments. */
export async function filled(disk: Pick<MemoryDiskOptions, 'writeTakes' | 'syncTakes'> = {}) {
  const ground = groundOf({ disk })
  const opening = ground.open({ segmentBytes })
  await ground.world.clock.advance(1000)
  const journal = await opening
  const all = texts(count)
  for (let n = 0; n < count; n += 5) {
    const some = all
      .slice(n, n + 5)
      .map((text, place) => journal.append(message(text, n + place + 1)))
    await ground.finishWithin(100, Promise.all(some))
  }
  return { ground, journal }
}

/** Settles all but every tenth, and waits until all has come of it that will. */
export async function thin(ground: StoreGround, journal: Journal): Promise<void> {
  thinAtOnce(journal)
  await ground.world.clock.advance(2000)
}

export function thinAtOnce(journal: Journal): void {
  for (let n = 0; n < count; n++) if (!isLeft(n)) journal.settle(recordOf(n, `m${n}`), 'delivered')
}

/** Some segments more, each with a checkpoint. */
export async function moveOn(ground: StoreGround, journal: Journal): Promise<void> {
  for (let n = 0; n < 10; n++) {
    await appendAll(ground, journal, texts(60, 'y'))
    await ground.world.clock.advance(1100)
  }
}

/** Segment files in which messages are left out. */
export function compactionsIn(ground: StoreGround): number {
  return ground.segments.filter((name) => {
    const { base = 0, salt = '' } = segmentNamed(name) ?? {}
    let there = 0
    const bytes = ground.disk.bytesOf(ground.path(name))
    const { count: all } = scan(bytes, seedsOf(salt, base), ({ kind }) => {
      if (kind === 'M') there++
    })
    return there < all
  }).length
}

export async function restarted(ground: StoreGround, journal: Journal): Promise<Journal> {
  await ground.finish(journal.close())
  return ground.open({ segmentBytes })
}
