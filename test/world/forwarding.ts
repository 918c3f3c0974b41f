/**
 * A forwarder over a real queue and a real link, on a world in memory and a broker that does as it
 * is told. What must hold is for the tests to say.
 */

import type { Failure } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import { Confirmations } from '../../src/delivery/confirmations.js'
import { Forwarder, type ForwarderSettings, type Receipt } from '../../src/delivery/forwarder.js'
import { type Form, OnSend } from '../../src/delivery/on-send.js'
import { decodePacket } from '../../src/delivery/publication.js'
import { sharesOf } from '../../src/delivery/replay.js'
import { Link } from '../../src/mqtt/link.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { Numbering } from '../../src/store/numbering.js'
import { Queue, type QueueSettings } from '../../src/store/queue.js'
import { FakeBroker } from './fake-transport.js'
import { directory, type StoreGround } from './store-ground.js'

const limits = {
  maxMessages: 10_000,
  maxBytes: 1 << 24,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'reject' as 'reject' | 'drop-newest',
  warnMessages: 'off',
} as const

export const packet = (payload: string, topic = 't'): Packet => ({
  topic,
  payload,
  qos: 1,
  retain: false,
})

const usual: ForwarderSettings = {
  whenOffline: 'store',
  doneWhen: 'stored',
  replayOrder: 'strict',
  replayTopic: '',
  replayRate: {},
  messageId: 'off',
}

/**
 * A forwarder on this ground, with a link that connects when the broker accepts it. `form` makes
 * the payload at send time.
 */
export async function forwarding(
  ground: StoreGround,
  changes: object = {},
  changed: Partial<ForwarderSettings> = {},
  form?: Form,
) {
  const { world, emit } = ground
  const durability = { is: 'each' } as const
  const keyOf = ({ codec, payload }: { codec: number; payload: Uint8Array }) =>
    decodePacket(codec, payload).topic
  const settings = { directory, queueId: 'q1', durability, ballastBytes: 0, keyOf }
  const all = { ...settings, limits: { ...limits, ...changes } }
  const isConflating = changed.whenOffline === 'latest'
  const order = { shares: sharesOf(0.5), maxInFlight: 20, isConflating }
  const confirmations = new Confirmations()
  const ended: QueueSettings['ended'] = (...how) => confirmations.ended(...how)
  const queue = await ground.finish(Queue.open(ground, { ...all, ...order, ended }))
  const broker = new FakeBroker()
  const link = new Link(world, broker.connect, linkSettings(broker), emit)
  const refused: Array<[Packet, Failure]> = []
  const receipts: Receipt[] = []
  const how = { ...usual, ...changed }
  const numbering =
    form &&
    (await ground.finish(Numbering.open(ground.disk, directory, await world.machine.bootId())))
  const { messageId } = how
  const ready = () => link.wake()
  const onSend = form && new OnSend({ form, numbering, messageId, ready, failed: ground.failed })
  const parts = { clock: world.clock, queue, link, emit, confirmations, onSend }
  const forwarder = new Forwarder(parts, how, {
    changed: () => {},
    ended: (receipt) => {
      const { packet, outcome } = receipt
      receipts.push(receipt)
      if (outcome.is === 'refused') refused.push([packet, outcome.failure])
    },
  })
  link.open()
  await world.clock.settle()
  return { ground, queue, broker, link, forwarder, refused, receipts, numbering }
}

const linkSettings = ({ server }: FakeBroker) => ({
  servers: [server],
  protocolVersion: 5 as const,
  clientId: 'gw1',
  backOff: { initial: ms(1000), factor: 2, max: ms(60_000), jitter: 0 },
  ackTimeout: ms(15_000),
  maxInFlight: 20,
  keepalive: ms(15_000),
  connectTimeout: ms(10_000),
})

export async function sendAll(
  ground: StoreGround,
  forwarder: Forwarder,
  payloads: readonly string[],
) {
  await ground.finish(Promise.all(payloads.map((text) => forwarder.accept(packet(text)))))
}

/** The broker acknowledges everything, in order, until nothing more comes. */
export async function answerAll(ground: StoreGround, broker: FakeBroker): Promise<void> {
  for (let answered = 0; ; ) {
    await ground.world.clock.settle()
    const { length } = broker.last.payloads
    if (answered === length) return
    while (answered < length) broker.last.answer(answered++)
  }
}
