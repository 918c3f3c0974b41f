/**
 * META.json: which format a directory is in and which queue it was made for. Written once; a file
 * that makes no sense is set aside, because the segments themselves carry everything else.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Disk } from '../base/ports.js'
import { readWhole, replace } from './files.js'
import { ownerBySegments } from './owner.js'

const format = 1

export const metaName = 'META.json'

/** The queue that a directory belongs to; `isKnown` when anything there tells. */
export interface Owner {
  readonly queueId: string
  readonly isKnown: boolean
}

/**
 * Whose directory this is; of `queueId` when nothing says so. Rejects with DISK_UNWRITABLE when a
 * later version of the package wrote it.
 */
export async function ownerOf(disk: Disk, directory: string, queueId: string): Promise<Owner> {
  const path = `${directory}/${metaName}`
  const meta = await read(disk, path)
  if (meta !== undefined && meta.format > format) {
    throw new Fault('DISK_UNWRITABLE', { directory, why: `format ${meta.format} is newer` })
  }
  if (meta !== undefined) return { queueId: meta.queue, isKnown: true }
  const found = await ownerBySegments(disk, directory, queueId)
  const bytes = Buffer.from(`${JSON.stringify({ format, queue: found ?? queueId })}\n`)
  await replace(disk, path, bytes)
  await disk.syncDirectory(directory)
  return { queueId: found ?? queueId, isKnown: found !== undefined }
}

async function read(disk: Disk, path: string) {
  try {
    const meta: unknown = JSON.parse((await readWhole(disk, path)).toString())
    if (isMeta(meta)) return meta
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError)) throw error
  }
  await disk.rename(path, `${path}.bad`)
  return undefined
}

function isMeta(value: unknown): value is { format: number; queue: string } {
  if (typeof value !== 'object' || value === null) return false
  if (!('format' in value) || !('queue' in value)) return false
  return typeof value.format === 'number' && typeof value.queue === 'string'
}
