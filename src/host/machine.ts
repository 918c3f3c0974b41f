/**
 * This computer and this process, from what the system tells. Where Linux offers no `/proc`, the
 * next best is taken; a question about another process that cannot be answered is answered "it
 * runs", because taking a live process for a dead one costs data and the reverse only a wait.
 */

import { createHash } from 'node:crypto'
import { hostname, networkInterfaces, totalmem, uptime } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Disk, Machine } from '../base/ports.js'
import { processBeganAt, realClock } from './clock.js'
import { realDisk } from './disk.js'

/** More than any file read here holds. */
const readBytesMax = 4096
/** A boot time worked out from two clocks wavers by less than this. */
const bootGrainMs = 600_000
const noAddress = '00:00:00:00:00:00'

export function machineOver(disk: Disk): Machine {
  return {
    hostName: hostname(),
    processId: process.pid,

    async processStartedAt() {
      const found = await processNumbered(disk, process.pid)
      return found?.startedAt ?? `ms${processBeganAt()}`
    },

    async bootId() {
      const id = await lineOf(disk, '/proc/sys/kernel/random/boot_id')
      if (id !== undefined) return id
      return `boot${Math.round((realClock.wall() - uptime() * 1000) / bootGrainMs)}`
    },

    async fingerprint() {
      const installation =
        (await lineOf(disk, '/etc/machine-id')) ??
        (await lineOf(disk, '/var/lib/dbus/machine-id')) ??
        hostname()
      const address = await hardwareAddress(disk)
      return createHash('sha256').update(`${installation}\n${address}`).digest('hex')
    },

    async runs(processId, startedAt) {
      const found = await processNumbered(disk, processId)
      if (found !== undefined) return found.isAlive && found.startedAt === startedAt
      if (!answersSignals(processId)) return false
      return processId !== process.pid || startedAt === (await this.processStartedAt())
    },

    memoryUsed() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
      // Without a limit on this process the system answers 0, or more than there is.
      const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY
      const share = process.memoryUsage.rss() / Math.min(totalmem(), allowed)
      return Math.min(1, Math.max(used / limit, share))
    },
  }
}

export const realMachine: Machine = machineOver(realDisk)

/** What `/proc/<pid>/stat` tells, or undefined when there is no such file to read. */
async function processNumbered(disk: Disk, processId: number) {
  const line = await lineOf(disk, `/proc/${processId}/stat`)
  if (line === undefined) return undefined
  // The second field, the name in brackets, may itself hold blanks and brackets.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state, startedAt] = [fields[0], fields[19]]
  if (state === undefined || startedAt === undefined) return undefined
  return { isAlive: state !== 'Z' && state !== 'X', startedAt }
}

/** Undefined when it cannot be read or is empty. */
async function lineOf(disk: Disk, path: string): Promise<string | undefined> {
  const bytes = Buffer.alloc(readBytesMax)
  try {
    const file = await disk.open(path, 'read')
    try {
      // Files under /proc tell a length of 0: read without asking for it.
      const read = await file.read(bytes, 0)
      return bytes.toString('utf8', 0, read).trim() || undefined
    } finally {
      await file.close()
    }
  } catch {
    return undefined // not there or not for us: the caller knows another way
  }
}

/**
 * The first address burnt into a network card, by interface name. Addresses that software made up
 * (containers, private Wi-Fi) change, so they count only when there is no other.
 */
async function hardwareAddress(disk: Disk): Promise<string> {
  const addresses = (await addressesOf(disk)).filter((address) => address !== noAddress)
  const isBurntIn = (address: string) => (Number.parseInt(address.slice(0, 2), 16) & 2) === 0
  return addresses.find(isBurntIn) ?? addresses[0] ?? ''
}

/** `/sys` also lists cards that have no network yet, as at an early start; the system does not. */
async function addressesOf(disk: Disk): Promise<string[]> {
  const cards = '/sys/class/net'
  try {
    const names = (await disk.list(cards)).sort()
    const lines = await Promise.all(names.map((name) => lineOf(disk, `${cards}/${name}/address`)))
    return lines.filter((line) => line !== undefined)
  } catch {
    const live = Object.entries(networkInterfaces()).sort(([a], [b]) => (a < b ? -1 : 1))
    return live.flatMap(([, cards = []]) => cards.filter((c) => !c.internal).map((c) => c.mac))
  }
}

function answersSignals(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // Not allowed to signal it: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
