/**
 * How much room our files take below a directory, as their lengths tell: three levels deep, which
 * is as deep as they lie. It opens nobody else's files, and gives up where there are too many.
 */

import { systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { isOurs } from './erasure.js'

const levelsMax = 3
const namesMax = 5_000

/** Undefined where there are more names, or where the disk does not answer; 0 for no directory. */
export async function bytesBelow(disk: Disk, directory: string): Promise<Bytes | undefined> {
  const counted = { names: 0, bytes: 0 }
  let level: readonly string[] = [directory]
  for (let depth = 0; depth < levelsMax; depth++) {
    const below: string[] = []
    for (const path of level) {
      const names = await namesIn(disk, path)
      if (names === undefined) return undefined
      counted.names += names.length
      if (counted.names > namesMax) return undefined
      for (const name of names) {
        if (isOurs(name)) counted.bytes += await lengthOf(disk, `${path}/${name}`)
        else below.push(`${path}/${name}`)
      }
    }
    level = below
  }
  return counted.bytes
}

/** None in what is no directory, is gone, or may not be read. */
async function namesIn(disk: Disk, path: string): Promise<string[] | undefined> {
  try {
    return await disk.list(path)
  } catch (error) {
    const isNothing = ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')
    return isNothing ? [] : undefined
  }
}

/** 0 for what has gone meanwhile. */
async function lengthOf(disk: Disk, path: string): Promise<number> {
  const file = await disk.open(path, 'read').catch(() => undefined) // gone meanwhile
  if (file === undefined) return 0
  try {
    return await file.length()
  } finally {
    await file.close()
  }
}
