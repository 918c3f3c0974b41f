/** The link against real brokers and a real network, and what each of them does when it says no. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { LinkSettings } from '../../src/mqtt/link.js'
import type { Packet, QoS, Server } from '../../src/mqtt/wire.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort, loopback } from '../../tools/common/ports.js'
import { type Certificates, makeCertificates } from '../world/certificates.js'
import { Mosquitto, type MosquittoOptions, programFor } from '../world/mosquitto.js'
import { type Certificate, ScriptedBroker } from '../world/scripted-broker.js'
import { WebSocketBridge } from '../world/web-socket-bridge.js'
import { firstOf, type RealLink, realLink } from './real-link.js'

const links: RealLink[] = []
const stops: Array<() => Promise<unknown>> = []

describe('link on a real network', () => {
  afterEach(async () => {
    for (const { link } of links.splice(0)) await link.close(ms(0))
    for (const stop of stops.splice(0)) await stop()
  })

  describe('with aedes, which does not speak MQTT 5', () => {
    it('falls back to 3.1.1 and delivers every QoS', async () => {
      const port = await freePort()
      const arrived: string[] = []
      const broker = await EmbeddedBroker.open(port, (topic, payload) =>
        arrived.push(`${topic} ${payload}`),
      )
      stops.push(() => broker.close())
      const { deliver } = linked({ scheme: 'mqtt', host: loopback, port, path: '' })
      const ends = await deliver(...everyQoS)
      ends.map(({ is }) => is).should.eql(['delivered', 'delivered', 'delivered'])
      arrived.toSorted().should.eql(['line/1 qos0', 'line/1 qos1', 'line/1 qos2'])
    })
  })

  describe('with mosquitto', () => {
    for (const protocolVersion of [4, 5] as const) {
      it(`delivers every QoS on version ${protocolVersion}`, async function () {
        const { server } = await mosquitto(this)
        const { deliver, link } = linked(server, { protocolVersion })
        const ends = await deliver(...everyQoS)
        ends.map(({ is }) => is).should.eql(['delivered', 'delivered', 'delivered'])
        should(link.tally).containEql({ connections: 1, published: 3, failed: 0, inFlight: 0 })
      })

      it(`is told of a wrong password on version ${protocolVersion}`, async function () {
        const { server } = await mosquitto(this, { users: { line: 'right' } })
        const wrong = { protocolVersion, username: 'line', password: 'wrong' }
        const { failed, link } = linked(server, wrong)
        const values = { server: `${loopback}:${server.port}` }
        ;(await failed()).should.eql({ code: 'LOGIN_REFUSED', values })
        link.state.should.equal('failed')
      })

      it(`logs in with the right one on version ${protocolVersion}`, async function () {
        const { server } = await mosquitto(this, { users: { line: 'right' } })
        const right = { protocolVersion, username: 'line', password: 'right' }
        const [end] = await linked(server, right).deliver({})
        should(end?.is).equal('delivered')
      })
    }

    it('is told that a topic is not allowed, and goes on', async function () {
      const { server } = await mosquitto(this, { access: ['topic write line/#'] })
      const { deliver } = linked(server)
      const ends = await deliver({ topic: 'secret' }, { topic: 'line/1' })
      ends
        .map((end) => (end.is === 'refused' ? end.failure : end.is))
        .should.eql([{ code: 'NOT_AUTHORISED', values: { topic: 'secret' } }, 'delivered'])
    })

    it('obeys its largest packet', async function () {
      const { server } = await mosquitto(this, { lines: ['max_packet_size 1000'] })
      const ends = await linked(server).deliver({ payload: 'x'.repeat(1_000) }, {})
      ends
        .map((end) => (end.is === 'refused' ? end.failure.code : end.is))
        .should.eql(['PAYLOAD_TOO_LARGE', 'delivered'])
    })

    it('delivers everything although the broker is killed in the middle', async function () {
      const broker = await mosquitto(this)
      const { deliver, link, events } = linked(broker.server)
      const half = deliver(...many(2_000))
      await firstOf(events, 'link.connected')
      const rest = deliver(...many(2_000))
      await broker.kill()
      await firstOf(events, 'link.lost')
      await broker.start()
      const ends = [...(await half), ...(await rest)]
      ends.every(({ is }) => is === 'delivered').should.equal(true)
      should(link.tally).containEql({ connections: 2, published: 4_000, inFlight: 0 })
    })
  })

  describe('with a broker that swallows acknowledgements', () => {
    it('times out and sends again over a new connection', async () => {
      const broker = await scripted()
      const { deliver, link } = linked(broker.server, { ackTimeout: ms(20) })
      const delivered = deliver({ payload: 'a' }, { payload: 'b' })
      const first = await broker.peer(0)
      first.accept()
      await first.received(2)
      const second = await broker.peer(1)
      second.accept()
      const again = await second.received(2)
      again.map(({ payload }) => String(payload)).should.eql(['a', 'b'])
      second.answer(0)
      second.answer(1)
      ;(await delivered).map(({ attempts }) => attempts).should.eql([2, 2])
      should(link.tally).containEql({ connections: 2, disconnections: 1 })
    })
  })

  describe('over WebSocket', () => {
    it('delivers, with everything sent in one turn in one frame', async () => {
      const broker = await scripted()
      const bridge = await WebSocketBridge.open(await freePort(), broker.server)
      stops.push(() => bridge.stop())
      const { deliver } = linked(bridge.server)
      const delivered = deliver(
        { payload: 'a' },
        { payload: 'b', qos: 2 },
        { payload: 'c', qos: 0 },
      )
      const peer = await broker.peer(0)
      peer.accept()
      await peer.received(3)
      bridge.frames.should.equal(2)
      peer.answer(0)
      peer.answer(1)
      ;(await delivered).map(({ is }) => is).should.eql(['delivered', 'delivered', 'delivered'])
    })
  })

  describe('with TLS', () => {
    let files: Certificates
    before(function () {
      files = makeCertificates(programFor(this, 'openssl', 'apt-get install openssl'))
    })

    it('trusts the authority that it was given', async () => {
      const broker = await scripted({ cert: files.cert, key: files.key })
      const { deliver } = linked(broker.server, { tls: { ca: files.ca, verify: true } })
      const delivered = deliver({})
      const peer = await broker.peer(0)
      peer.accept()
      await peer.received(1)
      peer.answer(0)
      ;(await delivered).map(({ is }) => is).should.eql(['delivered'])
    })

    it('refuses a certificate that nobody vouches for', async () => {
      const broker = await scripted({ cert: files.cert, key: files.key })
      const { failed } = linked(broker.server)
      const { code, values } = await failed()
      code.should.equal('CERTIFICATE_REFUSED')
      values.should.eql({
        server: `${loopback}:${broker.server.port}`,
        why: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      })
    })

    it('refuses a certificate of another host', async () => {
      const broker = await scripted({ cert: files.cert, key: files.key })
      const server = { ...broker.server, host: 'localhost' }
      const { failed } = linked(server, { tls: { ca: files.ca, verify: true } })
      ;(await failed()).code.should.equal('CERTIFICATE_REFUSED')
    })

    it('trusts anybody when it was told not to verify', async () => {
      const broker = await scripted({ cert: files.cert, key: files.key })
      const { events } = linked(broker.server, { tls: { verify: false } })
      ;(await broker.peer(0)).accept()
      await firstOf(events, 'link.connected')
    })
  })
})

const everyQoS: Array<Partial<Packet>> = ([0, 1, 2] as QoS[]).map((qos) => {
  return { qos, payload: `qos${qos}` }
})

const many = (count: number): Array<Partial<Packet>> =>
  Array.from({ length: count }, (_, n) => ({ payload: String(n) }))

function linked(server: Server, change: Partial<LinkSettings> = {}): RealLink {
  const link = realLink(server, change)
  links.push(link)
  return link
}

async function mosquitto(test: Mocha.Context, options: MosquittoOptions = {}): Promise<Mosquitto> {
  const broker = await Mosquitto.start(test, options)
  stops.push(() => broker.stop())
  return broker
}

async function scripted(certificate?: Certificate): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.listen(certificate)
  stops.push(() => broker.stop())
  return broker
}
