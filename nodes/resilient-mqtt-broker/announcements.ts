/**
 * First and last words and the last will, worked out anew for every connect. One that cannot be
 * worked out is told and left out, so that a wrong expression never keeps a gateway from its
 * broker.
 */

import { type Failure, Fault } from '../../src/base/fault.js'
import { packetFrom } from '../../src/delivery/publication.js'
import type { Announce, Occasion } from '../../src/mqtt/link.js'
import type { Packet } from '../../src/mqtt/wire.js'
import type { Evaluate } from '../common/expression.js'
import type { Announcement } from '../common/rows.js'

export type Announcements = Readonly<Record<Occasion, readonly Announcement[]>>

/** Whether anything is to be said on any occasion. */
export const isAnything = (announcements: Announcements): boolean =>
  Object.values(announcements).some((rows) => rows.length > 0)

/** Expressions can refer to `$connects`. */
export function announceWith(
  announcements: Announcements,
  evaluate: Evaluate,
  warn: (failure: Failure) => void,
): Announce {
  const packetOf = async (row: Announcement, connects: number): Promise<Packet | undefined> => {
    try {
      return await worked(row, connects, evaluate)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      warn(error)
      return undefined
    }
  }
  return async (occasion, connects) => {
    const packets = await Promise.all(announcements[occasion].map((row) => packetOf(row, connects)))
    return packets.filter((packet) => packet !== undefined)
  }
}

async function worked(row: Announcement, connects: number, evaluate: Evaluate): Promise<Packet> {
  const { topic, payloadType: type, qos, retain } = row
  const isFixed = type === 'str' || type === 'json'
  const payload = isFixed
    ? row.payload
    : await evaluate(topic, { value: row.payload, type }, { connects })
  return packetFrom({ payload }, { topic, qos, retain })
}
