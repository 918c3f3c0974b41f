/**
 * Store-and-forward with a real queue and a real link: what was accepted is stored first, goes out
 * in order through any outage and restart, and leaves the disk when the broker has answered for it.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { answerAll, forwarding, packet, sendAll } from '../world/forwarding.js'
import { groundOf, message, texts } from '../world/store-ground.js'

describe('forwarder', () => {
  it('has a message on disk before it accepts it, and off it once it was acknowledged', async () => {
    const { ground, queue, forwarder, broker, link } = await started()
    broker.last.accept()
    const writes = ground.watch('sync')
    await ground.finish(forwarder.accept(packet('a')))
    writes.length.should.equal(1)
    broker.last.payloads.should.eql(['a'])
    queue.waiting.should.equal(1)
    broker.last.answer(0)
    queue.totals.should.eql({ accepted: 1, delivered: 1 })
    should(link.tally).containEql({ stored: 1, published: 1, failed: 0 })
  })

  it('replays in order after an outage, and loses nothing', async () => {
    const { ground, queue, forwarder, broker } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, texts(50))
    broker.last.payloads.should.eql(texts(20))
    for (let n = 0; n < 7; n++) broker.last.answer(n)
    await ground.world.clock.settle()
    broker.last.hangUp()
    await sendAll(ground, forwarder, texts(300, 'late'))
    await ground.world.clock.advance(5000)
    broker.last.accept()
    await answerAll(ground, broker)
    broker.last.payloads.should.eql([...texts(50).slice(7), ...texts(300, 'late')])
    queue.totals.should.eql({ accepted: 350, delivered: 350 })
    queue.inFlight.should.equal(0)
  })

  it('says that a backlog drains, and when it has', async () => {
    const { ground, forwarder, broker } = await started()
    await sendAll(ground, forwarder, texts(500))
    should(forwarder.drain).equal(undefined)
    broker.last.accept()
    should(forwarder.drain).match({ count: 500 })
    await answerAll(ground, broker)
    should(forwarder.drain).equal(undefined)
    should(ground.events.find(({ kind }) => kind === 'queue.drained')).match({ count: 500 })
  })

  it('settles what the broker refuses for good, counts it and tells it', async () => {
    const { ground, queue, forwarder, broker, refused } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, texts(3))
    broker.last.answer(1, 0x87)
    broker.last.answer(0)
    broker.last.answer(2, 0x99)
    queue.totals.should.eql({ accepted: 3, delivered: 1, 'not-authorised': 1, refused: 1 })
    refused
      .map(([{ payload }, { code }]) => [payload, code])
      .should.eql([
        ['m1', 'NOT_AUTHORISED'],
        ['m2', 'PUBLISH_REFUSED'],
      ])
  })

  it('does not let a message that is too large for the broker block those behind it', async () => {
    const { ground, queue, forwarder, broker, refused } = await started()
    broker.last.accept({ maximumPacketSize: 100 })
    await sendAll(ground, forwarder, ['a', 'x'.repeat(200), 'b'])
    broker.last.payloads.should.eql(['a', 'b'])
    should(queue.totals['too-large']).equal(1)
    refused.length.should.equal(1)
  })

  it('sends the time that is left, and drops what has none', async () => {
    const { ground, queue, forwarder, broker } = await started()
    const expiring = (seconds: number, text: string) => ({
      ...packet(text),
      properties: { messageExpiryInterval: seconds },
    })
    await ground.finish(forwarder.accept(expiring(60, 'a')))
    await ground.finish(forwarder.accept(expiring(5, 'b')))
    await ground.world.clock.advance(9500)
    broker.last.accept()
    await ground.world.clock.settle()
    broker.last.packets
      .map(({ payload, properties }) => [payload, properties])
      .should.eql([['a', { messageExpiryInterval: 51 }]])
    queue.totals.should.eql({ accepted: 2, expired: 1 })
  })

  it('drops a record that is no packet, and goes on', async () => {
    const { ground, queue, forwarder, broker } = await started()
    await ground.finish(queue.accept(message('[]'), 'k'))
    await ground.finish(queue.accept({ ...message('no text at all'), codec: 7 }, 'k'))
    await sendAll(ground, forwarder, ['a'])
    broker.last.accept()
    await ground.world.clock.settle()
    broker.last.payloads.should.eql(['a'])
    should(queue.totals.damaged).equal(2)
  })

  it('waits for what is out when it closes, and sends nothing new', async () => {
    const { ground, queue, forwarder, broker } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, texts(2))
    let isClosed = false
    const closed = forwarder.close(ms(300)).then(() => {
      isClosed = true
    })
    await ground.finish(forwarder.accept(packet('late')))
    broker.last.answer(0)
    await ground.world.clock.settle()
    isClosed.should.be.false()
    broker.last.answer(1)
    await ground.finish(closed)
    broker.last.payloads.should.eql(texts(2))
    queue.totals.should.eql({ accepted: 3, delivered: 2 })
  })

  it('waits no longer than it is told to', async () => {
    const { ground, forwarder, broker } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, ['a'])
    await ground.finishWithin(300, forwarder.close(ms(300)))
  })

  it('does not wait without a connection', async () => {
    const { ground, forwarder } = await started()
    await sendAll(ground, forwarder, ['a'])
    await ground.finish(forwarder.close(ms(300)))
  })

  it('replays exactly the unsettled after a restart', async () => {
    const { ground, queue, forwarder, broker, link } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, texts(30))
    for (const n of [0, 1, 4, 5]) broker.last.answer(n)
    await ground.world.clock.settle()
    await ground.finishWithin(300, forwarder.close(ms(300)))
    await ground.finish(queue.close())
    await ground.finishWithin(1, link.close(ms(0)))
    const next = await forwarding(ground)
    next.broker.last.accept()
    await answerAll(ground, next.broker)
    next.broker.last.payloads.should.eql(texts(30).filter((_, n) => ![0, 1, 4, 5].includes(n)))
    next.queue.totals.should.eql({ accepted: 30, delivered: 30 })
  })

  it('comes back to a backlog that could not be read for a moment', async () => {
    const { ground, queue, forwarder, link } = await started()
    await sendAll(ground, forwarder, texts(5))
    await ground.finish(forwarder.close(ms(0)))
    await ground.finish(queue.close())
    await ground.finish(link.close(ms(0)))
    const open = ({ kind, path }: { kind: string; path: string }) =>
      kind === 'open' && path.endsWith('.seg') && ground.segments.length > 1
    ground.disk.failNext(open, 'EMFILE', 2)
    const next = await forwarding(ground)
    next.broker.last.accept()
    await ground.world.clock.advance(5000)
    next.broker.last.payloads.should.eql(texts(5))
  })

  it('counts as stored only what is', async () => {
    const { ground, forwarder, link } = await started({ maxMessages: 2, overflow: 'drop-newest' })
    await sendAll(ground, forwarder, texts(5))
    link.tally.stored.should.equal(2)
  })
})

const started = (changes: object = {}) =>
  forwarding(groundOf({ wall: Date.UTC(2026, 11, 1) }), changes)
