/**
 * Several connections used as one: every topic keeps its order, each connection has a client id and
 * a window of its own, and they come and go together.
 */

import fc from 'fast-check'
import should from 'should'
import { ms } from '../../src/base/units.js'
import { testSeed } from '../world/seeded-random.js'
import { Harness } from './harness.js'

const moreClientIds = ['gw2', 'gw3']

describe('link with three connections', () => {
  it('connects each with an id of its own, and is connected when all are', async () => {
    const link = new Harness({ moreClientIds })
    link.link.open()
    link.wires.map(({ clientId }) => clientId).should.eql(['gw1', 'gw2', 'gw3'])
    const [one, two, three] = link.wires
    one?.accept()
    two?.accept()
    link.link.state.should.equal('connecting')
    three?.accept()
    link.link.state.should.equal('connected')
    link.kinds.should.eql(['link.connected'])
    should(link.link.tally).containEql({ connections: 1 })
  })

  it('uses them all, and one for each topic', async () => {
    const link = await Harness.connected({ moreClientIds, maxInFlight: 100 })
    link.source().send(...topics(60))
    await link.clock.settle()
    const seen = link.wires.map(({ packets }) => new Set(packets.map(({ topic }) => topic)))
    for (const each of seen) each.size.should.be.above(2)
    seen.reduce((sum, { size }) => sum + size, 0).should.equal(20)
  })

  it('keeps the order of each topic, whatever breaks', async () => {
    const history = fc.array(fc.constantFrom('answer', 'cut', 'hang up', 'give'), { maxLength: 40 })
    const property = fc.asyncProperty(history, async (acts) => {
      const link = await Harness.connected({ moreClientIds, maxInFlight: 4 })
      const source = link.source().send(...topics(30))
      for (const act of [...acts, 'cut']) await make(link, act, () => source.send(...topics(5)))
      for (let rounds = 0; rounds < 40; rounds++) await make(link, 'answer', () => undefined)
      inOrder(firstSendings(link)).should.be.true()
      new Set(source.settled).size.should.equal(source.settled.length)
    })
    await fc.assert(property, { seed: testSeed, numRuns: 60 })
  })

  it('has a window for each, the narrowest that one of them was granted', async () => {
    const link = new Harness({ moreClientIds, maxInFlight: 10 })
    link.link.open()
    for (const [index, wire] of link.wires.entries()) wire.accept({ receiveMaximum: 3 + index })
    link.source().send(...topics(100))
    await link.clock.settle()
    Math.max(...link.wires.map(({ packets }) => packets.length)).should.equal(3)
  })

  it('drops all when one ends, and replays over new ones', async () => {
    const link = await Harness.connected({ moreClientIds })
    link.source().send(...topics(20))
    await link.clock.settle()
    const before = link.wires
    before[1]?.fail('ETIMEDOUT')
    should(before.map(({ end }) => end)).eql(['destroyed', 'ended', 'destroyed'])
    link.kinds.should.eql(['link.connected', 'link.lost', 'link.reconnecting'])
    await link.comeBack()
    const sent = (wires: typeof before) => wires.map(({ payloads }) => payloads)
    sent(link.wires).should.eql(sent(before))
  })

  it('times out on the oldest record of each', async () => {
    const link = await Harness.connected({ moreClientIds })
    link.source().send(...topics(20))
    await link.clock.advance(10_000)
    const [first, ...others] = link.wires.filter(({ packets }) => packets.length > 0)
    for (const nth of first?.packets.keys() ?? []) first?.answer(nth)
    await link.clock.advance(4_999)
    link.link.state.should.equal('connected')
    others.length.should.be.above(0)
    await link.clock.advance(1)
    link.link.state.should.equal('reconnecting')
  })

  it('says goodbye on all', async () => {
    const link = await Harness.connected({ moreClientIds })
    await link.link.close(ms(300))
    for (const wire of link.wires) await wire.goodbye()
  })
})

/** Twenty topics in turn; the payload tells topic and number. */
const topics = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const topic = `line/${n % 20}`
    return { topic, payload: `${topic} ${counter++}` }
  })
let counter = 0

async function make(link: Harness, act: string, give: () => void): Promise<void> {
  if (act === 'give') give()
  if (act === 'answer') for (const wire of link.wires) answerAll(wire)
  if (act === 'cut') await link.cut()
  if (act === 'hang up') await link.hangUp()
  if (link.link.state !== 'connected') await link.comeBack()
  await link.clock.settle()
}

function answerAll(wire: Harness['wire']): void {
  for (const nth of wire.packets.keys()) if (!wire.answered.has(nth)) wire.answer(nth)
}

const firstSendings = (link: Harness): string[] => [
  ...new Set(link.broker.attempts.all.flatMap(({ payloads }) => payloads)),
]

function inOrder(payloads: readonly string[]): boolean {
  const last = new Map<string, number>()
  return payloads.every((payload) => {
    const [topic = '', number] = payload.split(' ')
    const isNext = (last.get(topic) ?? -1) < Number(number)
    last.set(topic, Number(number))
    return isNext
  })
}
