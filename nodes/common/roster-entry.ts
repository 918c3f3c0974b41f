/**
 * One node as the roster knows it: what others may see of it and order, whether it is open just now
 * or not. It keeps nothing and decides nothing.
 */

import type { Emit } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import { placeOf } from './announced.js'
import type { ShownBadge } from './badge.js'
import { Order, obey } from './commands.js'
import type { Hall } from './hall.js'
import type { FlowNode, NodeRed } from './node-red.js'
import type { Instance } from './room.js'
import type { RosterEntry } from './roster.js'

export interface EntryParts {
  readonly RED: NodeRed
  readonly hall: Hall
  readonly node: FlowNode
  readonly emit: Emit
  badge(): ShownBadge | undefined
  /** Undefined while it is not open. */
  instance(): Instance | undefined
  /** Rejects with the fault that keeps it from opening. */
  whenOpen(): Promise<Instance>
}

export function entryOf({ RED, hall, node, emit, ...parts }: EntryParts): RosterEntry {
  const { id } = node
  const { instance, whenOpen, badge } = parts
  return {
    ...{ id, emit, badge },
    place: () => placeOf(RED, node),
    isOpen: () => instance() !== undefined,
    tally: () => instance()?.tally?.() ?? {},
    oldestAt: async () => instance()?.oldestAt?.(),
    report: async () => instance()?.commands?.['status']?.(new Order('status', {})),
    commands: () => Object.keys(instance()?.commands ?? {}),
    obey: async (order) => {
      const { commands = {} } = await whenOpen()
      const answer = await obey(commands, order, { msg: {}, node: id })
      hall.roster.changed()
      return answer
    },
    adopt: async (directory, kind) => {
      const { adoption } = await whenOpen()
      if (!adoption?.kinds.includes(kind)) {
        throw new Fault('COMMAND_INVALID', { command: 'adopt', field: 'node' })
      }
      return adoption.adopt(directory)
    },
  }
}
