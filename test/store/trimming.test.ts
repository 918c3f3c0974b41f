/**
 * What leaves a queue without being delivered: overflow, age and a person's choice. Each message is
 * handed over before it is settled, one at a time, never one that is out, and offered again until
 * somebody takes it.
 */

import 'should'
import { ms } from '../../src/base/units.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { QueueGround, type QueueOptions, textOf } from '../world/queue-ground.js'
import { isBalanced, texts } from '../world/store-ground.js'

describe('trimming', () => {
  it('hands over what overflows before it is settled, one after another', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 5 } })
    await q.accept(texts(8))
    q.queue.waiting.should.equal(8)
    aside.offered.should.eql(['overflow m0'])
    await aside.take(q)
    aside.offered.should.eql(['overflow m0', 'overflow m1'])
    q.queue.waiting.should.equal(7)
    while (aside.isAsked) await aside.take(q)
    q.queue.totals.should.eql({ accepted: 8, overflow: 3 })
    ;(await q.drainAll()).should.eql(texts(8).slice(3))
    aside.mostAtOnce.should.equal(1)
  })

  it('hands over what is too old', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxAge: ms(5000) } })
    await q.accept(texts(3))
    await q.ground.world.clock.advance(70_000)
    aside.offered.should.eql(['expired m0'])
    while (aside.isAsked) await aside.take(q)
    q.queue.totals.should.eql({ accepted: 3, expired: 3 })
  })

  it('keeps from going out what is being handed over, and lets the others go', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(3))
    await q.ground.finish(q.queue.readAhead())
    await q.accept(['late'])
    ;(await q.drainAll()).should.eql(['m1', 'm2', 'late'])
    await aside.take(q)
    q.queue.totals.should.eql({ accepted: 4, delivered: 3, overflow: 1 })
  })

  it('offers again what nobody took, although there is room by now', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(4))
    await aside.refuse(q)
    ;(await q.drainAll()).should.eql(['m1', 'm2', 'm3'])
    q.queue.waiting.should.equal(1)
    await q.ground.world.clock.advance(1000)
    aside.offered.should.eql(['overflow m0', 'overflow m0'])
    await aside.take(q)
    q.queue.totals.should.eql({ accepted: 4, delivered: 3, overflow: 1 })
    isBalanced(q.queue).should.be.true()
  })

  it('loses nothing that nobody took: it is back after a restart', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(4))
    await aside.refuse(q)
    await q.reopen()
    ;(await q.drainAll()).should.eql(texts(4))
  })

  it('refuses new messages as long as nobody takes the old ones', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(4))
    await aside.refuse(q)
    ;(await q.accept(['late'])).should.eql(['QUEUE_FULL'])
    while (aside.isAsked) await aside.take(q)
    await q.ground.world.clock.advance(1000)
    while (aside.isAsked) await aside.take(q)
    ;(await q.accept(['later'])).should.eql([4])
  })

  it('hands nothing over twice at once, whoever asks', async () => {
    const aside = new Aside()
    const limits = { maxMessages: 3, maxAge: ms(5000) }
    const q = await QueueGround.open({ ...aside.options, limits })
    await q.accept(texts(5))
    await q.ground.world.clock.advance(70_000)
    const dropping = [q.queue.drop({ count: 2 }), q.queue.drop({ key: 'm1' })]
    while (aside.isAsked) await aside.take(q)
    await q.ground.finish(Promise.all(dropping))
    aside.mostAtOnce.should.equal(1)
    new Set(aside.offered.map((text) => text.split(' ')[1])).size.should.equal(5)
    aside.offered.length.should.equal(5)
  })

  it('does not hand over what was delivered meanwhile', async () => {
    const aside = new Aside()
    const q = await QueueGround.open(aside.options)
    await q.accept(texts(4))
    const dropping = q.queue.drop({ count: 3 })
    await q.ground.world.clock.settle()
    q.deliver(await q.take(1))
    while (aside.isAsked) await aside.take(q)
    ;(await q.ground.finish(dropping)).should.equal(3)
    aside.offered.should.eql(['operator m0', 'operator m2', 'operator m3'])
    q.queue.totals.should.eql({ accepted: 4, delivered: 1, operator: 3 })
  })

  it('does not supersede what is being handed over', async () => {
    const aside = new Aside()
    const limits = { maxMessages: 2 }
    const q = await QueueGround.open({ ...aside.options, isConflating: true, limits })
    await q.accept(['a:0', 'b:0', 'c:0'])
    await q.accept(['a:1'])
    await aside.take(q)
    while (aside.isAsked) await aside.take(q)
    q.queue.totals.should.eql({ accepted: 4, overflow: 2 })
    ;(await q.drainAll()).should.eql(['c:0', 'a:1'])
  })

  it('ends before the queue is closed', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(6))
    let isClosed = false
    const closing = q.queue.close().then(() => {
      isClosed = true
    })
    await q.ground.world.clock.settle()
    isClosed.should.be.false()
    await aside.take(q)
    isClosed.should.be.true()
    await closing
    aside.offered.should.eql(['overflow m0'])
    await q.reopen()
    q.queue.totals.should.eql({ accepted: 6, overflow: 1 })
  })

  it('lets nobody in beyond the limit while nobody answers', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(4))
    ;(await q.accept(['soon'])).should.eql([4])
    await q.ground.world.clock.advance(1001)
    ;(await q.accept(['later'])).should.eql(['QUEUE_FULL'])
    while (aside.isAsked) await aside.take(q)
    ;(await q.accept(['at last'])).should.eql([5])
  })

  it('does not keep a close waiting when nobody answers, and is offered again', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(4))
    await q.ground.finishWithin(300, q.queue.close())
    await aside.take(q)
    q.ground.world.clock.pending.should.equal(0)
    await q.reopen()
    q.queue.totals.should.eql({ accepted: 4 })
    await q.accept(['one more'])
    aside.offered.should.eql(['overflow m0', 'overflow m0'])
    await aside.take(q)
    q.queue.totals.should.eql({ accepted: 5, overflow: 1 })
  })

  it('gives the loop its turn among thousands', async () => {
    const q = await QueueGround.open({ limits: { maxMessages: 3000 } })
    await q.accept(texts(3000))
    await q.accept(texts(3000, 'n'))
    q.queue.totals.should.eql({ accepted: 6000, overflow: 3000 })
    ;(await q.drops()).should.eql([
      { reason: 'overflow', count: 3000, lastKey: 'm2999', last: 2999 },
    ])
  })
})

describe('drop by a person', () => {
  it('takes the oldest that are not out', async () => {
    const q = await QueueGround.open()
    await q.accept(texts(6))
    const out = await q.take(1)
    ;(await q.ground.finish(q.queue.drop({ count: 3 }))).should.equal(3)
    q.deliver(out)
    ;(await q.drainAll()).should.eql(['m4', 'm5'])
    q.queue.totals.should.eql({ accepted: 6, operator: 3, delivered: 3 })
  })

  it('takes all of one key, and nothing of another with the same hash', async () => {
    const [one, other] = ['line-7uo6uj', 'line-kixxzh'] as const
    const q = await QueueGround.open({ order: 'lanes', segmentBytes: 1000 })
    for (let n = 0; n < 40; n++) await q.accept([`${one}:${n}`, `${other}:${n}`, `c:${n}`])
    await q.take()
    ;(await q.ground.finish(q.queue.drop({ key: other }))).should.equal(40)
    q.queue.inFlight.should.equal(2)
    await q.reopen()
    const delivered = await q.drainAll()
    delivered.filter((text) => text.startsWith(one)).length.should.equal(40)
    delivered.length.should.equal(80)
  })

  it('takes single ones by their ids, the least urgent class first', async () => {
    const q = await QueueGround.open()
    await q.accept(texts(3))
    await q.accept(texts(3, 'h'), 'high')
    const ids = (await q.ground.finish(q.queue.peek(9))).map(({ id }) => id)
    const chosen = [ids[0] ?? '', ids[4] ?? '', 'unknown']
    ;(await q.ground.finish(q.queue.drop({ ids: chosen }))).should.equal(2)
    ;(await q.drainAll()).should.eql(['h1', 'h2', 'm0', 'm2'])
  })

  it('takes everything for good, what nobody took included', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(texts(4))
    await aside.refuse(q)
    ;(await q.ground.finish(q.queue.drop('everything'))).should.equal(4)
    aside.offered.length.should.equal(1)
    q.queue.totals.should.eql({ accepted: 4, operator: 4 })
    ;(await q.accept(['late'])).should.eql([4])
  })

  it('takes one key for good, what nobody took of it included, and leaves the others', async () => {
    const aside = new Aside()
    const q = await QueueGround.open({ ...aside.options, limits: { maxMessages: 3 } })
    await q.accept(['a:0', 'b:0', 'a:1', 'b:1'])
    await aside.refuse(q)
    const drop = (key: string) => q.ground.finish(q.queue.drop({ key, isForGood: true }))
    ;(await drop('a')).should.equal(2)
    aside.offered.should.eql(['overflow a:0'])
    ;(await q.drainAll()).should.eql(['b:0', 'b:1'])
    q.queue.totals.should.eql({ accepted: 4, operator: 2, delivered: 2 })
  })

  it('shows what waits without letting it go: all, or 256 KB', async () => {
    const q = await QueueGround.open()
    await q.accept(texts(5))
    await q.accept(['urgent'], 'high')
    await q.take(2)
    const peek = (count: number) => q.ground.finish(q.queue.peek(count))
    ;(await peek(3)).map(textOf).should.eql(['urgent', 'm0', 'm1'])
    ;(await peek(100)).length.should.equal(6)
    q.queue.inFlight.should.equal(2)
    await q.accept(Array(40).fill('x'.repeat(10_000)))
    const shown = await peek(100)
    const bytes = shown.reduce((sum, { payload }) => sum + payload.length, 0)
    bytes.should.be.above(230 << 10).and.belowOrEqual(256 << 10)
    await q.accept(['y'.repeat(1 << 20)], 'high')
    ;(await peek(100)).map(textOf).should.eql(['urgent'])
    await q.reopen()
    await q.ground.finish(q.queue.drop({ key: 'urgent' }))
    ;(await peek(100)).length.should.equal(1)
  })
})

/** Whoever keeps what is set aside; it takes or refuses when the test says so. */
class Aside {
  readonly offered: string[] = []
  mostAtOnce = 0
  readonly #asked: { take: () => void; refuse: (error: Error) => void }[] = []

  readonly options: QueueOptions = {
    setAside: (record: StoredRecord, reason) => {
      this.offered.push(`${reason} ${textOf(record)}`)
      return new Promise<void>((take, refuse) => {
        this.#asked.push({ take, refuse })
        this.mostAtOnce = Math.max(this.mostAtOnce, this.#asked.length)
      })
    },
  }

  get isAsked(): boolean {
    return this.#asked.length > 0
  }

  async take({ ground }: QueueGround): Promise<void> {
    this.#asked.shift()?.take()
    await ground.world.clock.settle()
  }

  async refuse({ ground }: QueueGround): Promise<void> {
    this.#asked.shift()?.refuse(new Error('no room'))
    await ground.world.clock.settle()
  }
}
