/**
 * Whole-file reading and complete writing over the disk port, which may write short. Errors
 * are the system's until `diskFault` gives them a code of ours.
 */

import { Fault, reasonOf, systemCode } from '../base/fault.js'
import type { Disk, DiskFile } from '../base/ports.js'

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

/** Reads up to `length` bytes from `position`; fewer where the file ends. */
export async function readRange(file: DiskFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const read = await file.read(bytes.subarray(filled), position + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

/** Copies a file whole, for setting damaged bytes aside; durable when it resolves. */
export async function copyFile(disk: Disk, from: string, to: string): Promise<void> {
  const bytes = await readWhole(disk, from)
  await writeNew(disk, to, bytes)
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

/** A directory that may not even be read was not made by this process. */
function ignoreForbidden(error: unknown): void {
  if (!['EACCES', 'EPERM'].includes(systemCode(error))) throw error
}

export function parentOf(path: string): string {
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return slash <= 0 ? path.slice(0, slash + 1) || '.' : path.slice(0, slash)
}
