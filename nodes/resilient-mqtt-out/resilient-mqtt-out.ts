/**
 * Publishes to MQTT through any outage: a message is on disk before it is accepted and leaves the
 * disk only when the broker has confirmed it. It decides nothing itself: the queue and the
 * forwarder do; this file carries messages in and tells what a person sees.
 */

import { type Failure, Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import { Confirmations } from '../../src/delivery/confirmations.js'
import { Forwarder } from '../../src/delivery/forwarder.js'
import { closeWait } from '../../src/delivery/links.js'
import { packetFrom } from '../../src/delivery/publication.js'
import { sharesOf } from '../../src/delivery/replay.js'
import { Queue } from '../../src/store/queue.js'
import { SharedDisk } from '../../src/store/shared-disk.js'
import { StateFile } from '../../src/store/state-file.js'
import { adopting } from '../common/adoption.js'
import { DeadLetters } from '../common/dead-letters.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { queueCommands, wasPaused } from '../common/queue-commands.js'
import { QueueMeter } from '../common/queue-meter.js'
import { type Context, furnish, type Instance } from '../common/room.js'
import { shared } from '../common/words.js'
import { keepOf, setAsideOf } from './resilient-mqtt-out.letters.js'
import { check, formOf, numberingOf, onSendOf } from './resilient-mqtt-out.on-send.js'
import { messageOf, packetOf, tellOf } from './resilient-mqtt-out.receipts.js'
import { type Form, parse, type Settings } from './resilient-mqtt-out.settings.js'
import { figuresOf, statusOf, tallyOf } from './resilient-mqtt-out.status.js'

export const resilientMqttOut =
  (world: World) =>
  (RED: NodeRed): void =>
    furnish<Form, Settings>(world, RED, {
      type: 'resilient-mqtt-out',
      parse,
      open,
      outputs: ({ receipts }) => (receipts === 'off' ? 0 : 1),
    })

async function open(context: Context<Settings>): Promise<Instance> {
  const { settings, hall, work, emit } = context
  const link = await hall.links.find(settings.broker)
  if (link === undefined) throw brokerMissing()
  const { world, budget } = hall
  const ground = { world, budget, emit, failed: context.failed, syncs: context.counts.syncs }
  const { forwarding, liveShare } = settings
  const { directory, limits, durability } = context.storageOf(settings.storage)
  const confirmations = new Confirmations()
  const letters = new DeadLetters(context, settings.deadLetter)
  const form = formOf(context)
  const queue = await Queue.open(ground, {
    directory,
    queueId: context.id,
    durability,
    limits,
    keyOf: (record) => packetOf(record).topic,
    isConflating: forwarding.whenOffline === 'latest',
    maxInFlight: link.maxInFlight,
    shares: sharesOf(liveShare),
    ended: (...how) => confirmations.ended(...how),
    ...setAsideOf(context, letters),
  })
  const state = new StateFile(new SharedDisk(world.disk, budget), directory)
  const [isPaused, numbering] = await Promise.all([wasPaused(state), numberingOf(context)]).catch(
    (error: unknown) => queue.close().then(() => Promise.reject(error)),
  )
  const onSend = onSendOf(context, { form, numbering }, () => link.wake())
  const parts = { clock: world.clock, queue, link, emit, confirmations, onSend }
  const meter = new QueueMeter(context, { queue, limits, directory })
  const forwarder = new Forwarder(parts, forwarding, {
    changed: context.changed,
    ended: (receipt) => tellOf(context, receipt),
    ...keepOf(context, letters),
  })
  forwarder.isPaused = isPaused
  link.open()
  return {
    input: (msg) => {
      const packet = packetFrom(msg, settings)
      const kept = (failure: Failure) => work.handOver(msg, { ...failure, kind: 'permanent' })
      if (form === undefined) return forwarder.accept(packet, kept)
      return check(form, packet, world.clock.wall()).then(() => forwarder.accept(packet, kept))
    },
    get waiting() {
      return queue.waiting
    },
    oldestAt: () => queue.oldestAt(),
    tally: () => tallyOf(context, { meter, link, forwarder }),
    status: () => statusOf(settings, queue, link, forwarder),
    commands: queueCommands({
      queue,
      state,
      pause: (isPaused) => {
        forwarder.isPaused = isPaused
      },
      flush: () => link.retryNow(),
      show: (record) => messageOf(packetOf(record)),
      status: () => ({ state: link.state, paused: forwarder.isPaused, link: figuresOf(link) }),
    }),
    adoption: adopting(queue, ['resilient-mqtt-out'], () => link.wake()),
    close: async () => {
      await forwarder.close(closeWait)
      letters.close()
      meter.close()
      await queue.close()
      await numbering?.close()
    },
  }
}

/** The broker node is disabled, deleted, or cannot work with its own settings. */
function brokerMissing(): Fault {
  return new Fault('SETTINGS_INVALID', { field: 'label.broker', write: shared('write.broker') })
}

export default resilientMqttOut(realWorld)
