/**
 * Conflation: of messages that wait with one key only the newest goes out, over restarts too. What
 * is out is never touched, two keys with one hash never hide each other, and what was left out is
 * counted as superseded.
 */

import 'should'
import { QueueGround, type QueueOptions, textOf } from '../world/queue-ground.js'
import { isBalanced, texts } from '../world/store-ground.js'

describe('conflation', () => {
  for (const order of ['strict', 'lanes'] as const) {
    it(`keeps the newest of each key, ${order}`, async () => {
      const q = await conflating({ order })
      await q.accept(['a:0', 'b:0', 'a:1', 'a:2', 'c:0', 'b:1'])
      q.queue.waiting.should.equal(3)
      ;(await q.drops()).should.eql([{ reason: 'superseded', count: 3, lastKey: 'b' }])
      ;(await q.drainAll()).should.eql(['a:2', 'c:0', 'b:1'])
      q.queue.totals.should.eql({ accepted: 6, superseded: 3, delivered: 3 })
    })

    it(`knows the newest again after a restart, ${order}`, async () => {
      const q = await conflating({ order, segmentBytes: 3000 })
      q.queue.conflates = false
      await q.accept(texts(300).map((text, n) => `k${n % 10}:${text}`))
      q.queue.waiting.should.equal(300)
      await q.reopen()
      ;(await q.drainAll()).should.eql(texts(10, 'k').map((key, n) => `${key}:m${290 + n}`))
      q.queue.totals.should.eql({ accepted: 300, superseded: 290, delivered: 10 })
      q.ground.segments.length.should.be.belowOrEqual(2)
    })
  }

  it('never touches a message that is out', async () => {
    const q = await conflating()
    await q.accept(['a:0'])
    const out = await q.take()
    await q.accept(['a:1', 'a:2'])
    q.queue.totals.should.eql({ accepted: 3, superseded: 1 })
    q.deliver(out)
    ;(await q.drainAll()).should.eql(['a:2'])
    isBalanced(q.queue).should.be.true()
  })

  it('leaves messages without a key alone', async () => {
    const q = await conflating()
    await q.accept([':0', ':1'])
    ;(await q.drainAll()).should.eql([':0', ':1'])
  })

  it('sends all while it is off, and leaves out what is stale as soon as it is on', async () => {
    const q = await conflating()
    q.queue.conflates = false
    await q.accept(['a:0', 'a:1', 'b:0', 'a:2', 'b:1'])
    const out = await q.take(1)
    out.map(textOf).should.eql(['a:0'])
    q.queue.conflates = true
    ;(await q.take()).map(textOf).should.eql(['a:2', 'b:1'])
    q.queue.inFlight.should.equal(3)
    q.queue.totals.should.eql({ accepted: 5, superseded: 2 })
  })

  for (const order of ['strict', 'lanes'] as const) {
    it(`is switched while messages are being read, ${order}`, async () => {
      for (let ticks = 0; ticks < 40; ticks++) {
        const q = await conflating({ order, segmentBytes: 3000 })
        q.queue.conflates = false
        await q.accept(texts(300).map((text, n) => `k${n}:${text}`))
        await q.reopen()
        const reading = q.queue.readAhead()
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
        q.queue.conflates = false
        for (let tick = 0; tick < ticks % 7; tick++) await Promise.resolve()
        q.queue.conflates = true
        ;(await q.ground.finish(reading)).should.be.true()
        const all = texts(300).map((text, n) => `k${n}:${text}`)
        ;(await q.drainAll()).join().should.equal(all.join(), `after ${ticks} ticks`)
      }
    })
  }

  it('never lets two keys with one hash hide each other', async () => {
    const [one, other] = ['line-7uo6uj', 'line-kixxzh'] as const
    const q = await conflating()
    await q.accept([`${one}:0`, `${other}:0`, `${one}:1`, `${one}:2`])
    q.queue.unconflated.should.equal(2)
    await q.reopen()
    ;(await q.drainAll()).should.eql([`${other}:0`, `${one}:2`])
  })

  it('keeps all messages of keys beyond 10,000, and counts them', async () => {
    const q = await conflating()
    await q.accept(texts(10_000, 'k').map((key) => `${key}:0`))
    await q.accept(['new:0', 'new:1', 'k5:1'])
    q.queue.unconflated.should.equal(2)
    q.queue.totals.should.eql({ accepted: 10_003, superseded: 1 })
    const delivered = await q.drainAll()
    delivered.slice(-3).should.eql(['new:0', 'new:1', 'k5:1'])
    await q.accept(['new:2', 'new:3'])
    ;(await q.drainAll()).should.eql(['new:3'])
  })

  it('is a matter of each class of priority', async () => {
    const q = await conflating()
    await q.accept(['a:0', 'b:0', 'c:0'])
    await q.accept(['c:1', 'a:1', 'b:1', 'b:2'], 'high')
    q.queue.totals.should.eql({ accepted: 7, superseded: 1 })
    await q.accept(['a:2'])
    await q.reopen()
    ;(await q.drainAll()).should.eql(['c:1', 'a:1', 'b:2', 'b:0', 'c:0', 'a:2'])
    isBalanced(q.queue).should.be.true()
  })

  it('sends a message whose key cannot be found', async () => {
    const keyOf = () => {
      throw new Error('not readable')
    }
    const q = await conflating()
    q.queue.conflates = false
    await q.accept(['a:0', 'a:1'])
    const blind = await q.afterKill({ isConflating: true, keyOf })
    ;(await blind.drainAll()).should.eql(['a:0', 'a:1'])
  })

  it('tries again when the newest cannot be read, and skips nothing', async () => {
    const q = await conflating({ segmentBytes: 500 })
    q.queue.conflates = false
    await q.accept(texts(60).map((text, n) => `k${n % 3}:${text}`))
    await q.reopen()
    let reads = 0
    q.ground.disk.failNext(({ kind }) => kind === 'open' && ++reads === 2, 'EMFILE')
    await q.ground.finish(q.queue.readAhead()).should.be.rejectedWith({ code: 'DISK_UNWRITABLE' })
    ;(await q.drainAll()).should.eql(['k0:m57', 'k1:m58', 'k2:m59'])
    isBalanced(q.queue).should.be.true()
  })
})

const conflating = (options: QueueOptions = {}) =>
  QueueGround.open({ ...options, isConflating: true })
