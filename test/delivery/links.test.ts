/** Links outlive the nodes of a deploy, and say goodbye when nobody wants them any more. */

import should from 'should'
import type { Event } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import { Links } from '../../src/delivery/links.js'
import { type Announce, Link } from '../../src/mqtt/link.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { FakeBroker } from '../world/fake-transport.js'
import { testWorld } from '../world/test-world.js'

describe('links', () => {
  it('keeps the connection of a broker node over a deploy', async () => {
    const { world, links, claim, made } = hall()
    claim('one')
    const link = await links.find('b')
    links.leave('b')
    await world.clock.advance(4999)
    claim('one')
    await world.clock.advance(60_000)
    should(await links.find('b')).equal(link)
    made.length.should.equal(1)
  })

  it('makes a new one when the settings changed, and ends the old one', async () => {
    const { world, links, claim, made } = hall()
    claim('one')
    const old = await links.find('b')
    old?.open()
    links.leave('b')
    claim('two')
    await world.clock.advance(1000)
    made.should.eql(['one', 'two'])
    should(await links.find('b')).not.equal(old)
    should(old?.state).equal('disconnected')
  })

  it('says goodbye when nobody claims it within 5 s', async () => {
    const { world, links, claim } = hall()
    claim('one')
    const link = await links.find('b')
    link?.open()
    links.leave('b')
    await world.clock.advance(5000)
    should(links.find('b')).equal(undefined)
    should(link?.state).equal('disconnected')
  })

  it('says goodbye at once when its node was removed', async () => {
    const { links, claim } = hall()
    claim('one')
    const link = await links.find('b')
    link?.open()
    await links.drop('b')
    await links.drop('b')
    should(link?.state).equal('disconnected')
    should(links.find('b')).equal(undefined)
  })

  it('names those that try to connect and know nothing yet, good or bad', async () => {
    const { broker, links, claim } = hall()
    claim('one')
    const link = await links.find('b')
    links.undecided().should.eql([])
    link?.open()
    const first = await broker.peer(0)
    links.undecided().should.eql(['b'])
    first.hangUp()
    links.undecided().should.eql([])
  })

  it('tells events to whoever holds it last', async () => {
    const { links, claim, tell } = hall()
    claim('one')
    await links.find('b')
    links.leave('b')
    claim('one', 'later')
    tell()
    told.should.eql(['later'])
    told.length = 0
  })

  it('asks for first and last words whoever holds it last', async () => {
    const { links, claim, words } = hall()
    claim('one')
    await links.find('b')
    should(await words()).eql(['first'])
    links.leave('b')
    claim('one', 'later')
    should(await words()).eql(['later'])
  })

  it('makes a new one only when the old one has gone', async () => {
    const { world, links, claim, made } = hall()
    claim('one')
    const old = await links.find('b')
    old?.attach({ next: () => undefined })
    old?.open()
    links.leave('b')
    claim('two')
    made.should.eql(['one'])
    await world.clock.advance(0)
    made.should.eql(['one', 'two'])
  })

  it('survives a link that cannot be made', async () => {
    const { world, links } = hall()
    links.claim('b', 'one', { emit: () => {} }, () => Promise.reject(new Error('no fingerprint')))
    await world.clock.settle()
    await should(links.find('b')).be.rejectedWith('no fingerprint')
    links.leave('b')
    await world.clock.advance(5000)
    should(links.find('b')).equal(undefined)
  })
})

const told: string[] = []
const packet = (payload: string): Packet => ({ topic: 't', payload, qos: 1, retain: false })

function hall() {
  const world = testWorld()
  const broker = new FakeBroker()
  const links = new Links(world.clock)
  const made: string[] = []
  let emit: (event: Event) => void = () => {}
  let announce: Announce | undefined
  const claim = (settings: string, holder = 'first') =>
    links.claim(
      'b',
      settings,
      { emit: () => told.push(holder), announce: async () => [packet(holder)] },
      async (present) => {
        made.push(settings)
        emit = present.emit
        announce = present.announce
        return new Link(world, broker.connect, linkSettings(broker), () => {})
      },
    )
  const tell = () => emit({ kind: 'link.connected', server: 's', downMs: ms(0) })
  const words = async () => (await announce?.('birth', 1))?.map(({ payload }) => payload)
  return { world, broker, links, claim, made, tell, words }
}

const linkSettings = ({ server }: FakeBroker) => ({
  servers: [server],
  protocolVersion: 5 as const,
  clientId: 'gw1',
  backOff: { initial: ms(1000), factor: 2, max: ms(60_000), jitter: 0 },
  ackTimeout: ms(15_000),
  maxInFlight: 20,
  keepalive: ms(15_000),
  connectTimeout: ms(10_000),
})
