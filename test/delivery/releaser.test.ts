/**
 * The pump of a durable queue on a manual clock: what it hands out and when, that nothing leaves
 * the disk before its end is known, and what it remembers over restarts and crashes.
 */

import should from 'should'
import { after, ms } from '../../src/base/units.js'
import { broken, Releasing, wellEnded } from '../world/releasing.js'
import { isBalanced, texts } from '../world/store-ground.js'

describe('releaser', () => {
  it('hands on one after another, and takes each off the disk when it has ended', async () => {
    const flow = await Releasing.open()
    await flow.accept('a', 'b', 'c')
    flow.texts.should.eql(['a'])
    flow.queue.waiting.should.equal(3)
    await flow.ends('a', 'ok')
    flow.texts.should.eql(['a', 'b'])
    flow.queue.waiting.should.equal(2)
    ;(await flow.drain()).should.eql(['c'])
    flow.queue.totals.should.eql({ accepted: 3, delivered: 3 })
  })

  it('hands out as many at once as it may', async () => {
    const flow = await Releasing.open({ maxInFlight: 4 })
    await flow.accept(...texts(10))
    flow.texts.should.eql(texts(4))
    await flow.ends('m2', 'ok')
    flow.texts.length.should.equal(5)
  })

  it('keeps the order of each lane, and lets no lane wait for another', async () => {
    const flow = await Releasing.open({ maxInFlight: 2, hasLanes: true })
    await flow.accept('a:1', 'a:2', 'b:1', 'b:2', 'c:1')
    flow.texts.should.eql(['a:1', 'b:1'])
    await flow.ends('a:1', 'failed', broken)
    flow.texts.should.eql(['a:1', 'b:1', 'c:1'])
    await flow.ends('b:1', 'ok')
    flow.texts.at(-1)?.should.equal('b:2')
    await flow.ends('b:2', 'ok')
    await flow.ends('c:1', 'ok')
    await flow.passes(1000)
    await flow.ends('a:1', 'ok')
    flow.texts.slice(-2).should.eql(['a:1', 'a:2'])
  })

  it('tells the attempt, and whether it comes from a backlog', async () => {
    const flow = await Releasing.open()
    await flow.accept('a', 'b')
    await flow.ends('a', 'failed', broken)
    await flow.passes(1000)
    await flow.ends('a', 'ok')
    flow.handed
      .map(({ text, attempt, isHistorical }) => [text, attempt, isHistorical])
      .should.eql([
        ['a', 1, false],
        ['a', 2, true],
        ['b', 1, true],
      ])
    const [first, second] = flow.handed
    should(second?.record.id).equal(first?.record.id)
  })

  it('sets aside what it gives up, with the number of its attempts', async () => {
    const flow = await Releasing.open()
    await flow.accept('a', 'b')
    for (const wait of [1000, 2000, 4000, 8000, 0]) {
      await flow.ends('a', 'failed', broken)
      await flow.passes(wait)
    }
    await flow.ends('b', 'ok')
    flow.givenUp.should.eql([{ text: 'a', attempt: 5, reason: 'max-attempts' }])
    flow.queue.totals.should.eql({ accepted: 2, delivered: 1, 'max-attempts': 1 })
    await flow.passes(1000)
    flow.ground.events.map(({ kind }) => kind).should.containEql('messages.gave-up')
  })

  it('keeps to its rate, and drops nothing', async () => {
    const flow = await Releasing.open({ maxInFlight: 100, rate: { messagesPerSecond: 10 } })
    await flow.accept(...texts(30))
    await flow.passes(1000)
    flow.texts.length.should.be.within(10, 12)
    await flow.passes(2000)
    flow.texts.should.eql(texts(30))
  })

  it('hands nothing out while it is paused or its gate is shut, unless it is flushed', async () => {
    const flow = await Releasing.open({ maxInFlight: 10 })
    flow.gate = { free: 0, retryAt: undefined }
    await flow.accept(...texts(3))
    flow.texts.should.eql([])
    flow.releaser.isGated.should.be.true()
    flow.releaser.flush()
    await flow.ground.world.clock.settle()
    flow.texts.should.eql(texts(3))
    await flow.accept('late')
    flow.texts.length.should.equal(3)
    flow.gate = { free: 5, retryAt: undefined }
    flow.releaser.isPaused = true
    flow.releaser.gateMoved()
    await flow.ground.world.clock.settle()
    flow.texts.length.should.equal(3)
    flow.releaser.isPaused = false
    await flow.ground.world.clock.settle()
    flow.texts.at(-1)?.should.equal('late')
  })

  it('releases what waits now when it is flushed while it is paused, and no more', async () => {
    const flow = await Releasing.open()
    flow.releaser.isPaused = true
    await flow.accept('a', 'b')
    flow.releaser.flush()
    await flow.ground.world.clock.settle()
    flow.texts.should.eql(['a'])
    await flow.accept('c')
    await flow.drain()
    flow.texts.should.eql(['a', 'b'])
  })

  it('looks again when the gate says so, and hands out one where one is free', async () => {
    const flow = await Releasing.open({ maxInFlight: 10 })
    const { clock } = flow.ground.world
    flow.gate = { free: 0, retryAt: after(clock.monotonic(), ms(30_000)) }
    await flow.accept(...texts(3))
    await flow.passes(29_999)
    flow.gate = { free: 1, retryAt: undefined }
    flow.texts.should.eql([])
    await flow.passes(1)
    flow.texts.should.eql(['m0'])
  })

  it('tries what a breaker refused when that lets through again', async () => {
    const flow = await Releasing.open()
    await flow.accept('a')
    const refused = {
      code: 'BREAKER_OPEN',
      values: {},
      kind: 'transient',
      retryAfterMs: ms(30_000),
    }
    await flow.ends('a', 'failed', refused as never)
    await flow.passes(5000)
    flow.texts.should.eql(['a'])
    flow.releaser.gateMoved()
    flow.texts.should.eql(['a', 'a'])
    should(flow.releaser.state.held.get(1)).containEql({ failures: 0 })
  })

  it('takes an ok that comes after the time-out, until it was tried again', async () => {
    const flow = await Releasing.open()
    await flow.accept('a', 'b')
    await flow.ends('a', 'timeout')
    flow.abandoned.should.eql([])
    await flow.ends('a', 'ok')
    flow.texts.should.eql(['a', 'b'])
    const [, first] = flow.handed
    await flow.ends('b', 'timeout')
    await flow.passes(1000)
    flow.abandoned.should.eql(['t1'])
    first?.settled(wellEnded)
    flow.queue.totals.should.eql({ accepted: 2, delivered: 1 })
  })

  for (const [how, leave] of [
    ['is dropped', (flow: Releasing) => flow.ground.finish(flow.releaser.drop({ count: 1 }))],
    ['is closed', (flow: Releasing) => flow.ground.finish(flow.releaser.close(ms(300)))],
  ] as const) {
    it(`follows a message no longer that timed out and ${how}`, async () => {
      const flow = await Releasing.open()
      await flow.accept('a')
      await flow.ends('a', 'timeout')
      await leave(flow)
      flow.abandoned.should.eql(['t0'])
    })
  }

  it('hears a second end of one attempt with indifference', async () => {
    const flow = await Releasing.open()
    await flow.accept('a', 'b')
    await flow.ends('a', 'ok')
    await flow.ends('a', 'failed', broken)
    flow.queue.totals.should.eql({ accepted: 2, delivered: 1 })
    flow.texts.should.eql(['a', 'b'])
  })

  it('drops what waits for another attempt first, and nothing that is out', async () => {
    const flow = await Releasing.open()
    await flow.accept('a', 'b', 'c', 'd')
    await flow.ends('a', 'failed', broken)
    ;(await flow.ground.finish(flow.releaser.drop({ count: 2 }))).should.equal(2)
    flow.givenUp.map(({ text }) => text).should.eql(['a'])
    await flow.ground.world.clock.settle()
    flow.texts.should.eql(['a', 'c'])
    ;(await flow.ground.finish(flow.releaser.drop('everything'))).should.equal(1)
    flow.queue.waiting.should.equal(1)
    await flow.ends('c', 'ok')
    isBalanced(flow.queue).should.be.true()
  })

  describe('over a restart', () => {
    it('releases what was out again, with the attempt raised and none used', async () => {
      const flow = await Releasing.open({ maxInFlight: 2 })
      await flow.accept('a', 'b', 'c')
      const next = await flow.reopen()
      flow.abandoned.should.eql(['t0', 't1'])
      next.handed
        .map(({ text, attempt }) => [text, attempt])
        .should.eql([
          ['a', 2],
          ['b', 2],
        ])
      should(next.releaser.state.held.get(1)).containEql({ failures: 0 })
      await next.drain()
      next.handed.at(-1)?.attempt.should.equal(1)
      next.queue.totals.should.eql({ accepted: 3, delivered: 3 })
    })

    it('waits a moment for what is out', async () => {
      const flow = await Releasing.open()
      await flow.accept('a')
      const closing = flow.releaser.close(ms(300))
      await flow.ends('a', 'ok')
      await flow.ground.finish(closing)
      flow.abandoned.should.eql([])
      flow.queue.waiting.should.equal(0)
    })

    it('knows how often a message has failed', async () => {
      const flow = await Releasing.open()
      await flow.accept('a', 'b')
      for (const wait of [1000, 2000]) {
        await flow.ends('a', 'failed', broken)
        await flow.passes(wait)
      }
      const next = await flow.reopen()
      next.handed[0]?.attempt.should.equal(4)
      should(next.releaser.state.held.get(1)).containEql({ failures: 2 })
      await next.drain()
      const last = await next.reopen()
      await last.accept('c')
      last.handed[0]?.attempt.should.equal(1)
    })

    it('counts an attempt for a message that was out when the process died', async () => {
      const flow = await Releasing.open()
      await flow.accept('a', 'b')
      await flow.ends('a', 'failed', broken)
      await flow.passes(1000)
      const next = await flow.afterKill()
      next.handed[0]?.attempt.should.equal(3)
      should(next.releaser.state.held.get(1)).containEql({ failures: 2 })
      await next.drain()
      next.texts.should.eql(['a', 'b'])
      isBalanced(next.queue).should.be.true()
    })

    it('begins to count anew where the counts are gone', async () => {
      const flow = await Releasing.open()
      await flow.accept('a')
      await flow.ends('a', 'failed', broken)
      await flow.ground.disk.remove('/data/q1/ATTEMPTS.json')
      const next = await flow.reopen()
      next.texts.should.eql(['a'])
      should(next.queue.waiting).equal(1)
    })
  })
})
