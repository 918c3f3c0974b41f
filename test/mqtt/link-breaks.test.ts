/**
 * The link when things break: replay in order, time-outs, late voices of old connections, refusals
 * at the door, closing. Time stands still; the broker is played by the test.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { Harness, settings } from './harness.js'

describe('link, when the connection breaks', () => {
  it('sends everything unsettled again, from the oldest on, before anything new', async () => {
    const link = await Harness.connected({ maxInFlight: 4 })
    const source = link.source('a', 'b', 'c', 'd', 'e', 'f')
    await link.clock.settle()
    await link.acknowledge(0, 2)
    await link.cut()
    await link.comeBack()
    link.wire.payloads.should.eql(['b', 'd', 'e', 'f'])
    await link.acknowledge(0, 1, 2, 3)
    source.settled.map((text) => text[0]).should.eql(['a', 'c', 'b', 'd', 'e', 'f'])
    source.outcomes.map(({ attempts }) => attempts).should.eql([1, 1, 2, 2, 2, 1])
  })

  it('replays within the window of the new connection', async () => {
    const link = await Harness.connected({ maxInFlight: 4 })
    link.source('a', 'b', 'c', 'd', 'e')
    await link.clock.settle()
    await link.cut()
    await link.comeBack({ receiveMaximum: 2 })
    link.wire.payloads.should.eql(['a', 'b'])
    await link.acknowledge(0)
    link.wire.payloads.should.eql(['a', 'b', 'c'])
  })

  it('keeps the order when it breaks in the middle of a replay', async () => {
    const link = await Harness.connected({ maxInFlight: 4 })
    link.source('a', 'b', 'c', 'd', 'e')
    await link.clock.settle()
    await link.cut()
    await link.comeBack({ receiveMaximum: 2 })
    await link.acknowledge(1)
    await link.cut()
    await link.comeBack()
    link.wire.payloads.should.eql(['a', 'c', 'd', 'e'])
  })

  it('does not hear what an old connection still says', async () => {
    const link = await Harness.connected()
    const source = link.source('a')
    await link.clock.settle()
    const old = link.wire
    await link.hangUp()
    await link.comeBack()
    const attempts = link.broker.attempts.all.length
    old.answerLate(0)
    old.acceptLate()
    old.endLate({ kind: 'permanent', failure: { code: 'LOGIN_REFUSED', values: {} } })
    await link.clock.settle()
    source.settled.should.eql([])
    link.link.state.should.equal('connected')
    link.broker.attempts.all.length.should.equal(attempts)
  })

  it('uses a new connection for every attempt', async () => {
    const link = await Harness.connected()
    const old = link.wire
    await link.hangUp()
    await link.comeBack()
    link.wire.should.not.equal(old)
  })

  it('falls back to 3.1.1 where 5 is refused', async () => {
    const link = new Harness()
    link.link.open()
    link.wire.version.should.equal(5)
    link.wire.refuse(0x84)
    link.wire.version.should.equal(4)
    await link.letIn()
    link.link.state.should.equal('connected')
    link.kinds.should.eql(['link.connected'])
  })

  describe('acknowledgement time-out', () => {
    it('drops the connection and replays', async () => {
      const link = await Harness.connected()
      link.source('a')
      await link.clock.advance(14_999)
      link.link.state.should.equal('connected')
      const old = link.wire
      await link.clock.advance(1)
      should(old.end).equal('destroyed')
      link.link.state.should.equal('reconnecting')
      should(link.link.failure).eql({
        code: 'PUBLISH_TIMEOUT',
        values: { server: 'a:1883', time: 15_000 },
      })
      await link.comeBack()
      link.wire.payloads.should.eql(['a'])
    })

    it('is that of the oldest record, whatever else is acknowledged', async () => {
      const link = await Harness.connected()
      link.source('a', 'b')
      await link.clock.advance(14_000)
      await link.acknowledge(1)
      await link.clock.advance(1_000)
      link.link.state.should.equal('reconnecting')
    })

    it('begins anew for the next record when the oldest is acknowledged', async () => {
      const link = await Harness.connected()
      link.source('a', 'b')
      await link.clock.advance(14_000)
      await link.acknowledge(0)
      await link.clock.advance(14_999)
      link.link.state.should.equal('connected')
      await link.clock.advance(1)
      link.link.state.should.equal('reconnecting')
    })

    it('does not run while nothing is in flight', async () => {
      const link = await Harness.connected()
      link.source('a')
      await link.clock.settle()
      await link.acknowledge(0)
      await link.clock.advance(60_000)
      link.link.state.should.equal('connected')
    })
  })

  it('drops a busy broker, backs off and replays', async () => {
    const link = await Harness.connected()
    const source = link.source('a', 'b')
    await link.clock.settle()
    const old = link.wire
    await link.refuse(1, 0x97)
    should(old.end).equal('destroyed')
    should(link.link.failure).eql({ code: 'BROKER_BUSY', values: { server: 'a:1883' } })
    await link.comeBack()
    link.wire.payloads.should.eql(['a', 'b'])
    source.settled.should.eql([])
  })

  it('recovers by itself from a password that is wrong and then right', async () => {
    const link = new Harness()
    link.source('a')
    link.link.open()
    link.wire.refuse(0x86)
    link.link.state.should.equal('failed')
    await link.clock.advance(60_000)
    await link.letIn()
    link.link.state.should.equal('connected')
    link.wire.payloads.should.eql(['a'])
    link.kinds.should.eql(['link.failed', 'link.connected'])
  })

  it('guesses that another client has its id when five connections end at the same age', async () => {
    const link = await Harness.connected()
    for (let times = 1; times < 5; times++) {
      await link.hangUp()
      link.link.state.should.equal('reconnecting')
      await link.comeBack()
    }
    await link.hangUp()
    link.link.state.should.equal('failed')
    const values = { id: 'gw1', server: 'a:1883', closes: 5 }
    should(link.link.failure).eql({ code: 'CLIENT_ID_IN_USE', values })
  })

  it('does not take a message that the broker hangs up on for another client', async () => {
    const link = await Harness.connected()
    for (let times = 0; times < 8; times++) {
      link.source(`${times}`)
      await link.clock.settle()
      await link.hangUp()
      link.link.state.should.equal('reconnecting')
      await link.comeBack()
    }
  })

  it('moves on to the next server, and tells which', async () => {
    const second = { scheme: 'mqtt', host: 'b', port: 1884, path: '' } as const
    const link = new Harness({ servers: [...settings.servers, second] })
    link.link.open()
    link.link.server.should.equal('a:1883')
    link.wire.fail('ECONNREFUSED')
    link.link.server.should.equal('b:1884')
    await link.comeBack()
    link.wire.request.server.should.equal(second)
    link.kinds.should.eql(['link.reconnecting', 'link.connected'])
  })

  it('tells its listeners when something has changed, and only then', async () => {
    const link = new Harness()
    const told: string[] = []
    const cancel = link.link.listen({ stateChanged: () => told.push(link.link.state) })
    link.link.open()
    link.link.open()
    await link.letIn()
    link.link.retryNow()
    told.should.eql(['connecting', 'connected'])
    cancel()
    await link.hangUp()
    told.should.eql(['connecting', 'connected'])
    link.states.should.eql(['connecting', 'connected', 'reconnecting'])
  })

  it('tries at once when asked to', async () => {
    const link = new Harness()
    link.link.open()
    link.wire.fail('ECONNREFUSED')
    link.link.retryNow()
    link.broker.attempts.all.length.should.equal(2)
    await link.clock.advance(10_000)
    link.broker.attempts.all.length.should.equal(2)
  })
})

describe('link, when it is closed', () => {
  it('waits for what is in flight, sends nothing more, and says goodbye', async () => {
    const link = await Harness.connected({ maxInFlight: 1 })
    const source = link.source('a', 'b')
    await link.clock.settle()
    const closed = link.link.close(ms(300))
    await link.clock.advance(100)
    should(link.wire.end).equal(undefined)
    await link.acknowledge(0)
    await closed
    source.settled.should.eql(['a delivered'])
    link.wire.payloads.should.eql(['a'])
    await link.wire.goodbye()
    link.link.state.should.equal('disconnected')
  })

  it('waits no longer than it may, and forgets the rest', async () => {
    const link = await Harness.connected()
    const source = link.source('a')
    await link.clock.settle()
    const closed = link.link.close(ms(300))
    await link.clock.advance(300)
    await closed
    await link.wire.goodbye()
    link.wire.answerLate(0)
    source.settled.should.eql([])
    link.link.tally.inFlight.should.equal(0)
  })

  it('does not wait for a broker that does not take the goodbye', async () => {
    const link = await Harness.connected()
    link.wire.frozen = true
    const closed = link.link.close(ms(300))
    await link.clock.advance(200)
    await closed
    should(link.wire.end).equal('destroyed')
  })

  it('is done at once without a connection, and starts no other attempt', async () => {
    const link = new Harness()
    link.link.open()
    await link.link.close(ms(300))
    should(link.wire.end).equal('destroyed')
    link.link.open()
    link.wire.fail('ECONNREFUSED')
    await link.link.close(ms(300))
    await link.clock.advance(3_600_000)
    link.broker.attempts.all.length.should.equal(2)
    link.clock.pending.should.equal(0)
  })

  it('is done when the connection ends while it waits, and tells no loss', async () => {
    const link = await Harness.connected()
    link.source('a')
    await link.clock.settle()
    const closed = link.link.close(ms(300))
    await link.hangUp()
    await closed
    link.kinds.should.eql(['link.connected'])
    link.link.state.should.equal('disconnected')
  })

  it('may be closed twice and opened again, with nothing left from before', async () => {
    const link = await Harness.connected()
    const source = link.source('a')
    await link.clock.settle()
    const closed = Promise.all([link.link.close(ms(0)), link.link.close(ms(300))])
    await link.clock.advance(0)
    await closed
    source.give('b')
    link.link.open()
    await link.letIn()
    link.wire.payloads.should.eql(['b'])
    await link.acknowledge(0)
    source.settled.should.eql(['b delivered'])
  })
})
