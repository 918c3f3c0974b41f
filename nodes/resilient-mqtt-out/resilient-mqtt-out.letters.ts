/**
 * What `resilient-mqtt-out` gives up, on its way to the dead letter node that the dialog names: the
 * message as it was stored, under the id that it has in the queue. Without such a node it leaves on
 * the output, if there is one.
 */

import { epochMs } from '../../src/base/units.js'
import type { ForwarderHost, Receipt } from '../../src/delivery/forwarder.js'
import { readablePacket } from '../../src/delivery/publication.js'
import type { QueueSettings } from '../../src/store/queue.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { DeadLetters, Given } from '../common/dead-letters.js'
import type { Context } from '../common/room.js'
import { dropped, messageOf } from './resilient-mqtt-out.receipts.js'
import type { Settings } from './resilient-mqtt-out.settings.js'

/** Where messages go that leave the queue without an attempt to send them; nowhere if not asked. */
export function setAsideOf(
  { settings, send }: Context<Settings>,
  letters: DeadLetters,
): Pick<QueueSettings, 'setAside' | 'asideAs'> {
  if (letters.isChosen) {
    return {
      setAside: (record, reason) =>
        letters.keep({ ...storyOf(record), reason, attempts: 0, failures: [] }),
      asideAs: 'dead-lettered',
    }
  }
  if (settings.receipts === 'off') return {}
  return { setAside: async (...drop) => send(0, dropped(...drop)) }
}

/** Where messages go that the broker refused for good; absent: they are only told of. */
export function keepOf(
  { hall, work, counts }: Context<Settings>,
  letters: DeadLetters,
): Pick<ForwarderHost, 'keep'> {
  if (!letters.isChosen) return {}
  return {
    keep: ({ record, outcome, reason }: Receipt) => {
      const { attempts } = outcome
      counts.attempted(attempts)
      const at = hall.world.clock.wall()
      const failures =
        outcome.is === 'delivered'
          ? []
          : [
              {
                at,
                attempt: attempts,
                blame: { ...outcome.failure, ...permanent, node: work.node },
              },
            ]
      return letters.keepAtLast({ ...storyOf(record), reason, attempts, failures })
    },
  }
}

const permanent = { kind: 'permanent' } as const

function storyOf(record: StoredRecord): Pick<Given, 'id' | 'msg' | 'firstAt' | 'path'> {
  const packet = readablePacket(record.codec, record.payload)
  const msg = packet === undefined ? {} : messageOf(packet)
  return { id: record.id, msg, firstAt: epochMs(record.storedAt), path: [] }
}
