/**
 * A link with two servers: it goes back to the first when that is there again and nothing waits,
 * without a gap that anybody would notice, and it follows a broker that sends it elsewhere.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { Announce } from '../../src/mqtt/link.js'
import type { FakeConnection } from '../world/fake-transport.js'
import { Harness, settings } from './harness.js'

const second = { scheme: 'mqtt', host: 'b', port: 1884, path: '' } as const
const both = { servers: [...settings.servers, second], returnToFirst: true }

describe('link, on its second server', () => {
  it('looks for the first once a minute and stays while that is away', async () => {
    const link = await onSecond()
    for (let minutes = 0; minutes < 3; minutes++) {
      await link.clock.advance(60_000)
      link.wire.request.server.host.should.equal('a')
      link.wire.fail('ECONNREFUSED')
      link.link.state.should.equal('connected')
    }
    link.broker.attempts.all.length.should.equal(2 + 3)
    link.link.server.should.equal('b:1884')
    should(link.link.tally).containEql({ connections: 1, disconnections: 0 })
  })

  it('goes back when the first is there again', async () => {
    const link = await onSecond()
    const old = link.wire
    await found(link)
    await old.goodbye()
    link.wire.request.server.host.should.equal('a')
    await link.letIn()
    link.link.server.should.equal('a:1883')
    link.events.slice(-2).should.eql([
      { kind: 'link.connected', server: 'a:1883', downMs: 0 },
      { kind: 'link.switched', from: 'b:1884', to: 'a:1883' },
    ])
    should(link.link.tally).containEql({ connections: 2, reconnections: 1, disconnections: 0 })
    await link.clock.advance(3_600_000)
    link.wire.should.equal(link.wires[0])
  })

  it('looks without a will, and says goodbye to what it found', async () => {
    const announce: Announce = async (occasion) => (occasion === 'will' ? [packet('gone')] : [])
    const link = await onSecond({ announce })
    should(link.wire.request.will).not.equal(undefined)
    await link.clock.advance(60_000)
    const look = link.wire
    should(look.request.will).equal(undefined)
    look.accept()
    await look.goodbye()
  })

  it('does not look while something is out, or waits behind a source', async () => {
    const link = await onSecond()
    link.source('a')
    await link.clock.advance(10_000)
    await link.clock.advance(4_000)
    link.broker.attempts.all.length.should.equal(2)
    await link.acknowledge(0)
    link.link.attach({ next: () => undefined, isEmpty: () => false })
    await link.clock.advance(120_000)
    link.broker.attempts.all.length.should.equal(2)
  })

  it('stays when something has come while it looked', async () => {
    const link = await onSecond()
    const old = link.wire
    await link.clock.advance(60_000)
    link.source('a')
    await link.clock.settle()
    link.wire.accept()
    await link.clock.settle()
    should(old.end).equal(undefined)
    old.payloads.should.eql(['a'])
    link.link.server.should.equal('b:1884')
  })

  it('loses nothing that comes while it changes', async () => {
    const link = await onSecond()
    const source = link.source()
    await found(link, () => source.give('a', 'b'))
    await link.letIn()
    link.wire.payloads.should.eql(['a', 'b'])
    await link.acknowledge(0, 1)
    source.settled.should.eql(['a delivered', 'b delivered'])
  })

  it('takes it as found when the look has taken its client id away', async () => {
    const link = await onSecond()
    const old = link.wire
    await link.clock.advance(60_000)
    old.disconnect(0x8e)
    link.link.state.should.equal('reconnecting')
    should(link.link.failure).equal(undefined)
    link.wire.request.server.host.should.equal('a')
    await link.letIn()
    link.link.server.should.equal('a:1883')
  })

  it('looks no more when it is closed', async () => {
    const link = await onSecond()
    await link.clock.advance(60_000)
    const look = link.wire
    await link.link.close(ms(0))
    should(look.end).equal('destroyed')
    link.clock.pending.should.equal(0)
  })

  it('can be closed while it goes back', async () => {
    const link = await onSecond()
    const old = link.wire
    old.frozen = true
    await found(link)
    const closed = link.link.close(ms(0))
    await link.clock.advance(1_000)
    await closed
    link.link.state.should.equal('disconnected')
    await link.clock.advance(3_600_000)
    link.broker.attempts.all.length.should.equal(3)
  })
})

describe('link, sent elsewhere by its broker', () => {
  it('goes there at once, as another connection to the same end', async () => {
    const link = new Harness()
    const source = link.source('a')
    link.link.open()
    endWithReference(link.wire)
    link.wire.request.server.should.equal(second)
    await link.letIn()
    link.wire.payloads.should.eql(['a'])
    await link.acknowledge(0)
    source.settled.should.eql(['a delivered'])
  })
})

const packet = (payload: string) => ({ topic: 't', payload, qos: 1, retain: false }) as const

async function onSecond(change: object = {}): Promise<Harness> {
  const link = new Harness({ ...both, ...change })
  link.link.open()
  await link.clock.settle()
  link.wire.fail('ECONNREFUSED')
  await link.comeBack()
  return link
}

/** The first server is found, and the old connection is given up. */
async function found(link: Harness, meanwhile: () => void = () => undefined): Promise<void> {
  await link.clock.advance(60_000)
  link.wire.accept()
  meanwhile()
  await link.clock.settle()
}

function endWithReference(wire: FakeConnection): void {
  const failure = { code: 'BROKER_UNREACHABLE', values: {} } as const
  wire.endWith({ kind: 'permanent', failure, reference: second })
}
