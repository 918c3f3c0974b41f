/**
 * Stops sending to a system that keeps failing, and finds out by itself when it is well again. It
 * decides nothing itself: the rules are the policy's; this file carries messages in, results back
 * and refusals out.
 */

import type { Clock, World } from '../../src/base/ports.js'
import type { BreakerCommand } from '../../src/policy/circuit-breaker-event.js'
import type { Refusal } from '../../src/policy/circuit-breaker-state.js'
import { endedFrom } from '../../src/policy/ended.js'
import type { Blame } from '../../src/policy/outcome.js'
import type { Commands, Order } from '../common/commands.js'
import { envelopeOf } from '../common/envelope.js'
import { realWorld } from '../common/hall.js'
import { Memory } from '../common/memory.js'
import type { Message, NodeRed } from '../common/node-red.js'
import { type Context, furnish, type Instance } from '../common/room.js'
import { clockText } from '../common/words.js'
import { answerOf } from './answer.js'
import { Breakers } from './breakers.js'
import { type Form, parse, type Settings } from './circuit-breaker.settings.js'
import { eventOf, wallOf } from './event.js'
import { Meter } from './meter.js'
import { statusOf } from './status.js'

export const circuitBreaker =
  (world: World) =>
  (RED: NodeRed): void =>
    furnish<Form, Settings>(world, RED, {
      type: 'circuit-breaker',
      parse,
      open,
      outputs: () => 2,
    })

async function open(context: Context<Settings>): Promise<Instance> {
  const { id, settings, hall, work, emit } = context
  const { clock } = hall.world
  const follower = work.follower(settings.outcome)
  const keyOf = work.keyOf(settings.key)
  const memory = new Memory(context, 'BREAKER.json')
  const meter = new Meter(context.counts)
  const keep = () => memory.write(breakers.written())
  const breakers: Breakers = new Breakers(hall.world, settings, {
    changed(change, key) {
      meter.changed(change)
      const event = eventOf(change, key, breakers.now, clock)
      if (event !== undefined) emit(event)
      void keep() // never rejects
      hall.gates.moved(id)
      context.changed()
    },
    ticked: context.changed,
  })
  breakers.read(await memory.read())
  const shut = hall.gates.open(id, () => breakers.gate)
  breakers.hear(hall.healths.statusOf(settings.monitor))
  const unfollow = hall.healths.watch(settings.monitor, (status) => breakers.hear(status))
  const unneed = work.needs('monitor', settings.monitor)

  const refuse = (msg: Message, key: string, { state, retryAt, cause }: Refusal) => {
    const at = retryAt === undefined ? undefined : wallOf(retryAt, breakers.now, clock)
    const breaker = { state, retryAt: at, cause, ...(key === '' ? {} : { key }) }
    const time = at === undefined ? '…' : clockText(at)
    meter.refused(state)
    const blame: Blame = {
      ...{ code: 'BREAKER_OPEN', values: { name: work.name, time }, kind: 'transient' },
      ...(at === undefined ? {} : { retryAt: at }),
    }
    work.leave(follower, { msg, blame, fields: { reason: 'refused', breaker } })
  }

  return {
    input: async (msg) => {
      if (follower.isReport(msg)) return follower.report(msg)
      const { cell, verdict } = breakers.ask(await keyOf(msg))
      hall.gates.arrived(id, envelopeOf(msg)['token'])
      context.changed()
      if (verdict.is === 'refuse') return refuse(msg, cell.key, verdict)
      if (verdict.is !== 'permit') return
      const breaker = { state: cell.state.is, probe: verdict.permit.isProbe }
      await new Promise<void>((resolve) => {
        work.release(follower, msg, { breaker }, (ending) => {
          meter.ended(ending, verdict.permit, breakers.now, settings)
          breakers.report(cell, verdict.permit, endedFrom(ending, clock.wall()))
          work.tellOuter(follower, msg, ending)
          hall.gates.moved(id)
          context.changed()
          resolve()
        })
      })
    },
    status: () => statusOf(breakers),
    tally: () => meter.tally(breakers),
    commands: commandsOf(breakers, clock, keep),
    close: async () => {
      shut()
      unfollow()
      unneed()
      breakers.close()
      follower.close()
      await keep()
    },
  }
}

function commandsOf(breakers: Breakers, clock: Clock, keep: () => Promise<void>): Commands {
  const keyIn = (order: Order) => (order.has('key') ? order.text('key') : undefined)
  const status = () => answerOf(breakers, clock)
  /** Answered when it is on disk: an order of a person outlives even a `kill -9`. */
  const byHand = (command: BreakerCommand) => async (order: Order) => {
    breakers.order(command, order.has('by') ? order.text('by') : '', keyIn(order))
    await keep()
    return status()
  }
  return {
    status,
    drop: async (order) => {
      const isKnown = breakers.forget(order.text('key'))
      await keep()
      return { dropped: isKnown ? 1 : 0 }
    },
    open: byHand('open'),
    isolate: byHand('isolate'),
    disable: byHand('disable'),
    shadow: byHand('shadow'),
    reset: byHand('reset'),
  }
}

export default circuitBreaker(realWorld)
