/**
 * What all nodes of this process have counted, put together for metrics and summary at the moment
 * when somebody asks. It reads, and changes nothing; a disk that does not answer costs one figure.
 */

import type { Counts } from '../../src/base/counts.js'
import type { Clock } from '../../src/base/ports.js'
import { type EpochMs, type Ms, ms } from '../../src/base/units.js'
import type { Counted } from '../../src/observe/metric.js'
import type { Hall } from './hall.js'
import type { NodeRed } from './node-red.js'
import type { RosterEntry } from './roster.js'

/** The age of an oldest message is not worth more. */
const readMax = ms(1000)

export async function countedIn(RED: NodeRed, hall: Hall): Promise<Counted[]> {
  const { roster, counts, world } = hall
  const ours = roster.all.map(async (entry): Promise<Counted> => {
    const tally = entry.tally()
    const oldestAt = await oldestOf(entry, world.clock)
    const oldestAge = oldestAt === undefined ? undefined : ageOf(oldestAt, world.clock)
    return { ...entry.place(), tally, oldestAge, ...eventsOf(counts.get(entry.id)) }
  })
  // Brokers and stores have events, and nothing else that is counted.
  const others = [...counts].flatMap(([id, its]): Counted[] => {
    const node = roster.of(id) === undefined ? RED.nodes.getNode(id) : undefined
    if (typeof node !== 'object' || node === null) return []
    const [type = '', name = ''] = ['type', 'name'].map((field) => Reflect.get(node, field))
    const place = { id, type: String(type), name: String(name), flow: '' }
    return [{ ...place, tally: {}, oldestAge: undefined, ...eventsOf(its) }]
  })
  return [...(await Promise.all(ours)), ...others]
}

function eventsOf(counts: Counts | undefined): Pick<Counted, 'events'> {
  return { events: counts?.by('events') ?? {} }
}

function ageOf(at: EpochMs, clock: Clock): Ms {
  return ms(Math.max(0, clock.wall() - at))
}

/** Undefined where none waits, and while the disk does not tell. */
function oldestOf(entry: RosterEntry, clock: Clock): Promise<EpochMs | undefined> {
  return new Promise((tell) => {
    const cancel = clock.wake(readMax, () => tell(undefined))
    entry
      .oldestAt()
      .then(tell, () => tell(undefined))
      .finally(cancel)
  })
}
