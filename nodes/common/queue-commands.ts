/**
 * The commands of every node that keeps messages in a queue: look, stop and go, take out by hand.
 * What a message looks like and what sending means, the room says (dialogs.md section 5).
 */

import type { Which } from '../../src/store/clearing.js'
import type { Queue } from '../../src/store/queue.js'
import type { StateFile } from '../../src/store/state-file.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Commands, Order } from './commands.js'
import { balanceOf } from './queue-meter.js'

export interface QueueCommandsHost {
  readonly queue: Queue
  /** Remembers over a restart that it is paused. */
  readonly state: StateFile
  pause(isPaused: boolean): void
  /** Release what waits now. */
  flush(): void
  /** A waiting message for a person to look at. */
  show(record: StoredRecord): object
  /** Figures beyond those of the queue. */
  status(): object
  /** Drops what was chosen, what the room has leased included; else the queue does. */
  drop?(which: Which): Promise<number>
}

const peekDefault = 10
const peekMax = 100

export function queueCommands(host: QueueCommandsHost): Commands {
  const { queue, state } = host
  const drop = async (which: Which) => ({
    dropped: await (host.drop?.(which) ?? queue.drop(which)),
  })
  const pause = async (isPaused: boolean) => {
    // What comes right behind the order is held already; the answer says that it is remembered too.
    if (isPaused) host.pause(true)
    await state.write({ paused: isPaused })
    host.pause(isPaused)
    return { paused: isPaused }
  }
  return {
    status: async () => ({ ...(await queueFigures(queue)), ...host.status() }),
    pause: (order) => {
      ofAll(order)
      return pause(true)
    },
    resume: (order) => {
      ofAll(order)
      return pause(false)
    },
    flush: (order) => {
      ofAll(order)
      host.flush()
      return { waiting: queue.waiting }
    },
    peek: async (order) => {
      ofAll(order)
      const records = await queue.peek(order.count('count', peekDefault, peekMax))
      return records.map((record) => ({ ...host.show(record), ...aboutRecord(record) }))
    },
    drop: (order) => drop(whichOf(order)),
    purge: (order) => {
      order.confirmed()
      if (order.has('key')) return drop({ key: order.text('key'), isForGood: true })
      return drop('everything')
    },
  }
}

/** Better refused than done to all, where somebody meant one key. */
function ofAll(order: Order): void {
  if (order.has('key')) order.refuse('key')
}

/** Whether the node was paused when it was last open. */
export async function wasPaused(state: StateFile): Promise<boolean> {
  const value = await state.read()
  return typeof value === 'object' && value !== null && 'paused' in value && value.paused === true
}

function whichOf(order: Order): Which {
  if (order.has('key')) return { key: order.text('key') }
  if (order.has('ids')) return { ids: order.texts('ids') }
  return { count: order.count('count', Number.NaN, Number.MAX_SAFE_INTEGER) }
}

function aboutRecord({ id, storedAt, payload }: StoredRecord) {
  return { id, storedAt, bytes: payload.length }
}

async function queueFigures(queue: Queue) {
  const oldestAt = await queue.oldestAt()
  const { waiting, bytes, inFlight, isFull } = queue
  const oldest = oldestAt === undefined ? {} : { oldestAt }
  return { waiting, bytes, inFlight, full: isFull, ...oldest, balance: balanceOf(queue) }
}
