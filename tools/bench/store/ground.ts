/**
 * Journals and queues of the bench: the real store on the real world, with the disk that a case
 * wants. A store that fails ends the bench: there would be nothing to measure.
 */

import type { Disk } from '../../../src/base/ports.js'
import { realClock } from '../../../src/host/clock.js'
import { realDisk } from '../../../src/host/disk.js'
import { realMachine } from '../../../src/host/machine.js'
import { realRandom } from '../../../src/host/random.js'
import type { Message } from '../../../src/store/active.js'
import { Budget } from '../../../src/store/budget.js'
import { Journal } from '../../../src/store/journal.js'
import { Queue } from '../../../src/store/queue.js'
import type { Ground } from '../../../src/store/settings.js'
import type { Durability } from '../../../src/store/syncer.js'

/** Only what a store needs of the world: the rest of it would be weighed with its memory. */
export function groundOn(disk: Disk, budget = new Budget()): Ground {
  return {
    world: { clock: realClock, disk, machine: realMachine, random: realRandom },
    budget,
    emit: () => {},
    failed: (fault) => {
      throw fault
    },
  }
}

export function openJournal(directory: string, disk: Disk = realDisk): Promise<Journal> {
  return Journal.open(groundOn(disk), { directory, queueId: 'bench', durability: { is: 'each' } })
}

/** Limits that are never reached. */
export function openQueue(
  directory: string,
  ground: Ground = groundOn(realDisk),
  durability: Durability = { is: 'each' },
): Promise<Queue> {
  return Queue.open(ground, {
    directory,
    queueId: 'bench',
    durability,
    limits: {
      maxMessages: 10_000_000,
      maxBytes: 2 ** 40,
      maxAge: 'unlimited',
      freeDisk: { bytes: 0 },
      overflow: 'reject',
      warnMessages: 'off',
    },
    keyOf: ({ id }) => id,
  })
}

export const messageOf = (payload: Buffer): Message => ({ payload, codec: 0, lane: 0 })
