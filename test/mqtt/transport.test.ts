/**
 * One behaviour for everything that can carry packets for the link: the fake that the link's tests
 * stand on, and the real one against a scripted broker, in both protocol versions.
 */

import 'should'
import { connect } from '../../src/mqtt/transport.js'
import type { ProtocolVersion, Session } from '../../src/mqtt/wire.js'
import { FakeBroker, limitless } from '../world/fake-transport.js'
import { ScriptedBroker } from '../world/scripted-broker.js'
import { admitted, dial, type Played, serverName, shown, turns } from './dial.js'

transportBehaves('fake transport', async () => {
  const broker = new FakeBroker()
  return { broker, connect: broker.connect }
})
transportBehaves('transport', async () => ({ broker: await ScriptedBroker.listen(), connect }))

function transportBehaves(name: string, start: () => Promise<Played>): void {
  let played: Played

  describe(name, () => {
    beforeEach(async () => {
      played = await start()
    })
    afterEach(() => played.broker.stop())

    for (const version of [4, 5] as const) {
      describe(`with MQTT ${version === 4 ? '3.1.1' : '5'}`, () => {
        connects(version)
        publishes(version)
        ends(version)
      })
    }
    describe('with what only MQTT 5 has', speaksFive)
  })

  function connects(version: ProtocolVersion): void {
    it('asks with its version and client id', async () => {
      dial(played, version)
      const peer = await played.broker.peer(0)
      ;[peer.version, peer.clientId].should.eql([version, 'gw1'])
    })

    it('tells when the broker has let it in, with the limits of the protocol', async () => {
      const { client } = await admitted(played, version)
      client.sessions.all.should.eql([limitless])
    })

    it('tells that it was turned away, and no connection', async () => {
      const client = dial(played, version)
      const refusal = version === 5 ? 0x86 : 4
      ;(await played.broker.peer(0)).refuse(refusal)
      ;(await client.ends.nth(0)).should.eql({
        kind: 'permanent',
        failure: { code: 'LOGIN_REFUSED', values: { server: serverName(played) } },
      })
      client.sessions.all.should.eql([])
    })

    it('tells that its protocol version is refused', async () => {
      const client = dial(played, version)
      ;(await played.broker.peer(0)).refuse(1)
      ;(await client.ends.nth(0)).kind.should.equal('older')
    })

    it('tells that the broker hung up before it answered', async () => {
      const client = dial(played, version)
      ;(await played.broker.peer(0)).hangUp()
      ;(await client.ends.nth(0)).kind.should.equal('closed')
    })
  }

  function publishes(version: ProtocolVersion): void {
    it('carries topic, payload, QoS and retain', async () => {
      const { client, peer } = await admitted(played, version)
      client.publish({ topic: 'line/1', payload: 'on', qos: 1, retain: true })
      client.publish({ topic: 'größe', payload: new Uint8Array([0, 255]), qos: 2 })
      client.publish({ topic: 'x', payload: '', qos: 0 })
      const seen = await peer.received(3)
      seen.map(shown).should.eql([
        { topic: 'line/1', payload: '6f6e', qos: 1, retain: true },
        { topic: 'größe', payload: '00ff', qos: 2, retain: false },
        { topic: 'x', payload: '', qos: 0, retain: false },
      ])
    })

    it('settles each record when the broker has acknowledged that one', async () => {
      const { client, peer } = await admitted(played, version)
      for (const payload of ['a', 'b', 'c']) client.publish({ payload })
      await peer.received(3)
      peer.answer(2)
      peer.answer(0)
      ;(await client.outcomes.first(2)).should.eql(['c acknowledged', 'a acknowledged'])
    })

    it('settles QoS 2 after its whole exchange', async () => {
      const { client, peer } = await admitted(played, version)
      client.publish({ payload: 'a', qos: 2 })
      await peer.received(1)
      peer.answer(0)
      ;(await client.outcomes.first(1)).should.eql(['a acknowledged'])
    })

    it('settles QoS 0 without the broker, in order', async () => {
      const { client } = await admitted(played, version)
      for (const payload of ['a', 'b', 'c']) client.publish({ payload, qos: 0 })
      const done = ['a acknowledged', 'b acknowledged', 'c acknowledged']
      ;(await client.outcomes.first(3)).should.eql(done)
    })

    it('has nothing buffered once that is settled', async () => {
      const { client } = await admitted(played, version)
      client.publish({ payload: 'a', qos: 0 })
      await client.outcomes.first(1)
      client.transport.bufferedBytes().should.equal(0)
    })
  }

  function ends(version: ProtocolVersion): void {
    it('tells the end once, and settles nothing after it', async () => {
      const { client, peer } = await admitted(played, version)
      client.publish({ payload: 'a' })
      await peer.received(1)
      peer.hangUp()
      ;(await client.ends.nth(0)).kind.should.equal('closed')
      await turns(20)
      client.ends.all.length.should.equal(1)
      client.outcomes.all.should.eql([])
    })

    it('says goodbye when it is closed with records unsettled, and tells no end', async () => {
      const { client, peer } = await admitted(played, version)
      client.publish({ payload: 'a' })
      await peer.received(1)
      const closed = client.transport.close()
      await peer.goodbye()
      peer.hangUp()
      await closed
      await turns(20)
      client.ends.all.should.eql([])
      client.outcomes.all.should.eql([])
    })

    it('tells nothing once it is destroyed', async () => {
      const { client, peer } = await admitted(played, version)
      client.publish({ payload: 'a' })
      await peer.received(1)
      client.transport.destroy()
      peer.answer(0)
      peer.hangUp()
      await turns(20)
      client.ends.all.should.eql([])
      client.outcomes.all.should.eql([])
    })

    it('can be destroyed while it is closing, twice, and before it is connected', async () => {
      const { client } = await admitted(played, version)
      void client.transport.close()
      client.transport.destroy()
      client.transport.destroy()
      const other = dial(played, version)
      other.transport.destroy()
      await other.transport.close()
      await turns(20)
      other.ends.all.should.eql([])
    })
  }

  function speaksFive(): void {
    it('tells the limits that the broker grants', async () => {
      const grants: Session = {
        receiveMaximum: 7,
        maximumPacketSize: 100_000,
        maximumQoS: 1,
        retainAvailable: false,
      }
      const { client } = await admitted(played, 5, grants)
      client.sessions.all.should.eql([grants])
    })

    for (const qos of [1, 2] as const) {
      it(`tells what the broker refuses, QoS ${qos}`, async () => {
        const { client, peer } = await admitted(played, 5)
        client.publish({ payload: 'a', qos })
        client.publish({ payload: 'b', qos })
        client.publish({ payload: 'c', qos })
        await peer.received(3)
        peer.answer(0, 0x87)
        peer.answer(1, 0x97)
        peer.answer(2, 0x10)
        ;(await client.outcomes.first(3)).should.eql([
          'a refused NOT_AUTHORISED',
          'b busy BROKER_BUSY',
          'c acknowledged',
        ])
      })
    }

    it('tells why the broker ended the connection', async () => {
      const { client, peer } = await admitted(played, 5)
      peer.disconnect(0x8e)
      ;(await client.ends.nth(0)).should.eql({
        kind: 'permanent',
        failure: { code: 'CLIENT_ID_IN_USE', values: { id: 'gw1' } },
      })
    })

    it('takes all properties of a message', async () => {
      const { client, peer } = await admitted(played, 5)
      client.publish({
        payload: 'a',
        properties: {
          contentType: 'text/plain',
          responseTopic: 'back',
          correlationData: new Uint8Array([1, 2]),
          userProperties: { one: 'x', many: ['y', 'z'] },
          payloadFormatIndicator: true,
          messageExpiryInterval: 60,
        },
      })
      ;(await peer.received(1))
        .map(shown)
        .should.eql([{ topic: 'line/1', payload: '61', qos: 1, retain: false }])
    })
  }
}
