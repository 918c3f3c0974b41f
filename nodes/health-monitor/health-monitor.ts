/**
 * Checks again and again whether a system is well, and says so only when it is sure. It decides
 * nothing itself: the policy does; this file carries beats, answers and orders in, and verdicts
 * out.
 */

import type { World } from '../../src/base/ports.js'
import { fieldOf } from '../../src/policy/plain-data.js'
import { realWorld } from '../common/hall.js'
import { serveHealth } from '../common/health-routes.js'
import { Memory } from '../common/memory.js'
import type { NodeRed } from '../common/node-red.js'
import { type Context, furnish, type Instance } from '../common/room.js'
import { statusesOf } from '../common/statuses.js'
import { askingFor, checkOnce, groundOf } from './ground.js'
import { type Form, parse, type Settings } from './health-monitor.settings.js'
import { statusOf } from './health-monitor.status.js'
import { Monitor } from './monitor.js'
import { readyFor } from './probes.js'
import { Teller } from './told.js'

export const healthMonitor =
  (world: World) =>
  (RED: NodeRed): void => {
    serveHealth(RED, world)
    statusesOf(RED) // it must hear of the first status of each node
    furnish<Form, Settings>(world, RED, {
      type: 'health-monitor',
      parse,
      open: (context) => open(RED, context),
      outputs: () => 2,
      registration: { credentials: { authorization: { type: 'password' } } },
    })
  }

async function open(RED: NodeRed, context: Context<Settings>): Promise<Instance> {
  const { id, settings, hall, work } = context
  const memory = new Memory(context, 'MONITOR.json')
  const isPaused = fieldOf(await memory.read(), 'paused') === true
  const follower = work.follower(askingFor(settings))
  const ground = await groundOf(RED, context, follower)
  const ready = settings.checks.map((spec) => readyFor(spec, ground))
  const monitor = new Monitor(context, ready)
  const teller = new Teller(context, monitor)
  const asksFlow = settings.checks.some(({ kind }) => kind === 'flow')
  const shut = hall.healths.open(id, {
    status: () => monitor.state.status,
    shows: settings.publicHealth,
    report: () => teller.report(),
  })
  monitor.start(isPaused, (news) => {
    if (news.previous !== undefined) context.send(0, teller.message(news))
    // A flow that is wired back would take every check for a question.
    if (!asksFlow) context.send(1, teller.message(news))
  })
  const pause = async (isPaused: boolean) => {
    await memory.write({ paused: isPaused })
    monitor.order(isPaused ? 'pause' : 'resume')
    return { paused: isPaused }
  }
  return {
    input: async (msg) => {
      if (follower.isReport(msg)) follower.report(msg)
      else monitor.beat()
    },
    status: () => statusOf(context, monitor),
    tally: () => ({ health: monitor.tally() }),
    commands: {
      status: () => teller.answer(),
      pause: () => pause(true),
      resume: () => pause(false),
      reset: () => {
        monitor.order('reset')
        return teller.answer()
      },
      check: async (order) => {
        if (order.has('target')) return checkOnce(context, ground, order.text('target'))
        await monitor.check()
        return teller.answer()
      },
    },
    close: async () => {
      monitor.close()
      shut()
      follower.close()
    },
  }
}

export default healthMonitor(realWorld)
