/**
 * Whose segments lie in a directory that has lost its META.json: the checkpoint at the beginning of
 * each tells. It only reads, so what it cannot make sense of stays for recovery to judge.
 */

import type { Disk } from '../base/ports.js'
import { readRange } from './files.js'
import { checkpointFrom } from './payloads.js'
import { framingBytes, headerAt, headerBytes, recordAt, seedsOf } from './record.js'
import { segmentNamed } from './segment.js'

/**
 * The queue that the directory is opened for if any segment is its own, else the one that most are
 * of; undefined when none tells. Rejects with the system's error.
 */
export async function ownerBySegments(
  disk: Disk,
  directory: string,
  queueId: string,
): Promise<string | undefined> {
  const counts = new Map<string, number>()
  for (const name of (await disk.list(directory)).sort()) {
    const owner = await ownerOfSegment(disk, directory, name)
    if (owner === queueId) return queueId
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most?.[0]
}

/** Undefined when it is no segment, or its checkpoint makes no sense. */
async function ownerOfSegment(
  disk: Disk,
  directory: string,
  name: string,
): Promise<string | undefined> {
  const named = segmentNamed(name)
  if (named === undefined) return undefined
  const file = await disk.open(`${directory}/${name}`, 'read')
  try {
    const header = headerAt(await readRange(file, 0, headerBytes), 0)
    if (header?.kind !== 'C') return undefined
    const bytes = await readRange(file, 0, header.length + framingBytes)
    const record = recordAt(bytes, 0, seedsOf(named.salt, named.base))
    return record === undefined ? undefined : checkpointFrom(record.payload)?.queue
  } finally {
    await file.close()
  }
}
