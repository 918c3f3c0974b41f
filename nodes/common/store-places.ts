/**
 * Places for messages as a person sees them, before they are chosen too: how much room the disk
 * has, and whether its file system keeps what is written there. It makes nothing, and names no
 * directory that it was not asked for.
 */

import { Fault, systemCode } from '../../src/base/fault.js'
import type { Disk } from '../../src/base/ports.js'
import { riskOf } from '../../src/store/risk.js'
import { bytesBelow } from '../../src/store/usage.js'
import { isDirectory } from './address.js'
import type { Listed } from './admin-request.js'

/** As `/resilience/stores` answers it. */
export interface StorePlace {
  /** Id of the store; '' for what is built in, null for a directory that was asked about. */
  readonly store: string | null
  readonly directory: string
  /** What this process may still use; null where the disk does not answer. */
  readonly freeBytes: number | null
  readonly totalBytes: number | null
  /** What lies there of ours; null where it was not looked at, or is too much to look at. */
  readonly usedBytes: number | null
  /** Such as `ext4`; `unknown` where the system does not tell. */
  readonly filesystem: string
  /** It forgets, is a container's own, or lies on another computer; null: fit for messages. */
  readonly risk: ReturnType<typeof riskOf> | null
}

type Asked = Pick<StorePlace, 'store' | 'directory'>

export async function placesOf(disk: Disk, asked: readonly Asked[]): Promise<Listed<StorePlace>> {
  const items = await Promise.all(
    asked.map(async (each) => ({
      ...(await placeOf(disk, each)),
      usedBytes: each.store === null ? null : ((await bytesBelow(disk, each.directory)) ?? null),
    })),
  )
  return { items, next: null, total: items.length }
}

/** Throws COMMAND_INVALID for what is no full path. */
export function askedAbout(directory: string): Asked {
  if (isDirectory(directory)) return { store: null, directory }
  throw new Fault('COMMAND_INVALID', { command: 'stores', field: 'directory' })
}

async function placeOf(disk: Disk, asked: Asked): Promise<Omit<StorePlace, 'usedBytes'>> {
  // Before the first message the directory is not there: what it will lie in is.
  for (let path = asked.directory; ; path = above(path)) {
    try {
      const { free: freeBytes, total: totalBytes } = await disk.space(path)
      const filesystem = await disk.fileSystem(path)
      return { ...asked, freeBytes, totalBytes, filesystem, risk: riskOf(filesystem) ?? null }
    } catch (error) {
      if (systemCode(error) === 'ENOENT' && above(path) !== path) continue
      return { ...asked, freeBytes: null, totalBytes: null, filesystem: 'unknown', risk: null }
    }
  }
}

/** The directory that this one lies in; the root lies in itself. */
function above(path: string): string {
  const [root = '/'] = /^[a-z]:[\\/]?/i.exec(path) ?? []
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return end < root.length ? root : path.slice(0, end)
}
