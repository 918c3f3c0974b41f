/**
 * Keeps messages on disk, hands them on one after another, and forgets each only when the work
 * behind it is done. It decides nothing itself: the queue, the releaser and the policy do; this
 * file carries messages in and out.
 */

import type { World } from '../../src/base/ports.js'
import { Attempts } from '../../src/delivery/attempts.js'
import { closeWait } from '../../src/delivery/links.js'
import { Releaser } from '../../src/delivery/releaser.js'
import { waitingLanesMax } from '../../src/policy/release-next.js'
import { Queue } from '../../src/store/queue.js'
import { SharedDisk } from '../../src/store/shared-disk.js'
import { StateFile } from '../../src/store/state-file.js'
import { adopting } from '../common/adoption.js'
import { keyOf, restored } from '../common/content.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { queueCommands, wasPaused } from '../common/queue-commands.js'
import { type Context, furnish, type Instance } from '../common/room.js'
import { QueueGate } from './gate.js'
import { HandOver } from './hand-over.js'
import { Intake } from './intake.js'
import { type Form, parse, type Settings } from './persistent-queue.settings.js'
import { statusOf } from './persistent-queue.status.js'
import { Watch } from './watch.js'

export const persistentQueue =
  (world: World) =>
  (RED: NodeRed): void =>
    furnish<Form, Settings>(world, RED, {
      type: 'persistent-queue',
      parse,
      open,
      outputs: () => 2,
    })

async function open(context: Context<Settings>): Promise<Instance> {
  const { settings, hall, work, emit } = context
  const { world, budget } = hall
  const { releasing } = settings
  const { directory, limits, durability } = context.storageOf(settings.storage)
  const handOver = new HandOver(context)
  const queue = await Queue.open(
    { world, budget, emit, failed: context.failed, syncs: context.counts.syncs },
    {
      ...{ directory, queueId: context.id, durability, limits, keyOf },
      order: releasing.hasLanes ? 'lanes' : 'strict',
      // One more than may be out: a control goes beside the message that it decides about.
      maxInFlight: releasing.maxInFlight + 1 + (releasing.hasLanes ? waitingLanesMax : 0),
      ...(handOver.setsAside ? { setAside: (...drop) => handOver.setAside(...drop) } : {}),
      ...(settings.deadLetter === '' ? {} : { asideAs: 'dead-lettered' }),
    },
  )
  const disk = new SharedDisk(world.disk, budget)
  const state = new StateFile(disk, directory)
  const attempts = await Attempts.open(new StateFile(disk, directory, 'ATTEMPTS.json'), (error) =>
    work.complain(error),
  )
  const gate = new QueueGate(context)
  const watch = new Watch(context, { queue, limits, directory, gate }, () => releaser)
  const releaser: Releaser = new Releaser(
    { world, queue, attempts, gate: () => gate.read() },
    { ...releasing, keyOf },
    {
      release: (handed, settled) => handOver.release(handed, settled),
      abandon: (token) => handOver.abandon(token),
      canGiveUp: () => handOver.canGiveUp,
      giveUp: (given) => handOver.giveUp(given),
      changed: () => watch.changed(),
    },
  )
  releaser.isPaused = await wasPaused(state)
  const unwatch = gate.watch(() => releaser.gateMoved())
  const intake = new Intake(context, queue, (msg) => handOver.turnAway(msg))
  return {
    input: (msg) => {
      if (!handOver.isReport(msg)) return intake.accept(msg).then(() => releaser.stored())
      handOver.report(msg)
      return Promise.resolve()
    },
    get waiting() {
      return queue.waiting
    },
    oldestAt: () => queue.oldestAt(),
    tally: () => watch.tally(),
    status: () => statusOf({ queue, releaser, limits, isDown: gate.isDown, ...watch.figures }),
    commands: queueCommands({
      ...{ queue, state },
      pause: (isPaused) => {
        releaser.isPaused = isPaused
      },
      flush: () => releaser.flush(),
      show: (record) => restored(record),
      status: () => watch.answer(),
      drop: (which) => releaser.drop(which),
    }),
    adoption: adopting(queue, ['persistent-queue', 'resilient-mqtt-out'], () => releaser.stored()),
    close: async () => {
      unwatch()
      await releaser.close(closeWait)
      watch.close()
      handOver.close()
      await queue.close()
    },
  }
}

export default persistentQueue(realWorld)
