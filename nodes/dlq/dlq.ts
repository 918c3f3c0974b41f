/**
 * Keeps messages that failed together with the reason, and sends them round again when a person or
 * the schedule says so. It decides nothing itself: the letters and the redriver do; this file
 * carries messages in and out.
 */

import type { Emit } from '../../src/base/event.js'
import type { World } from '../../src/base/ports.js'
import type { Arrival } from '../../src/delivery/letter.js'
import { Letters } from '../../src/delivery/letters.js'
import { closeWait } from '../../src/delivery/links.js'
import { Redriver } from '../../src/delivery/redriver.js'
import { SharedDisk } from '../../src/store/shared-disk.js'
import { StateFile } from '../../src/store/state-file.js'
import { adminOf } from '../common/admin.js'
import { adopting } from '../common/adoption.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { type Context, furnish, type Instance } from '../common/room.js'
import { fromNode, fromWire } from './arrivals.js'
import { Desks } from './desks.js'
import { type Form, parse, type Settings } from './dlq.settings.js'
import { statusOf } from './dlq.status.js'
import { GoingOut } from './going-out.js'
import { Meter } from './meter.js'
import { commandsOf } from './orders.js'
import { addRoutes } from './routes.js'

export const dlq =
  (world: World) =>
  (RED: NodeRed): void => {
    const desks = new Desks()
    addRoutes(adminOf(RED), desks)
    furnish<Form, Settings>(world, RED, {
      type: 'dlq',
      parse,
      open: (context) => open(context, desks),
      outputs: () => 2,
    })
  }

async function open(context: Context<Settings>, desks: Desks): Promise<Instance> {
  const { id, settings, hall, work, changed, failed } = context
  const { world, budget, letterBoxes } = hall
  const { directory, limits, durability } = context.storageOf(settings.storage)
  const { keepDeletedMs, redriving } = settings
  const emit: Emit = (event) => {
    context.emit(event)
    changed() // letters also age out by themselves
  }
  const letters = await Letters.open(
    { world, budget, emit, failed, syncs: context.counts.syncs },
    {
      ...{ directory, queueId: id, durability, limits, keepDeletedMs },
      attempts: redriving.attempts,
    },
  )
  const follower = work.follower(settings.outcome)
  const file = new StateFile(new SharedDisk(world.disk, budget), directory, 'REDRIVE.json')
  const parts = { world, letters, file, emit }
  const goingOut = new GoingOut(context, follower)
  const redriver = await Redriver.open(parts, redriving, goingOut).catch((error: unknown) =>
    letters.close().then(() => Promise.reject(error)),
  )
  const meter = new Meter(context, letters, directory)
  const keep = async (arrival: Arrival) => {
    const arrived = await letters.accept(arrival)
    const { givenUp } = arrived
    meter.arrived(arrival, arrived)
    if (givenUp !== undefined) goingOut.giveUp(givenUp)
    changed()
  }
  const desk = { id, name: work.name, flow: work.flowOf(id), letters, redriver, emit, changed }
  const leaving = [
    desks.open(desk),
    letterBoxes.open(id, {
      accept: (given) => keep(fromNode(given, work)),
    }),
    work.whenStarted(() => redriver.pump()),
  ]
  return {
    input: async (msg) => {
      if (follower.isReport(msg)) return follower.report(msg)
      const { arrival, blame } = fromWire(msg, work, world.clock.wall())
      await keep(arrival)
      follower.handOver(msg, blame)
    },
    get waiting() {
      return letters.totals.stored
    },
    status: () => {
      const { stats, damaged } = letters
      return statusOf({ stats, damaged, progress: redriver.progress })
    },
    tally: () => meter.tally(),
    oldestAt: async () => letters.stats.oldestAt,
    commands: commandsOf(desk),
    adoption: adopting(letters, ['dlq', 'persistent-queue', 'resilient-mqtt-out'], changed),
    close: async () => {
      for (const leave of leaving) leave()
      await redriver.close(closeWait)
      follower.close()
      meter.close()
      await letters.close()
    },
  }
}

export default dlq(realWorld)
