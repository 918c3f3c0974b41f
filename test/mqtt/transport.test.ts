/**
 * One behaviour for everything that can carry packets for the link: the fake that the link's tests
 * stand on, and the real one against a scripted broker, in both protocol versions.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import should from 'should'
import { ms } from '../../src/base/units.js'
import { connect } from '../../src/mqtt/transport.js'
import type {
  Connect,
  ConnectRequest,
  Ended,
  Packet,
  ProtocolVersion,
  PublishOutcome,
  Session,
  Transport,
} from '../../src/mqtt/wire.js'
import { Arrivals } from '../world/arrivals.js'
import { FakeBroker, limitless } from '../world/fake-transport.js'
import type { PlayedBroker } from '../world/peer.js'
import { ScriptedBroker } from '../world/scripted-broker.js'

interface Played {
  readonly broker: PlayedBroker
  readonly connect: Connect
}

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

    it('says goodbye when it is closed, also with records unsettled, and tells no end', async () => {
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

describe('transport, beyond what the fake can do', () => {
  let broker: ScriptedBroker
  beforeEach(async () => {
    broker = await ScriptedBroker.listen()
  })
  afterEach(() => broker.stop())

  it('gives up on a broker that does not answer in time', async () => {
    const client = dial({ broker, connect }, 5, { connectTimeout: ms(20) })
    ;(await client.ends.nth(0)).should.eql(unreachable('transient', 'no-connack', broker))
  })

  it('tells that nobody listens', async () => {
    await broker.stop()
    const client = dial({ broker, connect }, 5)
    ;(await client.ends.nth(0)).should.eql(unreachable('transient', 'ECONNREFUSED', broker))
  })

  it('ends the connection when the broker says what the library cannot read', async () => {
    const { client, peer } = await admitted({ broker, connect }, 5)
    client.publish({ payload: 'a' })
    await peer.received(1)
    peer.answer(0, 0x95)
    ;(await client.ends.nth(0)).kind.should.equal('transient')
    client.outcomes.all.should.eql([])
  })

  it('tells, not throws, that a certificate of its own cannot be read', async () => {
    const server = { ...broker.server, scheme: 'mqtts' as const }
    const tls = { cert: 'not a certificate', key: 'not a key', verify: true }
    const client = dial({ broker, connect }, 5, { server, tls })
    const { kind, failure } = await client.ends.nth(0)
    ;[kind, failure.code].should.eql(['permanent', 'CERTIFICATE_REFUSED'])
  })

  it('tells an answer to a WebSocket that is none, for which the library has no event', async () => {
    const http = createServer((_request, response) => response.writeHead(404).end())
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const server = { scheme: 'ws', host: '127.0.0.1', port, path: '/mqtt' } as const
    const client = dial({ broker, connect }, 5, { server })
    const { kind, failure } = await client.ends.nth(0)
    ;[kind, failure.code].should.eql(['transient', 'BROKER_UNREACHABLE'])
    should(failure.values['why']).match(/404/)
    await new Promise((resolve) => http.close(resolve))
  })
})

interface Dialled {
  readonly transport: Transport
  readonly sessions: Arrivals<Session>
  readonly ends: Arrivals<Ended>
  /** `<payload> <outcome>` in the order of settling. */
  readonly outcomes: Arrivals<string>
  publish(change: Partial<Packet> & Pick<Packet, 'payload'>): void
}

function dial(
  { broker, connect: through }: Played,
  version: ProtocolVersion,
  change: Partial<ConnectRequest> = {},
): Dialled {
  const sessions = new Arrivals<Session>()
  const ends = new Arrivals<Ended>()
  const outcomes = new Arrivals<string>()
  const request: ConnectRequest = {
    server: broker.server,
    protocolVersion: version,
    clientId: 'gw1',
    keepalive: ms(15_000),
    connectTimeout: ms(10_000),
    ...change,
  }
  const transport = through(request, {
    connected: (session) => sessions.add(session),
    ended: (how) => ends.add(how),
  })
  const publish: Dialled['publish'] = (packet) => {
    const text = (outcome: PublishOutcome) =>
      outcome.is === 'acknowledged' ? outcome.is : `${outcome.is} ${outcome.failure.code}`
    transport.publish({ topic: 'line/1', qos: 1, retain: false, ...packet }, (outcome) =>
      outcomes.add(`${packet.payload} ${text(outcome)}`),
    )
  }
  return { transport, sessions, ends, outcomes, publish }
}

async function admitted(played: Played, version: ProtocolVersion, grants?: Partial<Session>) {
  const client = dial(played, version)
  const peer = await played.broker.peer(0)
  peer.accept(grants)
  await client.sessions.first(1)
  return { client, peer }
}

const serverName = ({ broker }: Played) => `${broker.server.host}:${broker.server.port}`

const unreachable = (kind: string, why: string, broker: PlayedBroker) => {
  const values = { server: `${broker.server.host}:${broker.server.port}`, why }
  return { kind, failure: { code: 'BROKER_UNREACHABLE', values } }
}

const shown = ({ topic, payload, qos, retain }: Omit<Packet, 'properties'>) => ({
  topic,
  payload: Buffer.from(payload).toString('hex'),
  qos,
  retain,
})

/** Lets whatever is still under way come in. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
