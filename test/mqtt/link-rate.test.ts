/** A link that is held to a rate: nothing is dropped, it waits, and says so after a while. */

import 'should'
import { Harness } from './harness.js'

const many = Array.from({ length: 50 }, (_, n) => String(n))

describe('link with a rate limit', () => {
  it('sends no more messages than that, in order', async () => {
    const link = await Harness.connected({ rate: { messagesPerSecond: 10 }, maxInFlight: 100 })
    link.source(...many)
    await link.clock.advance(1_000)
    link.wire.payloads.should.eql(many.slice(0, 11))
    await link.clock.advance(1_000)
    link.wire.payloads.should.eql(many.slice(0, 21))
    await link.clock.advance(10_000)
    link.wire.payloads.should.eql(many)
  })

  it('sends no more bytes than that', async () => {
    const link = await Harness.connected({ rate: { bytesPerSecond: 1_000 } })
    link.source(...Array.from({ length: 10 }, () => 'x'.repeat(490)))
    await link.clock.advance(2_000)
    link.wire.packets.length.should.equal(5)
  })

  it('counts a replay too', async () => {
    const link = await Harness.connected({ rate: { messagesPerSecond: 1 } })
    link.source('a', 'b')
    await link.clock.advance(950)
    link.wire.payloads.should.eql(['a', 'b'])
    await link.cut()
    await link.comeBack()
    link.wire.payloads.should.eql(['a'])
    await link.clock.advance(1_000)
    link.wire.payloads.should.eql(['a', 'b'])
  })

  it('says that it is throttled once messages have waited for a second', async () => {
    const link = await Harness.connected({ rate: { messagesPerSecond: 10 } })
    link.source(...many.slice(0, 20))
    await link.clock.advance(900)
    link.link.isThrottled.should.be.false()
    await link.clock.advance(100)
    link.link.isThrottled.should.be.true()
    for (const nth of link.wire.packets.keys()) link.wire.answer(nth)
    await link.clock.advance(2_000)
    for (const nth of link.wire.packets.keys()) link.wire.answer(nth)
    await link.clock.settle()
    link.wire.payloads.length.should.equal(20)
    link.link.isThrottled.should.be.false()
  })

  it('is not throttled when it is the broker that takes its time', async () => {
    const link = await Harness.connected({ rate: { messagesPerSecond: 10 }, maxInFlight: 8 })
    link.source(...many)
    await link.clock.advance(5_000)
    link.wire.packets.length.should.equal(8)
    for (const nth of [0, 1, 2]) await link.acknowledge(nth)
    link.link.isThrottled.should.be.false()
  })

  it('is throttled too when the broker asks for it', async () => {
    const link = await Harness.connected()
    link.link.isThrottled.should.be.false()
    link.source('a')
    await link.clock.settle()
    await link.refuse(0, 0x97)
    link.link.isThrottled.should.be.true()
  })

  it('does not brake its first and last words', async () => {
    const words = ['one', 'two', 'three'].map((topic) => {
      return { topic, payload: '', qos: 1, retain: false } as const
    })
    const link = new Harness({ rate: { messagesPerSecond: 1 }, announce: async () => words })
    link.link.open()
    await link.clock.settle()
    await link.letIn()
    link.wire.packets.map(({ topic }) => topic).should.eql(['one', 'two', 'three'])
  })
})
