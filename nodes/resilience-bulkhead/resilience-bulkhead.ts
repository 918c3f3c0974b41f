/**
 * Lets only so many messages work at once; the others wait a moment or are turned away. It decides
 * nothing itself: the policy does; this file carries messages in and shows how full it is.
 */

import type { World } from '../../src/base/ports.js'
import { limitOf } from '../../src/policy/bulkhead-state.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { type Context, furnish, type Instance, type Status } from '../common/room.js'
import { Places } from './places.js'
import { type Form, parse, type Settings } from './resilience-bulkhead.settings.js'

export const resilienceBulkhead =
  (world: World) =>
  (RED: NodeRed): void =>
    furnish<Form, Settings>(world, RED, {
      type: 'resilience-bulkhead',
      parse,
      open,
      outputs: () => 2,
    })

async function open(context: Context<Settings>): Promise<Instance> {
  const { settings, work } = context
  const follower = work.follower(settings.outcome)
  const keyOf = work.keyOf(settings.key)
  const places = new Places(context, follower)
  return {
    input: async (msg) => {
      if (follower.isReport(msg)) follower.report(msg)
      else await places.accept(msg, await keyOf(msg))
    },
    status: () => statusOf(places),
    tally: () => places.tally(),
    commands: {
      status: () => lanesOf(places, settings),
      drop: (order) => ({ dropped: places.drop(order.text('key')) }),
    },
    close: async () => {
      places.close()
      follower.close()
    },
  }
}

/** For each key, what it does just now and what it has seen. */
function lanesOf({ state }: Places, settings: Settings): object[] {
  return [...state.lanes.entries()].map(([key, lane]) => {
    const { active, line, total, refused, timedOut } = lane
    const limit = limitOf(lane, settings)
    return { key, inFlight: active, waiting: line.size, limit, total, refused, timedOut }
  })
}

/** What a person sees, trouble first: of all keys together. */
function statusOf({ state, refused, limit }: Places): Status {
  const values = {
    count: state.out.size,
    all: limit,
    waiting: state.waiting,
  }
  if (refused > 0) {
    const turnedAway = { count: refused }
    return { fill: 'red', shape: 'ring', key: 'status.full', values: turnedAway }
  }
  if (state.waiting > 0) return { fill: 'yellow', shape: 'ring', key: 'status.waiting', values }
  if (state.out.size === 0) return { fill: 'green', shape: 'dot', key: 'status.ready' }
  return { fill: 'green', shape: 'dot', key: 'status.working', values }
}

export default resilienceBulkhead(realWorld)
