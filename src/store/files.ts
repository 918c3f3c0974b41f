/**
 * Whole-file reading and complete writing over the disk port, which may write short. Errors
 * are the system's until `diskFault` gives them a code of ours.
 */

import { Fault, reasonOf, systemCode } from '../base/fault.js'
import type { Disk, DiskFile } from '../base/ports.js'

const sectorBytes = 4096

/** Writes all chunks at `position`, going on where the system stopped short. */
export async function writeAll(
  file: DiskFile,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let rest = chunks.filter((chunk) => chunk.length > 0)
  let at = position
  while (rest.length > 0) {
    const written = await file.write(rest, at)
    if (written <= 0) throw new Fault('DISK_UNWRITABLE', { why: 'nothing was written' })
    at += written
    rest = without(rest, written)
  }
}

/** The chunks less their first `bytes` bytes. */
function without(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  let skip = bytes
  for (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length
    else {
      rest.push(skip === 0 ? chunk : chunk.subarray(skip))
      skip = 0
    }
  }
  return rest
}

export async function readWhole(disk: Disk, path: string): Promise<Buffer> {
  const file = await disk.open(path, 'read')
  try {
    return await readRange(file, 0, await file.length())
  } finally {
    await file.close()
  }
}

export interface Salvaged {
  readonly bytes: Buffer
  /** End of the last sector that could not be read; 0 when all could. */
  readonly unreadableTo: number
}

/** A file of which the disk may have lost sectors: each such one reads as zeros. */
export async function readSalvaging(disk: Disk, path: string): Promise<Salvaged> {
  const file = await disk.open(path, 'read')
  try {
    const length = await file.length()
    try {
      return { bytes: await readRange(file, 0, length), unreadableTo: 0 }
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error
      return await readSectors(file, length)
    }
  } finally {
    await file.close()
  }
}

async function readSectors(file: DiskFile, length: number): Promise<Salvaged> {
  const bytes = Buffer.alloc(length)
  let unreadableTo = 0
  for (let at = 0; at < length; at += sectorBytes) {
    const end = Math.min(at + sectorBytes, length)
    try {
      bytes.set(await readRange(file, at, end - at), at)
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error
      unreadableTo = end
    }
  }
  return { bytes, unreadableTo }
}

/** Reads up to `length` bytes from `position`; fewer where the file ends. */
export async function readRange(file: DiskFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const rest = filled === 0 ? bytes : bytes.subarray(filled)
    const read = await file.read(rest, position + filled)
    if (read === 0) break
    filled += read
  }
  return filled === length ? bytes : bytes.subarray(0, filled)
}

/**
 * Puts a file with this content in the place of whatever stands there, whole or not at all. Its
 * bytes are durable when it resolves, its name is not yet. Rejects with the system's error.
 */
export async function replace(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${path}.tmp`
  await disk.remove(fresh).catch(ignoreMissing)
  try {
    await writeNew(disk, fresh, bytes)
    await disk.rename(fresh, path)
  } catch (error) {
    await disk.remove(fresh).catch(() => {}) // the first error tells more
    throw error
  }
}

/**
 * Makes a new file with this content; its bytes are durable when it resolves, its name is not yet.
 */
export async function writeNew(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.open(path, 'create')
  try {
    await writeAll(file, [bytes], 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A new file under that name; what is there can only be left over from a failed attempt. */
export async function createOver(disk: Disk, path: string): Promise<DiskFile> {
  try {
    return await disk.open(path, 'create')
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    await disk.remove(path)
    return disk.open(path, 'create')
  }
}

/** What a failed file call means to a person: a full disk, or one that cannot be written. */
export function diskFault(error: unknown, directory: string): Fault {
  if (error instanceof Fault) return error
  if (systemCode(error) === 'ENOSPC') return new Fault('DISK_FULL', { free: 0, floor: 0 }, error)
  return new Fault('DISK_UNWRITABLE', { directory, why: reasonOf(error) }, error)
}

/**
 * Makes a directory so that it is still there after a power cut. A process that was killed may have
 * made it and not come to its syncs, so they are left out only when `witness` is in it: a file that
 * is written after an earlier call has resolved.
 */
export async function makeDurableDirectory(
  disk: Disk,
  directory: string,
  witness: string,
): Promise<void> {
  await disk.makeDirectory(directory)
  if ((await disk.list(directory)).includes(witness)) return
  for (let made = directory; parentOf(made) !== made; made = parentOf(made)) {
    await disk.syncDirectory(parentOf(made)).catch(ignoreForbidden)
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error
}

/** A directory that may not even be read was not made by this process. */
function ignoreForbidden(error: unknown): void {
  if (!['EACCES', 'EPERM'].includes(systemCode(error))) throw error
}

export function parentOf(path: string): string {
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return slash <= 0 ? path.slice(0, slash + 1) || '.' : path.slice(0, slash)
}
