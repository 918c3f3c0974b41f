/**
 * Where MQTT.js alone loses messages, hangs or gives up, by the research: the same with the link.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { LinkSettings } from '../../src/mqtt/link.js'
import type { Server } from '../../src/mqtt/wire.js'
import { makeCertificates } from '../world/certificates.js'
import { Mosquitto, programFor } from '../world/mosquitto.js'
import { ScriptedBroker } from '../world/scripted-broker.js'
import { Harness } from './harness.js'
import { firstOf, type RealLink, realLink } from './real-link.js'

const links: RealLink[] = []
const stops: Array<() => Promise<unknown>> = []
/** Packet ids are 1 to 65,535. */
const moreThanIds = 70_000

describe('link, where the library alone loses messages', () => {
  afterEach(async () => {
    for (const { link } of links.splice(0)) await link.close(ms(0))
    for (const stop of stops.splice(0)) await stop()
  })

  it('publishes a message of QoS 2 again when the line breaks before PUBREL', async () => {
    const broker = await scripted()
    const { deliver } = linked(broker.server)
    const sent = deliver({ payload: 'a', qos: 2 })
    const first = await broker.peer(0)
    first.accept()
    await first.received(1)
    first.mute() // it does not hear the PUBREL that follows
    first.answer(0)
    first.hangUp()
    const second = await broker.peer(1)
    second.accept()
    const [again] = await second.received(1)
    String(again?.payload).should.equal('a')
    second.answer(0)
    ;(await sent).map(({ is }) => is).should.eql(['delivered'])
  })

  it(`delivers ${moreThanIds} messages that waited, more than there are packet ids`, async function () {
    this.timeout(120_000)
    const broker = await Mosquitto.start(this)
    stops.push(() => broker.stop())
    await broker.kill()
    const { deliver, events, link } = linked(broker.server)
    const sent = deliver(...Array.from({ length: moreThanIds }, (_, n) => ({ payload: String(n) })))
    await firstOf(events, 'link.reconnecting')
    await broker.start()
    const ends = await sent
    ends.every(({ is, attempts }) => is === 'delivered' && attempts === 1).should.equal(true)
    link.tally.published.should.equal(moreThanIds)
  })

  it('sends 200 again in ten windows of 20: a tenth of a second at 10 ms there and back', async () => {
    const link = await Harness.connected()
    const source = link.source(...Array.from({ length: 200 }, (_, n) => String(n)))
    await link.clock.settle()
    await link.cut()
    await link.comeBack()
    const begin = link.clock.monotonic()
    for (let answered = 0; answered < 200; ) {
      await link.clock.advance(10)
      const { length } = link.wire.payloads
      length.should.equal(answered + 20)
      while (answered < length) link.wire.answer(answered++)
      await link.clock.settle()
    }
    source.settled.length.should.equal(200)
    ;(link.clock.monotonic() - begin).should.equal(100)
  })

  it('recovers when the broker ends the session of a password that was changed', async () => {
    const broker = await scripted()
    const { deliver, events, failed, link } = linked(broker.server)
    ;(await broker.peer(0)).accept()
    await firstOf(events, 'link.connected')
    ;(await broker.peer(0)).disconnect(0x87)
    ;(await broker.peer(1)).refuse(0x86)
    ;(await failed()).code.should.equal('LOGIN_REFUSED')
    link.state.should.equal('failed')
    const sent = deliver({})
    link.retryNow()
    const third = await broker.peer(2)
    third.accept()
    await third.received(1)
    third.answer(0)
    ;(await sent).map(({ is }) => is).should.eql(['delivered'])
  })

  it('refuses a certificate that has expired, and connects when it is renewed', async function () {
    const openssl = programFor(this, 'openssl', 'apt-get install openssl')
    const { ca, cert, key, expired } = makeCertificates(openssl)
    const broker = await scripted({ cert: expired, key })
    const { failed, deliver, link } = linked(broker.server, { tls: { ca, verify: true } })
    const { code, values } = await failed()
    code.should.equal('CERTIFICATE_REFUSED')
    should(values['why']).match(/EXPIRED/)
    broker.renew({ cert, key })
    const sent = deliver({})
    link.retryNow()
    const peer = await broker.peer(0)
    peer.accept()
    await peer.received(1)
    peer.answer(0)
    ;(await sent).map(({ is }) => is).should.eql(['delivered'])
  })

  it('keeps a connection whose certificate expires while it stands', async function () {
    const openssl = programFor(this, 'openssl', 'apt-get install openssl')
    const { ca, cert, key, expired } = makeCertificates(openssl)
    const broker = await scripted({ cert, key })
    const { deliver, failed, link } = linked(broker.server, { tls: { ca, verify: true } })
    const peer = await broker.peer(0)
    peer.accept()
    broker.renew({ cert: expired, key })
    const sent = deliver({})
    await peer.received(1)
    peer.answer(0)
    ;(await sent).map(({ is }) => is).should.eql(['delivered'])
    link.state.should.equal('connected')
    peer.hangUp()
    ;(await failed()).code.should.equal('CERTIFICATE_REFUSED')
  })
})

function linked(server: Server, change: Partial<LinkSettings> = {}): RealLink {
  const link = realLink(server, change)
  links.push(link)
  return link
}

async function scripted(certificate?: { cert: string; key: string }): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.listen(certificate)
  stops.push(() => broker.stop())
  return broker
}
