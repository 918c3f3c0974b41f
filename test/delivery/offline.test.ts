/**
 * What a forwarder does with messages while the link is down and once it is back: keep all, keep
 * the newest, discard, fail; old before new or beside it, at a rate; and when a sender is told.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { ForwarderSettings } from '../../src/delivery/forwarder.js'
import { answerAll, forwarding, packet, sendAll } from '../world/forwarding.js'
import { codeOf, groundOf, texts } from '../world/store-ground.js'

describe('messages while the link is down', () => {
  it('are kept as the newest of each topic, the older ones counted as superseded', async () => {
    const { ground, queue, forwarder, broker } = await started({ whenOffline: 'latest' })
    for (const text of ['a1', 'b1', 'a2', 'a3', 'b2']) {
      await ground.finish(forwarder.accept(packet(text, text.slice(0, 1))))
    }
    queue.totals.should.eql({ accepted: 5, superseded: 3 })
    broker.last.accept()
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(['a3', 'b2'])
  })

  it('are all sent when the link is up, also with only the newest kept while it is down', async () => {
    const { ground, queue, forwarder, broker } = await started({ whenOffline: 'latest' })
    broker.last.accept()
    await sendAll(ground, forwarder, texts(40))
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(texts(40))
    queue.totals.should.eql({ accepted: 40, delivered: 40 })
  })

  it('are discarded and counted, if so chosen', async () => {
    const { ground, queue, forwarder, broker } = await started({ whenOffline: 'discard' })
    await sendAll(ground, forwarder, texts(3))
    queue.totals.should.eql({ accepted: 3, offline: 3 })
    await ground.world.clock.advance(1000)
    const drop = ground.events.find(({ kind }) => kind === 'messages.dropped')
    should(drop).match({ reason: 'offline', count: 3, lastKey: 't' })
    broker.last.accept()
    await sendAll(ground, forwarder, ['later'])
    broker.last.payloads.should.eql(['later'])
  })

  it('are refused at once, if so chosen', async () => {
    const { ground, queue, forwarder, broker } = await started({ whenOffline: 'fail' })
    should(await ground.finish(codeOf(forwarder.accept(packet('a'))))).equal('OFFLINE')
    queue.totals.should.eql({ accepted: 0 })
    broker.last.accept()
    await sendAll(ground, forwarder, ['later'])
    broker.last.payloads.should.eql(['later'])
  })
})

describe('a backlog', () => {
  it('shares the line with new messages, live first, and is marked as historical', async () => {
    const { ground, forwarder, broker, receipts } = await started({
      replayOrder: 'live-first',
      replayTopic: 'old/t',
    })
    await sendAll(ground, forwarder, texts(200, 'old'))
    broker.last.accept()
    await sendAll(ground, forwarder, texts(100, 'new'))
    await answerAll(ground, broker)
    const { payloads } = broker.last
    payloads.filter((text) => text.startsWith('old')).should.eql(texts(200, 'old'))
    payloads.filter((text) => text.startsWith('new')).should.eql(texts(100, 'new'))
    // Half of the turns from when the first new one came: 20 were out by then.
    payloads.indexOf('new99').should.be.below(20 + 2 * 100 + 20)
    for (const { packet: sent, isHistorical } of receipts) {
      isHistorical.should.equal(String(sent.payload).startsWith('old'))
      sent.topic.should.equal(isHistorical ? 'old/t' : 't')
      const marks = sent.properties?.userProperties ?? {}
      should(marks['resilience-historical']).equal(isHistorical ? 'true' : undefined)
    }
  })

  it('keeps new messages in order when a link is lost in the middle of it, and after', async () => {
    const { ground, forwarder, broker } = await started({ replayOrder: 'live-first' })
    await sendAll(ground, forwarder, texts(100, 'old'))
    broker.last.accept()
    await sendAll(ground, forwarder, texts(60, 'new'))
    for (let n = 0; n < 10; n++) broker.last.answer(n)
    await ground.world.clock.settle()
    broker.last.hangUp()
    await sendAll(ground, forwarder, texts(50, 'offline'))
    await ground.world.clock.advance(5000)
    broker.last.accept()
    await sendAll(ground, forwarder, texts(50, 'newer'))
    await answerAll(ground, broker)
    await sendAll(ground, forwarder, texts(50, 'newest'))
    await answerAll(ground, broker)
    for (const prefix of ['old', 'new', 'offline', 'newer', 'newest']) {
      const numbers = broker.last.payloads
        .filter((text) => new RegExp(`^${prefix}\\d`).test(text))
        .map((text) => Number(text.slice(prefix.length)))
      numbers.should.eql(
        [...numbers].sort((a, b) => a - b),
        prefix,
      )
      should(numbers.at(-1)).equal({ old: 99, new: 59 }[prefix] ?? 49)
    }
    const last = (prefix: string) =>
      broker.last.payloads.findLastIndex((text) => new RegExp(`^${prefix}\\d`).test(text))
    last('new').should.be.below(last('offline'))
    last('newer').should.be.below(last('newest'))
  })

  it('goes out no faster than its rate, while new messages are not held back', async () => {
    const { ground, forwarder, broker } = await started({
      replayOrder: 'live-first',
      replayRate: { messagesPerSecond: 10 },
    })
    await sendAll(ground, forwarder, texts(100, 'old'))
    broker.last.accept()
    await answerAll(ground, broker)
    const before = broker.last.payloads.length
    before.should.be.belowOrEqual(2)
    await sendAll(ground, forwarder, texts(30, 'new'))
    await answerAll(ground, broker)
    broker.last.payloads.filter((text) => text.startsWith('new')).should.eql(texts(30, 'new'))
    for (let second = 0; second < 3; second++) {
      await ground.world.clock.advance(1000)
      await answerAll(ground, broker)
    }
    const old = broker.last.payloads.filter((text) => text.startsWith('old'))
    old.should.eql(texts(old.length, 'old'))
    old.length.should.be.within(28, 34)
  })

  it('goes out at its rate in strict order too, and new messages at full speed after it', async () => {
    const { ground, forwarder, broker, queue } = await started({
      replayRate: { messagesPerSecond: 10 },
    })
    await sendAll(ground, forwarder, texts(20, 'old'))
    broker.last.accept()
    for (let second = 0; second < 3; second++) {
      await answerAll(ground, broker)
      await ground.world.clock.advance(1000)
    }
    await sendAll(ground, forwarder, texts(50, 'new'))
    await answerAll(ground, broker)
    broker.last.payloads.should.eql([...texts(20, 'old'), ...texts(50, 'new')])
    queue.waiting.should.equal(0)
  })
})

describe('a sender', () => {
  it('is told when the broker has confirmed, if so chosen', async () => {
    const { ground, forwarder, broker } = await started({ doneWhen: 'delivered' })
    let isDone = false
    const accepted = forwarder.accept(packet('a')).then(() => {
      isDone = true
    })
    broker.last.accept()
    await ground.world.clock.settle()
    broker.last.payloads.should.eql(['a'])
    isDone.should.be.false()
    broker.last.answer(0)
    await ground.finish(accepted)
    isDone.should.be.true()
  })

  it('is told that its message was dropped before it was sent', async () => {
    const limits = { maxMessages: 3, overflow: 'drop-oldest' as const }
    const { ground, forwarder } = await started({ doneWhen: 'delivered' }, limits)
    const ends = texts(5).map((text) => codeOf(forwarder.accept(packet(text))))
    await ground.world.clock.settle()
    await forwarder.close(ms(0))
    const codes = await ground.finish(Promise.all(ends))
    const interrupted = Array.from({ length: 3 }, () => 'INTERRUPTED')
    codes.should.eql(['MESSAGE_DROPPED', 'MESSAGE_DROPPED', ...interrupted])
  })

  it('is stopped and let go by a person, and nothing is lost', async () => {
    const { ground, forwarder, broker, queue } = await started({})
    broker.last.accept()
    forwarder.isPaused = true
    await sendAll(ground, forwarder, texts(5))
    broker.last.payloads.should.eql([])
    queue.waiting.should.equal(5)
    forwarder.isPaused = false
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(texts(5))
  })
})

const started = (settings: Partial<ForwarderSettings>, limits: object = {}) =>
  forwarding(groundOf({ wall: Date.UTC(2026, 11, 1) }), limits, settings)
