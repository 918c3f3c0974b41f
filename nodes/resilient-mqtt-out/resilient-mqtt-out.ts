/**
 * Publishes to MQTT through any outage: a message is on disk before it is accepted and leaves the
 * disk only when the broker has confirmed it. It decides nothing itself: the queue and the
 * forwarder do; this file carries messages in and tells what a person sees.
 */

import type { Code, Failure } from '../../src/base/fault.js'
import { Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import { Forwarder } from '../../src/delivery/forwarder.js'
import { closeWait } from '../../src/delivery/links.js'
import { decodePacket, packetFrom } from '../../src/delivery/publication.js'
import type { Link } from '../../src/mqtt/link.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { Queue } from '../../src/store/queue.js'
import { realWorld } from '../common/hall.js'
import type { Message, NodeRed } from '../common/node-red.js'
import { type Context, furnish, type Instance, type Status } from '../common/room.js'
import { countText, shared, spanText } from '../common/words.js'
import { type Form, parse, type Settings } from './resilient-mqtt-out.settings.js'

export const resilientMqttOut =
  (world: World) =>
  (RED: NodeRed): void =>
    furnish<Form, Settings>(world, RED, {
      type: 'resilient-mqtt-out',
      parse,
      open,
      outputs: () => 0,
    })

async function open(context: Context<Settings>): Promise<Instance> {
  const { settings, hall, emit } = context
  const link = await hall.links.find(settings.broker)
  if (link === undefined) throw brokerMissing()
  const { world, budget } = hall
  const ground = { world, budget, emit, failed: context.failed }
  const { limits, durability } = settings
  const { directory, id: queueId } = context
  const keyOf = (record: { codec: number; payload: Uint8Array }) =>
    decodePacket(record.codec, record.payload).topic
  const queue = await Queue.open(ground, { directory, queueId, durability, limits, keyOf })
  const forwarder = new Forwarder(world.clock, queue, link, emit, {
    changed: context.changed,
    refused: (packet, failure) => context.tell(failure, messageOf(packet)),
  })
  link.open()
  return {
    input: async (msg) => {
      await forwarder.accept(packetFrom(msg, settings))
    },
    status: () => statusOf(queue, link, forwarder),
    close: async () => {
      await forwarder.close(closeWait)
      await queue.close()
    },
  }
}

/** The broker node is disabled, deleted, or cannot work with its own settings. */
function brokerMissing(): Fault {
  return new Fault('SETTINGS_INVALID', { field: 'label.broker', write: shared('write.broker') })
}

/** The message as a Catch node gets it; what was stored is all that is left of it. */
function messageOf({ topic, payload, qos, retain }: Packet): Message {
  return { topic, payload, qos, retain }
}

/** What a person sees, trouble first. */
function statusOf(queue: Queue, link: Link, { drain }: Forwarder): Status {
  const stored = { count: countText(queue.waiting) }
  const { damaged } = queue
  if (queue.isFull) {
    const values = { count: countText(queue.drops.total) }
    return { fill: 'red', shape: 'ring', key: 'status.full', values }
  }
  if (link.state === 'failed') return failedStatus(link.failure, stored)
  if (link.failure?.code === 'BROKER_BUSY') {
    return { fill: 'yellow', shape: 'ring', key: 'status.throttled', values: stored }
  }
  if (link.state === 'connecting' && link.failure === undefined) {
    return { fill: 'yellow', shape: 'ring', key: 'status.connecting' }
  }
  if (link.state !== 'connected') {
    return { fill: 'yellow', shape: 'ring', key: 'status.offline', values: stored }
  }
  if (drain !== undefined) {
    const time = drain.left === undefined ? '…' : spanText(drain.left)
    return { fill: 'blue', shape: 'dot', key: 'status.draining', values: { ...stored, time } }
  }
  if (damaged > 0) {
    const values = { count: countText(damaged) }
    return { fill: 'red', shape: 'dot', key: shared('status.damaged'), values }
  }
  return { fill: 'green', shape: 'dot', key: 'status.connected' }
}

const failedKeys: Readonly<Partial<Record<Code, string>>> = {
  LOGIN_REFUSED: 'status.login-refused',
  CERTIFICATE_REFUSED: 'status.certificate',
  CLIENT_ID_IN_USE: 'status.client-id',
}

function failedStatus(failure: Failure | undefined, values: { count: string }): Status {
  const key = failedKeys[failure?.code ?? 'BROKER_UNREACHABLE'] ?? 'status.offline'
  return { fill: 'red', shape: 'ring', key, values }
}

export default resilientMqttOut(realWorld)
