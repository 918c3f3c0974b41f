/**
 * First and last words: said on every connection before any record and before every planned
 * goodbye; the will is made anew for each attempt. None of it is kept or sent again.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { Announce, Occasion } from '../../src/mqtt/link.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { Harness } from './harness.js'

describe('link with first and last words', () => {
  it('says the first ones after every connect, and records only when they are answered', async () => {
    const link = await talking()
    link.source('a')
    await link.clock.settle()
    link.wire.payloads.should.eql(['birth 1'])
    await link.acknowledge(0)
    link.wire.payloads.should.eql(['birth 1', 'a'])
    await link.cut()
    await link.comeBack()
    link.wire.payloads.should.eql(['birth 2'])
    await link.acknowledge(0)
    link.wire.payloads.should.eql(['birth 2', 'a'])
  })

  it('says them on one connection of a pool before records on any', async () => {
    const link = await talking({ moreClientIds: ['gw2', 'gw3'] })
    const source = link.source()
    source.send(...Array.from({ length: 9 }, (_, n) => ({ topic: `t${n}`, payload: 'x' })))
    await link.clock.settle()
    link.wires.flatMap(({ payloads }) => payloads).should.eql(['birth 1'])
  })

  it('builds its will anew for every attempt, under the same number as the first words', async () => {
    const link = await talking()
    should(link.wire.request.will?.payload).equal('will 1')
    await link.cut()
    await link.clock.advance(1_000)
    should(link.wire.request.will?.payload).equal('will 2')
    link.wire.fail('ECONNREFUSED')
    await link.comeBack()
    should(link.wire.request.will?.payload).equal('will 3')
    link.wire.payloads.should.eql(['birth 3'])
  })

  it('leaves its will with one connection of a pool', async () => {
    const link = await talking({ moreClientIds: ['gw2'] })
    link.wires.map(({ request }) => request.will?.payload).should.eql(['will 1', undefined])
  })

  it('says the last ones when all else is settled, then goodbye', async () => {
    const link = await talking()
    await link.acknowledge(0)
    const source = link.source('a')
    await link.clock.settle()
    const closed = link.link.close(ms(300))
    await link.clock.settle()
    link.wire.payloads.should.eql(['birth 1', 'a'])
    await link.acknowledge(1)
    link.wire.payloads.should.eql(['birth 1', 'a', 'close 1'])
    await link.acknowledge(2)
    await closed
    await link.wire.goodbye()
    source.settled.should.eql(['a delivered'])
  })

  it('leaves the word to its will when the last ones are not answered', async () => {
    const link = await talking()
    await link.acknowledge(0)
    const closed = link.link.close(ms(300))
    await link.clock.advance(1_000)
    await closed
    should(link.wire.end).equal('destroyed')
  })

  it('tells what the broker refuses of it, and goes on', async () => {
    const link = await talking()
    link.source('a')
    await link.refuse(0, 0x87)
    link.wire.payloads.should.eql(['birth 1', 'a'])
    should(link.events.at(-1)).eql({
      kind: 'messages.dropped',
      reason: 'not-authorised',
      count: 1,
      lastKey: 'birth',
    })
  })

  for (const [times, code] of [
    [5, undefined],
    [2, 0x81],
  ] as const) {
    const said = code === undefined ? 'without a word' : 'and says that a packet is why'
    it(`goes without the first ones when the broker hangs up on them, ${said}`, async () => {
      const link = await talking()
      const source = link.source('a')
      for (let connects = 1; connects <= times; connects++) {
        link.wire.payloads.should.eql([`birth ${connects}`])
        if (code !== undefined) link.wire.disconnect(code)
        await link.hangUp()
        link.link.state.should.equal('reconnecting')
        await link.comeBack()
      }
      link.wire.payloads.should.eql(['a'])
      await link.acknowledge(0)
      source.settled.should.eql(['a delivered'])
      link.events
        .slice(-2)
        .should.containDeep([
          { kind: 'messages.dropped', reason: 'poison', count: 1, lastKey: 'birth' },
        ])
      await link.cut()
      await link.comeBack()
      link.wire.payloads.should.eql([`birth ${times + 2}`])
    })
  }

  it('counts none of it among its records', async () => {
    const link = await talking()
    await link.acknowledge(0)
    should(link.link.tally).containEql({ published: 0, failed: 0, inFlight: 0 })
    link.link.tally.ackLatency.count.should.equal(0)
  })

  it('drops a connection on which the first ones are not answered', async () => {
    const link = await talking()
    await link.clock.advance(15_000)
    link.link.state.should.equal('reconnecting')
    should(link.link.failure?.code).equal('PUBLISH_TIMEOUT')
  })

  it('is not held up by words that cannot be found', async () => {
    const link = new Harness({ announce: () => Promise.reject(new Error('no words')) })
    link.source('a')
    link.link.open()
    await link.clock.settle()
    await link.letIn()
    link.wire.payloads.should.eql(['a'])
  })

  it('says nothing on a connection that ended while it looked for words', async () => {
    const found: Array<() => void> = []
    const announce: Announce = (occasion, connects) =>
      occasion !== 'birth'
        ? Promise.resolve([])
        : new Promise((resolve) => found.push(() => resolve([packet(occasion, connects)])))
    const link = new Harness({ announce })
    link.link.open()
    await link.clock.settle()
    await link.letIn()
    await link.cut()
    await link.comeBack()
    for (const resolve of found) resolve()
    await link.clock.settle()
    link.wire.payloads.should.eql(['birth 2'])
  })

  it('starts no attempt when it was closed while it looked for its will', async () => {
    const link = new Harness({ announce: async () => [] })
    link.link.open()
    await link.link.close(ms(0))
    await link.clock.settle()
    link.broker.attempts.all.length.should.equal(0)
  })
})

const packet = (occasion: Occasion, connects: number): Packet => {
  return { topic: occasion, payload: `${occasion} ${connects}`, qos: 1, retain: true }
}

async function talking(change: object = {}): Promise<Harness> {
  const link = new Harness({ announce: async (...words) => [packet(...words)], ...change })
  link.link.open()
  await link.clock.settle()
  await link.letIn()
  return link
}
