/**
 * The link and its traffic: what goes out, in which order, how much at once, and how each record is
 * settled, whatever the broker does. Time stands still; the broker is played by the test.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { Harness } from './harness.js'

describe('link', () => {
  describe('when connected', () => {
    it('sends what its source has, in order', async () => {
      const link = await Harness.connected()
      link.source('a', 'b', 'c')
      await link.clock.settle()
      link.wire.payloads.should.eql(['a', 'b', 'c'])
    })

    it('asks its source only when there is a connection', async () => {
      const link = new Harness()
      const source = link.source('a')
      link.link.open()
      await link.clock.settle()
      source.asked.should.equal(0)
      await link.letIn()
      link.wire.payloads.should.eql(['a'])
    })

    it('looks for something to send once per turn, however often it is woken', async () => {
      const link = await Harness.connected()
      const source = link.source()
      await link.clock.settle()
      const before = source.asked
      for (let times = 0; times < 10; times++) link.link.wake()
      await link.clock.settle()
      source.asked.should.equal(before + 1)
    })

    it('sends nothing within the call that settles a record', async () => {
      const link = await Harness.connected({ maxInFlight: 1 })
      link.source('a', 'b')
      await link.clock.settle()
      link.wire.answer(0)
      link.wire.payloads.should.eql(['a'])
      await link.clock.settle()
      link.wire.payloads.should.eql(['a', 'b'])
    })

    it('settles each record with its own acknowledgement and tells how long it took', async () => {
      const link = await Harness.connected()
      const source = link.source('a', 'b')
      await link.clock.advance(34)
      await link.acknowledge(1)
      source.settled.should.eql(['b delivered'])
      source.outcomes.should.eql([{ is: 'delivered', latencyMs: 34, attempts: 1 }])
      await link.acknowledge(1, 0)
      source.settled.should.eql(['b delivered', 'a delivered'])
    })

    it('settles what the broker refuses, and goes on', async () => {
      const link = await Harness.connected()
      const source = link.source('a', 'b')
      await link.clock.settle()
      await link.refuse(0, 0x87)
      await link.acknowledge(1)
      source.settled.should.eql(['a NOT_AUTHORISED', 'b delivered'])
      link.link.state.should.equal('connected')
    })

    it('refuses what this broker cannot take, without sending it', async () => {
      const link = await Harness.connected({}, { maximumQoS: 1 })
      const source = link.source().send({ payload: 'a', qos: 2 }, { payload: 'b' })
      await link.clock.settle()
      link.wire.payloads.should.eql(['b'])
      source.outcomes.should.eql([
        {
          is: 'refused',
          failure: { code: 'PUBLISH_REFUSED', values: { reason: 'QoS not supported', code: '9b' } },
          attempts: 0,
        },
      ])
    })

    it('handles any number of refusals in a row, a bounded number per turn', async () => {
      const link = await Harness.connected()
      const source = link.source()
      source.send(...Array.from({ length: 1_000 }, () => ({ topic: '#' }))).give('a')
      await link.clock.settle()
      source.settled.length.should.equal(1_000)
      link.wire.payloads.should.eql(['a'])
    })
  })

  describe('window', () => {
    it('is what the settings say', async () => {
      const link = await Harness.connected({ maxInFlight: 3 })
      link.source('a', 'b', 'c', 'd')
      await link.clock.settle()
      link.wire.payloads.should.eql(['a', 'b', 'c'])
      link.link.tally.inFlight.should.equal(3)
    })

    it('is what the broker grants, when that is less', async () => {
      const link = await Harness.connected({ maxInFlight: 3 }, { receiveMaximum: 2 })
      link.source('a', 'b', 'c')
      await link.clock.settle()
      link.wire.payloads.should.eql(['a', 'b'])
    })

    it('counts places since the oldest unacknowledged record', async () => {
      const link = await Harness.connected({ maxInFlight: 3 })
      link.source('a', 'b', 'c', 'd', 'e')
      await link.clock.settle()
      await link.acknowledge(1, 2)
      link.wire.payloads.should.eql(['a', 'b', 'c'])
      await link.acknowledge(0)
      link.wire.payloads.should.eql(['a', 'b', 'c', 'd', 'e'])
    })

    it('is filled again when all answers that came together are told, in the same turn', async () => {
      const link = await Harness.connected({ maxInFlight: 2 })
      const source = link.source('a', 'b', 'c', 'd')
      await link.clock.settle()
      for (const nth of [0, 1]) link.wire.answer(nth)
      should([link.wire.payloads.length, source.settled.length]).eql([2, 2])
      await Promise.resolve()
      link.wire.payloads.should.eql(['a', 'b', 'c', 'd'])
    })

    for (const [version, count] of [
      [4, 20],
      [5, 30],
    ] as const) {
      it(`lets ${count} of 30 records of QoS 2 out on version ${version}`, async () => {
        const link = await Harness.connected({ maxInFlight: 50, protocolVersion: version })
        link.source().send(...Array.from({ length: 30 }, () => ({ qos: 2 as const })))
        await link.clock.settle()
        link.wire.packets.length.should.equal(count)
      })
    }

    it('takes 1 MB at most, but always one record', async () => {
      const link = await Harness.connected()
      const large = 'x'.repeat(600_000)
      link.source(large, large, 'x'.repeat(2_000_000))
      await link.clock.settle()
      link.wire.packets.length.should.equal(1)
      await link.acknowledge(0)
      link.wire.packets.length.should.equal(2)
      await link.acknowledge(1)
      link.wire.packets.length.should.equal(3)
    })
  })

  describe('with QoS 0', () => {
    it('settles a record when the socket has taken it', async () => {
      const link = await Harness.connected()
      link.wire.stalled = true
      const source = link.source().send({ payload: 'a', qos: 0 })
      await link.clock.settle()
      source.settled.should.eql([])
      link.wire.flush()
      source.settled.should.eql(['a delivered'])
    })

    it('lets the event loop go on before the next, however fast the socket is', async () => {
      const link = await Harness.connected()
      link.wire.stalled = true
      link.source().send(...Array.from({ length: 101 }, () => ({ qos: 0 as const })))
      await link.clock.settle()
      link.wire.flush()
      await Promise.resolve()
      link.wire.packets.length.should.equal(100)
      await link.clock.settle()
      link.wire.packets.length.should.equal(101)
    })

    it('takes no place in the window', async () => {
      const link = await Harness.connected({ maxInFlight: 2 })
      link.wire.stalled = true
      link.source('a').send({ payload: 'b', qos: 0 }, { payload: 'c', qos: 0 }).give('d')
      await link.clock.settle()
      link.wire.payloads.should.eql(['a', 'b', 'c', 'd'])
    })

    it('has 100 records unsettled at most', async () => {
      const link = await Harness.connected()
      link.wire.stalled = true
      link.source().send(...Array.from({ length: 150 }, () => ({ qos: 0 as const })))
      await link.clock.settle()
      link.wire.packets.length.should.equal(100)
      link.wire.flush()
      await link.clock.settle()
      link.wire.packets.length.should.equal(150)
    })

    it('waits while the socket has more than 1 MB to take', async () => {
      const link = await Harness.connected()
      link.source('a')
      await link.clock.settle()
      link.wire.buffered = 2_000_000
      link.source().send({ payload: 'b', qos: 0 })
      await link.clock.settle()
      link.wire.payloads.should.eql(['a'])
      link.wire.buffered = 0
      await link.acknowledge(0)
      link.wire.payloads.should.eql(['a', 'b'])
    })

    it('is sent again in its place when the connection ends first', async () => {
      const link = await Harness.connected()
      link.wire.stalled = true
      const source = link.source('a').send({ payload: 'b', qos: 0 }).give('c')
      await link.clock.settle()
      await link.cut()
      await link.comeBack()
      link.wire.payloads.should.eql(['a', 'b', 'c'])
      source.settled.should.eql(['b delivered'])
    })
  })

  describe('with several sources', () => {
    it('asks them in turn', async () => {
      const link = new Harness({ maxInFlight: 5 })
      link.source('a1', 'a2', 'a3')
      link.source('b1', 'b2', 'b3')
      link.source('c1')
      link.link.open()
      await link.letIn()
      link.wire.payloads.should.eql(['a1', 'b1', 'c1', 'a2', 'b2'])
    })

    it('gives a place to the one whose turn it is, not to the one that is loudest', async () => {
      const link = await Harness.connected({ maxInFlight: 1 })
      link.source('a1', 'a2', 'a3')
      await link.clock.settle()
      link.source('b1')
      await link.acknowledge(0)
      await link.acknowledge(1)
      link.wire.payloads.should.eql(['a1', 'b1', 'a2'])
    })

    it('never settles nor sends again what came from a detached one', async () => {
      const link = await Harness.connected({ maxInFlight: 2 })
      const gone = link.source('a1')
      const stays = link.source('b1', 'b2')
      await link.clock.settle()
      gone.detach()
      gone.detach()
      await link.acknowledge(0)
      gone.settled.should.eql([])
      link.wire.payloads.should.eql(['a1', 'b1', 'b2'])
      await link.cut()
      await link.comeBack()
      link.wire.payloads.should.eql(['b1', 'b2'])
      await link.acknowledge(0, 1)
      stays.settled.should.eql(['b1 delivered', 'b2 delivered'])
    })

    it('keeps the place of a detached record until the broker has answered', async () => {
      const link = await Harness.connected({ maxInFlight: 1 })
      const gone = link.source('a1')
      await link.clock.settle()
      gone.detach()
      link.source('b1')
      await link.clock.settle()
      link.wire.payloads.should.eql(['a1'])
      await link.acknowledge(0)
      link.wire.payloads.should.eql(['a1', 'b1'])
    })
  })

  it('counts what happened', async () => {
    const link = await Harness.connected({ ackTimeout: ms(60_000) })
    link.source('a', 'b', 'c')
    await link.clock.advance(7)
    await link.acknowledge(0)
    await link.refuse(1, 0x99)
    await link.hangUp()
    should(link.link.tally).containEql({ disconnections: 1, inFlight: 0, consecutiveFailures: 1 })
    link.link.tally.should.have.property('downSinceAt').which.equals(link.clock.wall())
    await link.comeBack()
    should(link.link.tally).containEql({
      connections: 2,
      reconnections: 1,
      published: 1,
      failed: 1,
    })
    link.link.tally.should.have.property('connectedAt').which.equals(link.clock.wall())
    link.link.tally.ackLatency.should.containEql({ count: 1, sumMs: 7 })
    await link.clock.advance(30_000)
    link.link.tally.consecutiveFailures.should.equal(0)
  })
})
