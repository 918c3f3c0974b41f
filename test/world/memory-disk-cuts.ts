/** Power cuts by the hundred, and what may be found on the memory disk after them. */

import 'should'
import { MemoryDisk, type MemoryDiskOptions } from './memory-disk.js'
import { seededRandom } from './seeded-random.js'

export const filled = (letter: string, count: number) => Buffer.alloc(count, letter)

/** A disk with the file `/d/file`, whose name and content are durable. */
export async function diskWith(content: string, options: MemoryDiskOptions = {}) {
  const disk = new MemoryDisk(options)
  disk.put('/d/file', Buffer.from(content))
  return { disk, file: await disk.open('/d/file', 'edit') }
}

export const cuts = (disk: MemoryDisk, count = 600) =>
  Array.from({ length: count }, (_, seed) => disk.crash(seededRandom(seed)))

/** What `/d/file` holds after many power cuts; '' also when it is gone. */
export const contentsAfterCuts = (disk: MemoryDisk, count?: number) =>
  new Set(
    cuts(disk, count).map((cut) =>
      cut.namesIn('/d').includes('file') ? cut.bytesOf('/d/file').toString('latin1') : '',
    ),
  )

/** One of them is like this. */
export const some = (texts: ReadonlySet<string>, is: (text: string) => boolean) =>
  [...texts].some(is).should.be.true()
