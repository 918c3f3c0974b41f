/**
 * The link against a mosquitto that is frozen, killed, changed under way or set up badly, and
 * against a line that falls silent: nothing is lost, and whatever must be found is found.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { LinkSettings } from '../../src/mqtt/link.js'
import type { Packet, QoS, Server } from '../../src/mqtt/wire.js'
import { Mosquitto, type MosquittoOptions } from '../world/mosquitto.js'
import { ScriptedBroker } from '../world/scripted-broker.js'
import { Subscriber } from '../world/subscriber.js'
import { firstOf, type RealLink, realLink } from './real-link.js'

const links: RealLink[] = []
const stops: Array<() => unknown> = []

describe('link in trouble', () => {
  afterEach(async () => {
    for (const { link } of links.splice(0)) await link.close(ms(0))
    for (const stop of stops.splice(0).reverse()) await stop()
  })

  it('finds a frozen broker by its keepalive, and delivers when it is thawed', async function () {
    const broker = await mosquitto(this)
    const { link, events, deliver } = linked(broker.server, {
      ...{ keepalive: ms(1_000), connectTimeout: ms(1_000) },
    })
    await firstOf(events, 'link.connected')
    broker.freeze()
    const { failure } = await firstOf(events, 'link.lost')
    failure.values.should.containEql({ why: 'no-pingresp' })
    const delivered = deliver(...numbered(5))
    broker.thaw()
    ;(await delivered).map(({ is }) => is).should.eql(Array(5).fill('delivered'))
    should(link.tally.disconnectionsBy).eql({ keepalive: 1 })
  })

  it('finds swallowed acknowledgements although the line answers pings', async () => {
    const broker = await scripted()
    const { link, events, deliver } = linked(broker.server, {
      ...{ keepalive: ms(1_000), ackTimeout: ms(1_200) },
    })
    void deliver({})
    const peer = await broker.peer(0)
    peer.accept()
    const { failure } = await firstOf(events, 'link.lost')
    failure.code.should.equal('PUBLISH_TIMEOUT')
    should(link.tally.disconnectionsBy).eql({ acknowledgement: 1 })
  })

  it('recovers by itself from a password that was wrong and is put right', async function () {
    const broker = await mosquitto(this, { users: { line: 'other' } })
    const login = { username: 'line', password: 'right' }
    const { link, failed, deliver } = linked(broker.server, login)
    ;(await failed()).code.should.equal('LOGIN_REFUSED')
    const delivered = deliver({})
    broker.change({ users: { line: 'right' } })
    await letIn(link)
    ;(await delivered).map(({ is }) => is).should.eql(['delivered'])
  })

  it('sets aside what the access list forbids, and delivers the rest', async function () {
    const broker = await mosquitto(this, { access: ['topic line/#'] })
    const { link, deliver } = linked(broker.server)
    const ends = await deliver({ topic: 'line/1' }, { topic: 'other' }, { topic: 'line/2' })
    ends.map(({ is }) => is).should.eql(['delivered', 'refused', 'delivered'])
    should(link.tally).containEql({ published: 2, failed: 1, disconnections: 0 })
  })

  for (const protocolVersion of [4, 5] as const) {
    it(`loses no QoS 2 with a large window, version ${protocolVersion}`, async function () {
      const broker = await mosquitto(this)
      const heard = await subscriber(broker.server)
      const { deliver } = linked(broker.server, { protocolVersion, maxInFlight: 100 })
      const packets = numbered(400).map((packet) => ({ ...packet, qos: 2 as QoS }))
      await deliver(...packets)
      await heard.arrived.first(400)
      heard.payloads.should.eql(packets.map(({ payload }) => payload))
    })
  }

  it('sets aside a message to which the broker answers what nobody can read', async function () {
    // This broker refuses with a code that MQTT does not know in that place.
    const broker = await mosquitto(this, { lines: ['message_size_limit 100'] })
    const { deliver } = linked(broker.server, { protocolVersion: 5 })
    const others = numbered(6)
    const ends = await deliver({ payload: 'a' }, { payload: 'x'.repeat(200) }, ...others)
    ends
      .map((end) => (end.is === 'refused' ? end.failure.code : end.is))
      .toSorted()
      .should.eql(['POISON', ...Array(7).fill('delivered')])
  })

  it('keeps the order of every topic over a pool, through a broker that is killed', async function () {
    const broker = await mosquitto(this)
    const { link, events, deliver } = linked(broker.server, { moreClientIds: ['gw2', 'gw3'] })
    const packets = numbered(3_000).map((packet, n) => ({ ...packet, topic: `line/${n % 7}` }))
    const delivered = deliver(...packets.slice(0, 1_500))
    await firstOf(events, 'link.connected')
    await broker.kill()
    await firstOf(events, 'link.lost')
    await broker.start()
    const heard = await subscriber(broker.server)
    await delivered
    await deliver(...packets.slice(1_500))
    await heard.arrived.first(1_500)
    inOrder(heard).should.be.true()
    should(link.tally).containEql({ published: 3_000, inFlight: 0 })
  })

  it('goes over to the second server and comes back to the first', async function () {
    const [first, second] = [await mosquitto(this), await mosquitto(this)]
    await first.kill()
    const servers = [first.server, second.server]
    const { events, deliver, link } = linked(first.server, { servers, returnToFirst: true })
    ;(await deliver({})).map(({ is }) => is).should.eql(['delivered'])
    link.server.should.endWith(`:${second.server.port}`)
    await second.kill()
    await first.start()
    await firstOf(events, 'link.switched')
    link.server.should.endWith(`:${first.server.port}`)
  })

  for (const protocolVersion of [4, 5] as const) {
    it(`guesses a second client with its id, version ${protocolVersion}`, async function () {
      const { server } = await mosquitto(this)
      const twins = [linked(server, { protocolVersion }), linked(server, { protocolVersion })]
      for (const { code, values } of await Promise.all(twins.map(({ failed }) => failed()))) {
        code.should.equal('CLIENT_ID_IN_USE')
        should(values).match({ id: 'gw1', closes: 5 })
      }
    })
  }

  it('does not guess so when mosquitto restarts again and again', async function () {
    const broker = await mosquitto(this)
    const { link, events, deliver } = linked(broker.server)
    for (let times = 0; times < 6; times++) {
      await letIn(link)
      await broker.kill()
      await until(() => link.failure?.values['why'] === 'ECONNREFUSED')
      await broker.start()
    }
    ;(await deliver({})).map(({ is }) => is).should.eql(['delivered'])
    events.all.map(({ kind }) => kind).should.not.containEql('link.failed')
  })

  it('has its will sent when it vanishes, and not when it says goodbye', async function () {
    const broker = await mosquitto(this)
    const heard = await subscriber(broker.server)
    const announce: LinkSettings['announce'] = async (occasion, connects) => {
      const payload = `${occasion} ${connects}`
      return [{ topic: 'gw/state', payload, qos: 1, retain: true }]
    }
    const { link, deliver } = linked(broker.server, { announce })
    await deliver({ payload: 'on' })
    await link.close(ms(300))
    const polite = ['birth 1', 'on', 'close 1']
    await heard.arrived.first(3)
    heard.payloads.should.eql(polite)
    const other = linked(broker.server, { announce, clientId: 'gw9' })
    await other.deliver({ payload: 'on' })
    const thief = linked(broker.server, { clientId: 'gw9' })
    await thief.deliver({ payload: 'stolen' })
    await other.link.close(ms(0))
    await heard.arrived.first(6)
    heard.payloads.slice(3).should.containDeep(['birth 1', 'on', 'will 1'])
  })

  it('brings properties of MQTT 5 to who listens', async function () {
    const broker = await mosquitto(this)
    const heard = await subscriber(broker.server)
    const userProperties = { 'resilience-id': 'q-1-2', line: ['1', '2'] }
    const { deliver } = linked(broker.server)
    await deliver({ properties: { userProperties, messageExpiryInterval: 600 } })
    const arrived = await heard.arrived.nth(0)
    should({ ...arrived.userProperties }).eql(userProperties)
    should(arrived.expiry).be.belowOrEqual(600)
  })
})

const numbered = (count: number): Array<Pick<Packet, 'payload'> & Partial<Packet>> =>
  Array.from({ length: count }, (_, n) => ({ payload: String(n) }))

/** What came before may come again; what comes for the first time is the next. */
function inOrder({ arrived }: Subscriber): boolean {
  const last = new Map<string, number>()
  const seen = new Set<string>()
  return arrived.all.every(({ topic, payload }) => {
    if (seen.has(payload)) return true
    seen.add(payload)
    const isNext = Number(payload) > (last.get(topic) ?? -1)
    last.set(topic, Number(payload))
    return isNext
  })
}

/** The minute between attempts is skipped until one succeeds. */
function letIn(link: RealLink['link']): Promise<void> {
  return until(() => {
    link.retryNow()
    return link.state === 'connected'
  })
}

function until(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (isSo() ? resolve() : setImmediate(look))
    look()
  })
}

function linked(server: Server, change: Partial<LinkSettings> = {}): RealLink {
  const link = realLink(server, change)
  links.push(link)
  return link
}

async function mosquitto(test: Mocha.Context, options: MosquittoOptions = {}): Promise<Mosquitto> {
  const broker = await Mosquitto.start(test, options)
  stops.push(() => {
    broker.thaw()
    return broker.stop()
  })
  return broker
}

async function subscriber(server: Server): Promise<Subscriber> {
  const heard = await Subscriber.at(server)
  stops.push(() => heard.stop())
  return heard
}

async function scripted(): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.listen()
  stops.push(() => broker.stop())
  return broker
}
