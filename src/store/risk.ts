/**
 * Whether a directory lies where messages can be kept: a file system that forgets, or one whose
 * locks and syncs cannot be relied on, is told once per process. It refuses nothing: a person may
 * know better.
 */

import type { Event } from '../base/event.js'
import type { Disk } from '../base/ports.js'
import type { Ground } from './settings.js'

type Risk = Extract<Event, { kind: 'store.unsuitable' }>['risk']

/** Kept in memory only, on the layer of a container, or on another computer. */
const names: Readonly<Record<Risk, readonly string[]>> = {
  memory: ['tmpfs', 'ramfs'],
  layer: ['overlay'],
  remote: ['nfs', 'smb', 'cifs', '9p', 'fuse', 'ceph', 'afs', 'coda', 'ncp', 'ocfs2', 'lustre']
    // Folders of the host of a virtual machine.
    .concat('vboxsf', 'vmhgfs'),
}

/** Directories that were told of, by disk: a process has one. */
const told = new WeakMap<Disk, Set<string>>()

/** What a file system with this name puts at risk, if anything. */
export function riskOf(filesystem: string): Risk | undefined {
  if (names.memory.includes(filesystem)) return 'memory'
  if (names.layer.includes(filesystem)) return 'layer'
  return names.remote.includes(filesystem) ? 'remote' : undefined
}

/** Never rejects: a file system that does not tell its name is taken as it is. */
export async function tellRisk({ world, emit }: Ground, directory: string): Promise<void> {
  const { disk } = world
  const known = told.get(disk) ?? new Set()
  told.set(disk, known)
  if (known.has(directory)) return
  const filesystem = await disk.fileSystem(directory).catch(() => 'unknown') // nothing to go by
  const risk = riskOf(filesystem)
  if (risk === undefined) return
  known.add(directory)
  emit({ kind: 'store.unsuitable', directory, filesystem, risk })
}
