/**
 * A queue in lanes: a long backlog of one lane keeps nobody waiting, a full table is waited for,
 * two keys with one hash only go one after the other, and a backlog of any size costs one window.
 */

import 'should'
import { laneOf } from '../../src/store/lane.js'
import { lanesMax } from '../../src/store/lanes.js'
import { keyOfText, QueueGround, textOf } from '../world/queue-ground.js'
import { texts } from '../world/store-ground.js'

describe('queue in lanes', () => {
  it('lets others go past a long backlog of one lane', async () => {
    const q = await QueueGround.open({ order: 'lanes', segmentBytes: 20_000 })
    await q.accept([...texts(3000, 'hot:'), ...texts(40, 'k'), ...texts(10, 'hot:late ')])
    const records = await q.take()
    records.map(textOf).should.eql(['hot:0', ...texts(40, 'k')])
    q.deliver(records.slice(1))
    ;(await q.accept(['k0:more'])).length.should.equal(1)
    ;(await q.take()).map(textOf).should.eql(['k0:more'])
  })

  it('lets others go past a lane whose messages are large', async () => {
    const q = await QueueGround.open({ order: 'lanes' })
    const large = 'x'.repeat(300_000)
    await q.accept(['k:0', `hot:0${large}`, `hot:1${large}`, `hot:2${large}`, 'k:1', 'k:2'])
    const [first, hot, ...none] = await q.take()
    none.should.eql([])
    if (first !== undefined) q.deliver([first])
    const [second] = await q.take()
    if (second !== undefined) q.deliver([second])
    ;(await q.take()).map(textOf).should.eql(['k:2'])
    if (hot !== undefined) q.deliver([hot])
    ;(await q.drainAll()).should.eql([`hot:1${large}`, `hot:2${large}`])
  })

  it('delivers a backlog of many windows and segments in the order of each lane', async () => {
    const q = await QueueGround.open({ order: 'lanes', segmentBytes: 8000, maxInFlight: 50 })
    const sent = Array.from({ length: 3000 }, (_, n) => `${n % 7 === 0 ? n : `k${n % 5}`}:${n}`)
    for (let n = 0; n < sent.length; n += 100) await q.accept(sent.slice(n, n + 100))
    q.ground.segments.length.should.be.above(20)
    const delivered = await q.drainAll()
    delivered.length.should.equal(sent.length)
    for (const key of texts(5, 'k')) of(key, delivered).should.eql(of(key, sent))
    q.ground.segments.length.should.be.belowOrEqual(2)
  })

  it('has as many out as it may, beyond one window and one block of releases', async () => {
    const q = await QueueGround.open({ order: 'lanes', maxInFlight: 700 })
    await q.accept(texts(800, 'k'))
    ;(await q.take()).length.should.equal(700)
  })

  it('waits with a full table, and goes on', async () => {
    const q = await QueueGround.open({ order: 'lanes', maxInFlight: 5000 })
    const keys = texts(lanesMax + 700, 'k')
    await q.accept(keys.flatMap((key) => [`${key}:0`, `${key}:1`]))
    const records = await q.take()
    records.map(textOf).should.eql(keys.slice(0, lanesMax).map((key) => `${key}:0`))
    const [last] = records.splice(-1)
    if (last !== undefined)
      q.deliver([last])
      // The next of the same lane is as good as a new lane.
    ;(await q.take()).length.should.equal(1)
    q.deliver(records)
    const delivered = await q.drainAll()
    new Set(delivered).size.should.equal(delivered.length)
    q.queue.totals.should.eql({ accepted: keys.length * 2, delivered: keys.length * 2 - 1 })
    q.queue.inFlight.should.equal(1)
  })

  it('lets two keys with one hash go one after the other', async () => {
    const [one, other] = ['line-7uo6uj', 'line-kixxzh'] as const
    laneOf(one).should.equal(laneOf(other))
    const q = await QueueGround.open({ order: 'lanes' })
    await q.accept([`${one}:0`, `${other}:0`, `${one}:1`, 'free:0'])
    ;(await q.drain()).should.eql([[`${one}:0`, 'free:0'], [`${other}:0`], [`${one}:1`]])
  })

  it('takes messages without a key for one lane', async () => {
    const q = await QueueGround.open({ order: 'lanes' })
    await q.accept([':0', ':1', 'k:0'])
    ;(await q.drain()).should.eql([[':0', 'k:0'], [':1']])
  })

  it('takes up what is settled in any order, and starts again after a restart', async () => {
    const q = await QueueGround.open({ order: 'lanes', maxInFlight: 3 })
    await q.accept(['a:0', 'a:1', 'b:0', 'b:1', 'c:0', 'd:0'])
    const [a, b, c] = await q.take()
    ;[a, b, c].map((record) => record && textOf(record)).should.eql(['a:0', 'b:0', 'c:0'])
    if (b !== undefined) q.deliver([b])
    ;(await q.take()).map(textOf).should.eql(['b:1'])
    if (c !== undefined) q.deliver([c])
    ;(await q.take()).map(textOf).should.eql(['d:0'])
    await q.reopen()
    ;(await q.drain()).should.eql([['a:0', 'b:1', 'd:0'], ['a:1']])
  })

  for (const order of ['strict', 'lanes'] as const) {
    it(`costs one window of memory with a backlog of 100,000, ${order}`, async function () {
      this.timeout(60_000)
      const q = await QueueGround.open({ order, segmentBytes: 1 << 20 })
      for (let n = 0; n < 100; n++) await q.accept(texts(1000, 'hot:'))
      await q.accept(['cold'])
      await q.reopen()
      const read: number[] = []
      q.ground.disk.afterOperation = ({ kind, bytes = 0 }) => {
        if (kind === 'read') read.push(bytes)
      }
      const records = await q.take()
      records.length.should.equal(order === 'strict' ? 256 : 2)
      Math.max(...read).should.be.belowOrEqual(600 << 10)
      q.ground.budget.tailBytes.should.equal(0)
    })
  }
})

const of = (key: string, all: readonly string[]) => all.filter((text) => keyOfText(text) === key)
