/**
 * Tells a flow what happens in all resilience nodes, and their whole state when asked or every so
 * often. It decides nothing itself: which events are wanted is a rule of its own; this file carries
 * events and documents out.
 */

import type { World } from '../../src/base/ports.js'
import { isWanted } from '../../src/observe/event-filter.js'
import { hallOf, realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { statusOfAll } from '../common/node-reports.js'
import { outcomesOf } from '../common/outcomes.js'
import { type Context, furnish, type Instance } from '../common/room.js'
import { shared } from '../common/words.js'
import { type Form, parse, type Settings } from './resilience-events.settings.js'
import { Teller } from './teller.js'
import { Turns } from './turns.js'

export const resilienceEvents =
  (world: World) =>
  (RED: NodeRed): void => {
    const turns = new Turns(hallOf(world).timeline)
    outcomesOf(RED, world).whenStarted(() => turns.flowsStarted())
    furnish<Form, Settings>(world, RED, {
      type: 'resilience-events',
      parse,
      open: (context) => open(RED, context, turns),
      outputs: () => 1,
    })
  }

async function open(RED: NodeRed, context: Context<Settings>, turns: Turns): Promise<Instance> {
  const { settings, hall } = context
  const status = () => statusOfAll(RED, hall)
  const teller = new Teller(context, turns.take(context.id), ({ node, text }) =>
    RED._(shared('ofKey'), { key: node.name || node.type, text }),
  )
  const stop =
    settings.interval === undefined ? () => {} : teller.tellEvery(settings.interval, status)
  return {
    input: () => Promise.resolve(),
    status: () => ({ fill: 'green', shape: 'dot', key: 'status.watching' }),
    commands: {
      status,
      peek: (order) => {
        const heard = hall.timeline.last.filter((told) => isWanted(told, settings.filter))
        return structuredClone(heard.reverse().slice(0, order.count('count', peekDefault, peekMax)))
      },
    },
    close: async () => {
      stop()
      turns.leave(context.id, teller.close())
    },
  }
}

const peekDefault = 10
const peekMax = 100

export default resilienceEvents(realWorld)
