/**
 * A bounded queue: each limit and each policy, every drop counted and told with its key, leases,
 * ages. What was accepted is delivered, dropped with a reason, or still there.
 */

import should from 'should'
import type { Event } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import type { Limits } from '../../src/store/limits.js'
import { Queue } from '../../src/store/queue.js'
import { framingBytes } from '../../src/store/record.js'
import type { StoredRecord } from '../../src/store/tail.js'
import {
  codeOf,
  directory,
  dropsIn,
  groundOf,
  isBalanced,
  message,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

describe('queue', () => {
  for (const [name, limits] of [
    ['messages', { maxMessages: 10 }],
    ['bytes', { maxBytes: 10 * (framingBytes + 2) }],
  ] as const) {
    it(`drops the oldest at its limit of ${name}, counted and told with its key`, async () => {
      const { ground, queue } = await opened({ ...limits, overflow: 'drop-oldest' })
      const accepted = await accept(ground, queue, texts(10).concat(['n0', 'n1', 'n2']))
      accepted.should.eql(Array.from({ length: 13 }, (_, n) => n))
      queue.waiting.should.equal(10)
      queue.totals.should.eql({ accepted: 13, overflow: 3 })
      await ground.world.clock.advance(1000)
      drops(ground).should.eql([{ reason: 'overflow', count: 3, lastKey: 'key of m2', last: 2 }])
      taken(await leaseAll(ground, queue)).should.eql([...texts(10).slice(3), 'n0', 'n1', 'n2'])
    })

    it(`drops the newest at its limit of ${name}, counted and told with its key`, async () => {
      const { ground, queue } = await opened({ ...limits, overflow: 'drop-newest' })
      const accepted = await accept(ground, queue, texts(10).concat(['n0', 'n1']))
      accepted.slice(10).should.eql([undefined, undefined])
      queue.totals.should.eql({ accepted: 12, overflow: 2 })
      await ground.world.clock.advance(1000)
      drops(ground).should.eql([{ reason: 'overflow', count: 2, lastKey: 'key of n1' }])
      taken(await leaseAll(ground, queue)).should.eql(texts(10))
      isBalanced(queue).should.be.true()
    })

    it(`refuses at its limit of ${name}`, async () => {
      const { ground, queue } = await opened({ ...limits, overflow: 'reject' })
      const codes = await accept(ground, queue, texts(10).concat(['n0']))
      codes[10]?.should.equal('QUEUE_FULL')
      queue.totals.should.eql({ accepted: 10 })
      const [record] = await leaseAll(ground, queue)
      if (record !== undefined) queue.settle(record, 'delivered')
      should((await accept(ground, queue, ['n1']))[0]).equal(10)
      drops(ground).should.eql([])
    })
  }

  it('counts what is still on its way to the disk', async () => {
    const { ground, queue } = await opened({ maxMessages: 5, overflow: 'reject' })
    const codes = texts(8).map((text) => codeOf(queue.accept(message(text), text)))
    ;(await ground.finish(Promise.all(codes))).should.eql([
      0,
      1,
      2,
      3,
      4,
      'QUEUE_FULL',
      'QUEUE_FULL',
      'QUEUE_FULL',
    ])
  })

  it('never drops a leased message: with nothing else to drop the newest is refused', async () => {
    const { ground, queue } = await opened({ maxMessages: 3, overflow: 'drop-oldest' })
    await accept(ground, queue, texts(3))
    const leased = await leaseAll(ground, queue)
    ;(await accept(ground, queue, ['late'])).should.eql(['QUEUE_FULL'])
    for (const record of leased) queue.settle(record, 'delivered')
    queue.totals.should.eql({ accepted: 3, delivered: 3 })
    queue.inFlight.should.equal(0)
  })

  it('drops the oldest that is not leased', async () => {
    const { ground, queue } = await opened({ maxMessages: 3, overflow: 'drop-oldest' })
    await accept(ground, queue, texts(3))
    await ground.finish(queue.readAhead())
    const first = queue.takeReady()
    await accept(ground, queue, ['late'])
    await ground.world.clock.advance(1000)
    drops(ground).should.eql([{ reason: 'overflow', count: 1, lastKey: 'key of m1', last: 1 }])
    taken(await leaseAll(ground, queue)).should.eql(['m2', 'late'])
    should(first?.sequence).equal(0)
  })

  it('refuses a message larger than a quarter of it, and stores nothing of it', async () => {
    const { ground, queue } = await opened({ maxBytes: 4000 })
    const refused = queue.accept(message('x'.repeat(1001)), 'k')
    refused.catch(() => {})
    await refused.should.be.rejectedWith({
      code: 'PAYLOAD_TOO_LARGE',
      values: { size: 1001, limit: 1000, who: 'queue' },
    })
    ;(await accept(ground, queue, ['x'.repeat(900)])).should.eql([0])
    queue.totals.should.eql({ accepted: 1 })
  })

  it('warns once, and again only after most have gone', async () => {
    const { ground, queue } = await opened({ warnMessages: 10 })
    await accept(ground, queue, texts(15))
    const leased = await leaseAll(ground, queue)
    for (const record of leased.slice(0, 6)) queue.settle(record, 'delivered')
    await accept(ground, queue, texts(3))
    told(ground, 'queue.warned').should.match([{ limit: 'count', waiting: 10, bytes: 640 }])
    for (const record of leased.slice(6)) queue.settle(record, 'delivered')
    await accept(ground, queue, texts(12))
    told(ground, 'queue.warned').length.should.equal(2)
  })

  it('that is full tells how many wait, those on their way to the disk included', async () => {
    const { ground, queue } = await opened({ maxMessages: 5 })
    await accept(ground, queue, texts(20))
    told(ground, 'queue.full').should.match([{ limit: 'messages', waiting: 5 }])
  })

  for (const overflow of ['drop-oldest', 'drop-newest', 'reject'] as const) {
    it(`that stands at a limit tells so once with ${overflow}`, async () => {
      const { ground, queue } = await opened({ maxBytes: 10_000, overflow })
      for (let n = 0; n < 60; n++) await accept(ground, queue, ['x'.repeat(400 + (n % 7) * 90)])
      told(ground, 'queue.full').length.should.equal(1)
      for (const record of await leaseAll(ground, queue)) queue.settle(record, 'delivered')
      queue.isFull.should.be.false()
      await accept(ground, queue, Array(30).fill('y'.repeat(700)))
      told(ground, 'queue.full').length.should.equal(2)
    })
  }

  it('does not grow while the disk is short of room, and says so once', async () => {
    const { ground, queue } = await opened(
      { freeDisk: { bytes: 5000 }, overflow: 'reject' },
      20_000,
    )
    ;(await accept(ground, queue, texts(5))).should.eql([0, 1, 2, 3, 4])
    ground.disk.capacity = 1000 + 20_000 - ground.disk.free()
    await ground.world.clock.advance(3000)
    told(ground, 'store.full').length.should.equal(1)
    ;(await accept(ground, queue, ['late'])).should.eql(['DISK_FULL'])
    const [first] = await leaseAll(ground, queue)
    if (first !== undefined) queue.settle(first, 'delivered')
    ;(await accept(ground, queue, ['n0', 'n1'])).should.eql([5, 'DISK_FULL'])
    ground.disk.capacity = 100_000
    await ground.world.clock.advance(1000)
    ;(await accept(ground, queue, ['n2'])).should.eql([6])
  })

  it('tells drops that wait to be told when it is closed', async () => {
    const { ground, queue } = await opened({ maxMessages: 1, overflow: 'drop-newest' })
    await accept(ground, queue, texts(4))
    await ground.finish(queue.close())
    drops(ground).should.eql([{ reason: 'overflow', count: 3, lastKey: 'key of m3' }])
    await ground.world.clock.advance(10_000)
    ground.world.clock.pending.should.equal(0)
  })

  it('tells a message whose key cannot be found by its id', async () => {
    const { ground, queue } = await opened({}, undefined, () => {
      throw new Error('not readable')
    })
    await accept(ground, queue, ['a'])
    const [record] = await leaseAll(ground, queue)
    if (record !== undefined) queue.settle(record, 'damaged')
    await ground.world.clock.advance(1000)
    drops(ground).should.eql([{ reason: 'damaged', count: 1, lastKey: record?.id, last: 0 }])
  })

  it('lets go of the directory when the disk does not tell its size', async () => {
    const ground = groundOf({ wall })
    ground.disk.failNext(({ kind }) => kind === 'space', 'EIO')
    should(await codeOf(openOn(ground, {}))).equal('DISK_UNWRITABLE')
    await openOn(ground, {})
  })

  it('gives leases back when it is closed', async () => {
    const { ground, queue } = await opened()
    await accept(ground, queue, texts(3))
    const [first] = await leaseAll(ground, queue)
    if (first !== undefined) queue.settle(first, 'delivered')
    await ground.finish(queue.close())
    taken(await leaseAll(ground, await openOn(ground, {}))).should.eql(['m1', 'm2'])
  })
})

describe('age of messages', () => {
  it('drops those that waited too long, and no leased one', async () => {
    const { ground, queue } = await opened({ maxAge: ms(60_000) })
    await accept(ground, queue, ['leased'])
    const [leased] = await leaseAll(ground, queue)
    await accept(ground, queue, texts(3))
    await ground.world.clock.advance(30_000)
    await accept(ground, queue, ['young'])
    await ground.world.clock.advance(33_000)
    queue.totals.should.eql({ accepted: 5, expired: 3 })
    drops(ground).should.eql([{ reason: 'expired', count: 3, lastKey: 'key of m2', last: 3 }])
    if (leased !== undefined) queue.settle(leased, 'delivered')
    taken(await leaseAll(ground, queue)).should.eql(['young'])
    isBalanced(queue).should.be.true()
  })

  it('is not believed for a minute after the clock was set', async () => {
    const { ground, queue } = await opened({ maxAge: ms(600_000) })
    await accept(ground, queue, texts(2))
    await ground.world.clock.advance(2000)
    ground.world.clock.setWall(wall + 86_400_000)
    await ground.world.clock.advance(59_000)
    queue.waiting.should.equal(2)
    await ground.world.clock.advance(3000)
    queue.waiting.should.equal(0)
  })

  it('is none when the clock goes back, and when it was never right', async () => {
    const { ground, queue } = await opened({ maxAge: ms(60_000) })
    await accept(ground, queue, texts(2))
    ground.world.clock.setWall(wall - 86_400_000)
    await ground.world.clock.advance(600_000)
    queue.waiting.should.equal(2)
    const unset = groundOf({ wall: 0 })
    const early = await openOn(unset, { maxAge: ms(60_000) })
    await accept(unset, early, texts(2))
    unset.world.clock.setWall(wall)
    await unset.world.clock.advance(600_000)
    early.waiting.should.equal(2)
  })
})

const wall = Date.UTC(2026, 11, 1)
const limitless: Limits = {
  maxMessages: 1000,
  maxBytes: 1 << 20,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'drop-oldest',
  warnMessages: 'off',
}

function openOn(
  ground: StoreGround,
  limits: Partial<Limits>,
  keyOf = (record: StoredRecord) => `key of ${Buffer.from(record.payload)}`,
): Promise<Queue> {
  const durability = { is: 'each' } as const
  const settings = { directory, queueId: 'q1', durability, ballastBytes: 0, keyOf }
  return ground.finish(Queue.open(ground, { ...settings, limits: { ...limitless, ...limits } }))
}

async function opened(
  limits: Partial<Limits> = {},
  capacity = 1e9,
  keyOf?: (record: StoredRecord) => string,
) {
  const ground = groundOf({ wall, disk: { capacity } })
  return { ground, queue: await openOn(ground, limits, keyOf) }
}

/** One after another; what each resolved with, or the code it was refused with. */
async function accept(ground: StoreGround, queue: Queue, payloads: readonly string[]) {
  const results: unknown[] = []
  for (const text of payloads) {
    results.push(await ground.finish(codeOf(queue.accept(message(text), `key of ${text}`))))
  }
  return results
}

async function leaseAll(ground: StoreGround, queue: Queue): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  while (await ground.finish(queue.readAhead())) {
    for (let next = queue.takeReady(); next !== undefined; next = queue.takeReady()) {
      records.push(next)
    }
  }
  return records
}

const taken = (records: readonly StoredRecord[]) =>
  records.map(({ payload }) => Buffer.from(payload).toString())

const told = ({ events }: StoreGround, kind: Event['kind']) =>
  events.filter((event) => event.kind === kind)

const drops = ({ events }: StoreGround) => dropsIn(events)
