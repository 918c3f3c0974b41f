/** What only the real transport meets: silence, unreadable answers, bad certificate files. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import should from 'should'
import { ms } from '../../src/base/units.js'
import { connect } from '../../src/mqtt/transport.js'
import { ScriptedBroker } from '../world/scripted-broker.js'
import { admitted, dial, unreachable } from './dial.js'

describe('real transport', () => {
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
    ;(await client.ends.nth(0)).kind.should.equal('packet')
    client.outcomes.all.should.eql([])
  })

  it('ends a connection on which nothing is heard for 1.5 times the keepalive', async () => {
    const client = dial({ broker, connect }, 5, { keepalive: ms(1_000) })
    const peer = await broker.peer(0)
    peer.accept()
    peer.mute()
    ;(await client.ends.nth(0)).should.eql(unreachable('transient', 'no-pingresp', broker))
  })

  it('keeps its own keepalive when the broker asks for a longer one', async () => {
    const client = dial({ broker, connect }, 5, { keepalive: ms(1_000) })
    const peer = await broker.peer(0)
    peer.accept({ serverKeepAlive: 600 })
    peer.mute()
    ;(await client.ends.nth(0)).should.eql(unreachable('transient', 'no-pingresp', broker))
  })

  it('takes the keepalive of the broker when that is shorter', async () => {
    const client = dial({ broker, connect }, 5, { keepalive: ms(600_000) })
    const peer = await broker.peer(0)
    peer.accept({ serverKeepAlive: 1 })
    peer.mute()
    ;(await client.ends.nth(0)).should.eql(unreachable('transient', 'no-pingresp', broker))
  })

  for (const version of [4, 5] as const) {
    it(`leaves its will with the broker, version ${version}`, async () => {
      const will = { topic: 'größe/1', payload: 'ÄUS', qos: 1, retain: true } as const
      dial({ broker, connect }, version, { will })
      const peer = await broker.peer(0)
      should(peer.will).eql(will)
      peer.keepalive.should.equal(15)
    })
  }

  it('hands on the server that a refusal names', async () => {
    const client = dial({ broker, connect }, 5)
    ;(await broker.peer(0)).refuse(0x9d, { serverReference: 'plant.example:1884' })
    const { kind, reference } = await client.ends.nth(0)
    kind.should.equal('permanent')
    should(reference).eql({ ...broker.server, host: 'plant.example', port: 1884 })
  })

  it('hands on the server that a goodbye names', async () => {
    const { client } = await admitted({ broker, connect }, 5)
    ;(await broker.peer(0)).disconnect(0x9c, 'plant.example')
    const { kind, reference } = await client.ends.nth(0)
    kind.should.equal('transient')
    should(reference).eql({ ...broker.server, host: 'plant.example' })
  })

  it('puts every property of a message on the wire', async () => {
    const { client } = await admitted({ broker, connect }, 5)
    const properties = {
      contentType: 'text/plain',
      responseTopic: 'back',
      correlationData: new Uint8Array([65, 66]),
      userProperties: { one: 'x', many: ['y', 'z'] },
      messageExpiryInterval: 60,
    }
    client.publish({ payload: 'a', properties })
    const [seen] = await (await broker.peer(0)).received(1)
    ;[...(seen?.properties ?? [])]
      .sort()
      .should.eql([
        ...['content type text/plain', 'correlation AB', 'expiry 60', 'many=y', 'many=z', 'one=x'],
        'response topic back',
      ])
  })

  it('tells, not throws, that a certificate of its own cannot be read', async () => {
    const server = { ...broker.server, scheme: 'mqtts' as const }
    const tls = { cert: 'not a certificate', key: 'not a key', verify: true }
    const client = dial({ broker, connect }, 5, { server, tls })
    const { kind, failure } = await client.ends.nth(0)
    ;[kind, failure.code].should.eql(['permanent', 'CERTIFICATE_REFUSED'])
  })

  it('tells of a WebSocket that was refused, for which the library has no event', async () => {
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
