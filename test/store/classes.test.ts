/**
 * Classes of priority: three journals made on first use, 16:4:1 of what goes, order within a class,
 * limits and the balance over all of them.
 */

import 'should'
import { QueueGround, textOf } from '../world/queue-ground.js'
import { codeOf, directory, isBalanced, texts } from '../world/store-ground.js'

describe('classes of priority', () => {
  it('are journals of their own, made on first use and opened again later', async () => {
    const q = await QueueGround.open()
    await q.accept(['n0'])
    classesOf(q).should.eql([])
    await q.accept(['h0'], 'high')
    classesOf(q).should.eql(['high'])
    await q.accept(['l0'], 'low')
    classesOf(q).should.eql(['high', 'low'])
    await q.reopen()
    q.queue.waiting.should.equal(3)
    q.queue.waitingIn('low').should.equal(1)
    ;(await q.drainAll()).should.eql(['h0', 'n0', 'l0'])
    await q.reopen()
    q.queue.totals.should.eql({ accepted: 3, delivered: 3 })
  })

  it('go 16:4:1 as long as all have messages, each in its order', async () => {
    const q = await threeClasses(60)
    const taken = (await q.take(63)).map(textOf)
    taken.filter((text) => text.startsWith('h')).should.eql(texts(48, 'h'))
    taken.filter((text) => text.startsWith('n')).should.eql(texts(12, 'n'))
    taken.filter((text) => text.startsWith('l')).should.eql(texts(3, 'l'))
    taken
      .slice(0, 21)
      .filter((text) => text.startsWith('l'))
      .length.should.equal(1)
  })

  it('give their turns away when they have nothing', async () => {
    const q = await QueueGround.open()
    await q.accept(texts(10, 'l'), 'low')
    await q.accept(texts(10, 'n'))
    const taken = (await q.take()).map(textOf)
    taken.slice(0, 5).should.eql(['n0', 'n1', 'n2', 'n3', 'l0'])
    taken.slice(-7).should.eql(texts(10, 'l').slice(3))
  })

  it('let an urgent one go before those that are ready', async () => {
    const q = await threeClasses(5)
    await q.take(5)
    q.deliver(await q.take(1))
    await q.accept(['urgent'], 'high')
    ;(await q.take(1)).map(textOf).should.eql(['urgent'])
  })

  it('share the number that may be out', async () => {
    const q = await threeClasses(10, { maxInFlight: 7 })
    const records = await q.take()
    records.length.should.equal(7)
    q.queue.inFlight.should.equal(7)
    ;(await q.ground.finish(q.queue.readAhead())).should.be.false()
    q.deliver(records.slice(0, 2))
    ;(await q.take()).length.should.equal(2)
  })

  it('are asked for one alone, out of turn', async () => {
    const q = await threeClasses(3)
    ;(await q.ground.finish(q.queue.readAhead('low'))).should.be.true()
    const record = q.queue.takeReady('low')
    ;(record && textOf(record))?.should.equal('l0')
    q.queue.lead('normal', 2)
    ;(await q.take(3)).map(textOf).should.eql(['n0', 'n1', 'h0'])
  })

  it('share the limits: the least urgent are dropped first', async () => {
    const q = await threeClasses(4, { limits: { maxMessages: 12 } })
    await q.accept(texts(6, 'more'))
    ;(await q.drops()).should.eql([{ reason: 'overflow', count: 6, lastKey: 'n1', last: 1 }])
    ;(await q.drainAll())
      .sort()
      .should.eql([...texts(4, 'h'), ...texts(6, 'more'), 'n2', 'n3'].sort())
    isBalanced(q.queue).should.be.true()
  })

  it('share the limits: a full queue refuses whatever the class', async () => {
    const q = await threeClasses(4, { limits: { maxMessages: 12, overflow: 'reject' } })
    ;(await q.accept(['h4'], 'high')).should.eql(['QUEUE_FULL'])
    q.queue.isFull.should.be.true()
  })

  it('count what is dropped as the newest once', async () => {
    const q = await threeClasses(4, { limits: { maxMessages: 12, overflow: 'drop-newest' } })
    ;(await q.accept(['h4'], 'high')).should.eql([undefined])
    q.queue.totals.should.eql({ accepted: 13, overflow: 1 })
    await q.reopen()
    q.queue.totals.should.eql({ accepted: 13, overflow: 1 })
    isBalanced(q.queue).should.be.true()
  })

  it('are not opened any more once the queue is closed', async () => {
    const q = await QueueGround.open()
    const early = codeOf(q.begin('h0', 'high'))
    const closing = q.queue.close()
    ;(await q.ground.finish(early))?.should.equal(0)
    await q.ground.finish(closing)
    ;(await q.accept(['l0'], 'low')).should.eql(['INTERRUPTED'])
    ;(await q.accept(['n0'])).should.eql(['INTERRUPTED'])
    for (const path of [directory, `${directory}/high`]) {
      q.ground.disk.namesIn(path).includes('LOCK').should.be.false()
    }
    classesOf(q).should.eql(['high'])
    await q.reopen()
  })

  it('leave the queue as it was when one cannot be made', async () => {
    const q = await QueueGround.open()
    q.ground.disk.failNext(({ kind, path }) => kind === 'makeDirectory' && /high/.test(path), 'EIO')
    ;(await q.accept(['h0'], 'high')).should.eql(['DISK_UNWRITABLE'])
    ;(await q.accept(['h0'], 'high')).should.eql([0])
    ;(await q.accept(['n0'])).should.eql([0])
    ;(await q.drainAll()).should.eql(['h0', 'n0'])
  })
})

async function threeClasses(count: number, options = {}): Promise<QueueGround> {
  const q = await QueueGround.open(options)
  await q.accept(texts(count, 'l'), 'low')
  await q.accept(texts(count, 'n'))
  await q.accept(texts(count, 'h'), 'high')
  return q
}

const classesOf = ({ ground }: QueueGround) =>
  ['high', 'low'].filter((name) => ground.disk.namesIn(`${directory}/${name}`).length > 0)
