/**
 * What may come between while a queue reads ahead: new messages, settlements, a disk that does not
 * answer, the end of the queue. Nothing is skipped, nothing comes twice, and nobody waits for ever.
 */

import should from 'should'
import type { Order } from '../../src/store/feed.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { QueueGround, type QueueOptions, textOf } from '../world/queue-ground.js'
import { codeOf, texts } from '../world/store-ground.js'

/** Awaits after which something comes between: more than any reading takes. */
const awaits = Array.from({ length: 45 }, (_, n) => n)
const orders: readonly Order[] = ['strict', 'lanes']

describe('reading ahead', () => {
  for (const order of orders) {
    it(`has as many out as it may, without a settlement, ${order}`, async () => {
      const q = await backlog({ order, maxInFlight: 700 }, 800)
      ;(await q.take()).map(textOf).join().should.equal(texts(700).join())
    })

    it(`sees what is stored while it reads, ${order}`, async () => {
      for (const ticks of awaits) {
        const q = await QueueGround.open({ order })
        const first = q.queue.readAhead()
        const stored = q.begin('a').then(() => q.queue.readAhead())
        await tick(ticks)
        const second = q.begin('b').then(() => q.queue.readAhead())
        const asked = Promise.all([first, stored, second])
        const [, , isFound] = await q.ground.finish(asked)
        isFound.should.be.true()
        ;(await q.drainAll()).should.eql(['a', 'b'], `after ${ticks} awaits`)
      }
    })

    it(`goes on after a settlement in the middle of it, ${order}`, async () => {
      for (const ticks of awaits) {
        const q = await backlog({ order, maxInFlight: 5 }, 300)
        const records = await q.take()
        q.deliver(records.splice(0, 2))
        const reading = q.queue.readAhead()
        await tick(ticks)
        q.deliver(records.splice(0, 2))
        await q.ground.finish(reading)
        ;(await q.drainAll())
          .join()
          .should.equal(texts(300).slice(5).join(), `after ${ticks} awaits`)
      }
    })

    for (const code of ['EMFILE', 'EACCES']) {
      it(`is tried again after ${code}, ${order}`, async () => {
        const q = await backlog({ order, maxInFlight: 5 }, 400)
        const delivered: string[] = []
        let refused = 0
        for (let turn = 0; q.queue.waiting > 0 && turn < 1000; turn++) {
          if (turn % 9 === 0) q.ground.disk.failNext(({ kind }) => kind === 'open', code)
          const found = await q.ground.finish(codeOf(q.queue.readAhead()))
          if (typeof found !== 'boolean') refused++
          const records: StoredRecord[] = []
          for (let next = q.queue.takeReady(); next !== undefined; next = q.queue.takeReady()) {
            records.push(next)
          }
          delivered.push(...records.map(textOf))
          q.deliver(records)
        }
        refused.should.be.above(0)
        delivered.join().should.equal(texts(400).join())
      })
    }

    it(`is tried again when what was passed over cannot be read, ${order}`, async () => {
      const q = await QueueGround.open({ order, segmentBytes: 2000 })
      for (let n = 0; n < 40; n++) await q.accept(texts(10).map((text) => `hot:${n} ${text}`))
      await q.reopen()
      const delivered: string[] = []
      for (let n = 0; ; n++) {
        if (n % 3 === 0) q.ground.disk.failNext(({ kind }) => kind === 'read', 'EMFILE')
        await q.ground.finish(codeOf(q.queue.readAhead()))
        for (let next = q.queue.takeReady(); next !== undefined; next = q.queue.takeReady()) {
          delivered.push(textOf(next))
          q.deliver([next])
        }
        if (q.queue.waiting === 0) break
      }
      delivered.length.should.equal(400)
      delivered.slice(-1).should.eql(['hot:39 m9'])
      new Set(delivered).size.should.equal(400)
    })

    it(`loses only what a dead sector took with it, ${order}`, async () => {
      const q = await backlog({ order, segmentBytes: 20_000 }, 600)
      const isDead = ({ kind, position = 0, bytes = 0 }: ReadOf) =>
        kind === 'read' && position <= 8192 && position + bytes > 8192
      q.ground.disk.failNext(isDead, 'EIO', Number.POSITIVE_INFINITY)
      const delivered = await q.drainAll()
      const { damaged = 0 } = q.queue.totals
      damaged.should.be.above(0)
      delivered.length.should.equal(600 - damaged)
      delivered.join().should.equal(
        texts(600)
          .filter((text) => delivered.includes(text))
          .join(),
      )
    })

    it(`comes to its end when the queue is closed meanwhile, ${order}`, async () => {
      for (const ticks of awaits) {
        const q = await backlog({ order, maxInFlight: 5 }, 300)
        const reading = codeOf(q.queue.readAhead())
        await tick(ticks)
        const closing = q.queue.close()
        const found = await q.ground.finish(Promise.race([reading, never(q)]))
        ;[true, false, 'INTERRUPTED'].should.containEql(found)
        await q.ground.finish(closing)
        q.ground.world.clock.pending.should.equal(0)
        ;(q.queue.takeReady() === undefined).should.be.true()
        ;(await q.ground.finish(q.queue.readAhead())).should.be.false()
        const after = await QueueGround.open(q.options, q.ground)
        ;(await after.drainAll()).join().should.equal(texts(300).join(), `after ${ticks} awaits`)
      }
    })
  }

  it('reads on before what is in memory has gone out', async () => {
    const q = await backlog({ segmentBytes: 1 << 20 }, 256)
    let waits = 0
    for (const text of texts(256)) {
      let next = q.queue.takeReady()
      if (next === undefined) {
        waits++
        await q.ground.finish(q.queue.readAhead())
        next = q.queue.takeReady()
      }
      should(next && textOf(next)).equal(text)
      if (next) q.deliver([next])
      await tick(awaits.length)
    }
    waits.should.equal(1)
  })

  it('reads on once more, and tells, when that cannot be read', async () => {
    const q = await backlog({ segmentBytes: 1 << 20 }, 600)
    await q.ground.finish(q.queue.readAhead())
    q.ground.disk.failNext(({ kind }) => kind === 'read', 'EMFILE', 2)
    const delivered: string[] = []
    const refused: unknown[] = []
    while (q.queue.waiting > 0) {
      const next = q.queue.takeReady()
      if (next === undefined) refused.push(await q.ground.finish(codeOf(q.queue.readAhead())))
      else {
        delivered.push(textOf(next))
        q.deliver([next])
        await tick(awaits.length)
      }
    }
    refused[0]?.should.equal('DISK_UNWRITABLE')
    delivered.join().should.equal(texts(600).join())
  })

  it('comes to its end when the queue is closed while it reads on', async () => {
    for (const ticks of awaits) {
      const q = await backlog({ segmentBytes: 1 << 20 }, 400)
      q.deliver(await q.take(64))
      await tick(ticks)
      await q.ground.finish(q.queue.close())
      const after = await QueueGround.open(q.options, q.ground)
      ;(await after.drainAll()).join().should.equal(texts(400).slice(64).join())
    }
  })

  it('comes to its end when the queue is closed while it leaves out what is stale', async () => {
    for (const ticks of awaits) {
      const q = await backlog({ isConflating: true }, 300, (text, n) => `k${n % 9}:${text}`)
      q.queue.conflates = true
      const reading = codeOf(q.queue.readAhead())
      await tick(ticks)
      const closing = q.queue.close()
      ;[true, false, 'INTERRUPTED'].should.containEql(
        await q.ground.finish(Promise.race([reading, never(q)])),
      )
      await q.ground.finish(closing)
      const after = await QueueGround.open(q.options, q.ground)
      ;(await after.drainAll()).length.should.equal(9)
      const { accepted, superseded, delivered } = after.queue.totals
      ;[accepted, superseded, delivered].should.eql([300, 291, 9])
    }
  })

  it('comes to its end when the queue is closed while it drops', async () => {
    for (const ticks of awaits) {
      const q = await backlog({ limits: { maxMessages: 100 } }, 0)
      const accepted = texts(150).map((text) => codeOf(q.begin(text)))
      await q.ground.finish(Promise.race(accepted))
      const dropping = q.queue.drop({ count: 30 })
      await tick(ticks)
      const closing = q.queue.close()
      const dropped = await q.ground.finish(Promise.race([dropping, never(q)]))
      await q.ground.finish(closing)
      const after = await QueueGround.open(q.options, q.ground)
      const { operator = 0, overflow = 0 } = after.queue.totals
      operator.should.equal(dropped)
      ;(await after.drainAll()).join().should.equal(
        texts(150)
          .slice(operator + overflow)
          .join(),
      )
    }
  })
})

interface ReadOf {
  readonly kind: string
  readonly position?: number
  readonly bytes?: number
}

/** A queue with messages from an earlier life, so that they are read from the disk. */
async function backlog(
  options: QueueOptions,
  count: number,
  keyed = (text: string, _n: number) => text,
): Promise<QueueGround> {
  const q = await QueueGround.open({ segmentBytes: 3000, ...options, isConflating: false })
  const all = texts(count).map(keyed)
  for (let n = 0; n < count; n += 20) await q.accept(all.slice(n, n + 20))
  await q.ground.finish(q.queue.close())
  return QueueGround.open({ segmentBytes: 3000, ...options }, q.ground)
}

async function tick(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve()
}

/** Resolves when nothing happens any more: what has not ended by then never does. */
async function never({ ground }: QueueGround): Promise<'never'> {
  await ground.world.clock.advance(10_000)
  return 'never'
}
