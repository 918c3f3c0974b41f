/**
 * The link over a line that fails in every way but one: nothing that it has not acknowledged may be
 * lost, reordered, or repeated more often than a window for each break.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { LinkSettings } from '../../src/mqtt/link.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort, loopback } from '../../tools/common/ports.js'
import { FaultProxy } from '../world/fault-proxy.js'
import { firstOf, type RealLink, realLink } from './real-link.js'

const window = 20

describe('link over a line that fails', () => {
  let broker: EmbeddedBroker
  let proxy: FaultProxy
  let heard: string[]
  const links: RealLink[] = []

  beforeEach(async () => {
    heard = []
    broker = await EmbeddedBroker.open(await freePort(), (_topic, payload) => {
      heard.push(String(payload))
    })
    proxy = await FaultProxy.before({ scheme: 'mqtt', host: loopback, port: broker.port, path: '' })
  })
  afterEach(async () => {
    for (const { link } of links.splice(0)) await link.close(ms(0))
    await proxy.stop()
    await broker.close()
  })

  for (const nth of [1, 7, 20, 33]) {
    it(`replays in order when the line is reset in the middle of packet ${nth}`, async () => {
      proxy.resetAfter(nth)
      const { deliver, link } = linked()
      await delivered(deliver(...numbered(100)))
      isComplete(100)
      duplicates().should.be.belowOrEqual(window)
      should(link.tally).containEql({ connections: 2, disconnections: 1, published: 100 })
    })
  }

  it('replays in order when the line is reset while all is on its way', async () => {
    const { deliver, events } = linked()
    const sent = deliver(...numbered(500))
    await firstOf(events, 'link.connected')
    proxy.fallSilent()
    proxy.reset()
    proxy.speak()
    await delivered(sent)
    isComplete(500)
  })

  it('replays in order when the line is half closed', async () => {
    const { deliver, events, link } = linked()
    const sent = deliver(...numbered(100))
    await firstOf(events, 'link.connected')
    proxy.halfClose()
    await firstOf(events, 'link.lost')
    await delivered(sent)
    isComplete(100)
    should(link.tally).containEql({ connections: 2, published: 100 })
  })

  it('sends nothing twice over a line that falls silent and speaks again', async () => {
    const { deliver, events, link } = linked()
    await firstOf(events, 'link.connected')
    proxy.fallSilent()
    const sent = deliver(...numbered(50))
    proxy.speak()
    await delivered(sent)
    heard.should.eql(numbered(50).map(({ payload }) => payload))
    should(link.tally).containEql({ connections: 1, disconnections: 0 })
  })

  it('repeats at most a window for acknowledgements that are swallowed', async () => {
    proxy.swallow(3)
    const { deliver, link } = linked({ ackTimeout: ms(50) })
    await delivered(deliver(...numbered(100)))
    isComplete(100)
    proxy.swallowed.should.equal(3)
    duplicates().should.be.belowOrEqual(window * (link.tally.connections - 1))
  })

  it('gives up a connection that is never answered, and tries on', async () => {
    proxy.fallSilent()
    const { deliver, events } = linked({ connectTimeout: ms(50) })
    const sent = deliver(...numbered(10))
    const { failure } = await firstOf(events, 'link.reconnecting')
    failure.values.should.containEql({ why: 'no-connack' })
    proxy.speak()
    await delivered(sent)
    isComplete(10)
  })

  function linked(change: Partial<LinkSettings> = {}): RealLink {
    const all = { protocolVersion: 4, maxInFlight: window, ...change } as const
    const link = realLink(proxy.server, all)
    links.push(link)
    return link
  }

  /** All of them came, each for the first time in its turn. */
  function isComplete(count: number): void {
    const first = [...new Set(heard)]
    first.should.eql(numbered(count).map(({ payload }) => payload))
  }

  const duplicates = (): number => heard.length - new Set(heard).size
})

async function delivered(sent: ReturnType<RealLink['deliver']>): Promise<void> {
  const ends = await sent
  ends.every(({ is }) => is === 'delivered').should.equal(true)
}

const numbered = (count: number): Array<Partial<Packet> & { payload: string }> =>
  Array.from({ length: count }, (_, n) => ({ payload: String(n) }))
