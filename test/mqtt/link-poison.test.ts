/**
 * A broker that hangs up on one message: the link finds out which one it is, sets it aside, and the
 * rest flows on. A broker that hangs up on everything, or does not answer, sets nothing aside.
 */

import should from 'should'
import { Harness } from './harness.js'

describe('link, with a message that the broker hangs up on', () => {
  it('sets it aside when it took others between five strikes, and delivers all in order', async () => {
    const link = await Harness.connected({ maxInFlight: 5 })
    const others = 'abcdefghijkl'.split('')
    const source = link.source('a', 'b', 'bad', ...others.slice(2))
    await serve(link, (payload) => payload !== 'bad')
    const settled = others.map((payload) => `${payload} delivered`)
    source.settled.should.eql([...settled.slice(0, 9), 'bad POISON', ...settled.slice(9)])
    const found = source.outcomes.find(({ is }) => is === 'refused')
    should(found).eql({
      is: 'refused',
      failure: { code: 'POISON', values: { n: 6 } },
      attempts: 6,
    })
    link.link.state.should.equal('connected')
    link.kinds.should.not.containEql('link.failed')
  })

  it('sets it aside after three attempts where the broker says that a packet is why', async () => {
    const link = await Harness.connected({ maxInFlight: 5 })
    const source = link.source('a', 'b', 'bad', 'c', 'd', 'e', 'f')
    await serve(link, (payload) => payload !== 'bad', { code: 0x81 })
    source.settled.should.eql([
      ...['a delivered', 'b delivered', 'c delivered', 'd delivered', 'e delivered'],
      ...['bad POISON', 'f delivered'],
    ])
    should(source.outcomes.find(({ is }) => is === 'refused')).containEql({ attempts: 3 })
  })

  it('does so when the broker takes its last acknowledgements with it', async () => {
    const link = await Harness.connected({ maxInFlight: 5 })
    const source = link.source('a', 'b', 'bad', ...'cdefghijkl'.split(''))
    await serve(link, (payload) => payload !== 'bad', { swallows: true })
    source.settled.filter((text) => text.endsWith('delivered')).length.should.equal(12)
    source.settled.filter((text) => text === 'bad POISON').length.should.equal(1)
  })

  it('is found within 10 s, for the broker is well', async () => {
    const link = await Harness.connected({ maxInFlight: 5 })
    link.source('bad', ...'abcdefghijkl'.split(''))
    const from = link.clock.monotonic()
    await serve(link, (payload) => payload !== 'bad')
    should(link.clock.monotonic() - from).be.belowOrEqual((1 + 2 + 4 + 1 + 1 + 1) * 1_000)
  })

  it('sends as controls what is of another topic, so that its own topic keeps its order', async () => {
    const link = await Harness.connected()
    const source = link.source()
    const other = { topic: 'u', payload: 'other' }
    source.send({ payload: 'suspect' }, { payload: 'behind' }, other)
    await link.clock.settle()
    for (let times = 0; times < 3; times++) {
      await link.hangUp()
      await link.comeBack()
    }
    link.wire.payloads.should.eql(['other'])
  })

  it('finds two that stand side by side', async () => {
    const link = await Harness.connected({ maxInFlight: 5 })
    const others = Array.from({ length: 40 }, (_, n) => `${n}`)
    const source = link.source('bad 1', 'bad 2', ...others)
    const from = link.clock.monotonic()
    await serve(link, (payload) => !payload.startsWith('bad'))
    const bad = source.settled.filter((text) => !text.endsWith('delivered'))
    bad.should.eql(['bad 1 POISON', 'bad 2 POISON'])
    const delivered = source.settled.filter((text) => text.endsWith('delivered'))
    delivered.should.eql(others.map((payload) => `${payload} delivered`))
    should(link.clock.monotonic() - from).be.belowOrEqual(60_000)
  })

  it('keeps trying it while there is nothing else, and knows when others come', async () => {
    const link = await Harness.connected()
    const source = link.source('bad')
    await link.clock.settle()
    for (let times = 0; times < 12; times++) {
      link.wire.payloads.should.eql(['bad'])
      await link.hangUp()
      await link.comeBack()
    }
    source.settled.should.eql([])
    for (const payload of ['a', 'b', 'c']) {
      await link.hangUp()
      source.give(payload)
      await link.comeBack()
      link.wire.payloads.should.eql([payload])
      await link.acknowledge(0)
      link.wire.payloads.should.eql([payload, 'bad'])
    }
    await link.hangUp()
    source.give('d')
    await link.comeBack()
    await link.acknowledge(0)
    source.settled.should.eql([
      ...['a delivered', 'b delivered', 'c delivered', 'd delivered', 'bad POISON'],
    ])
  })

  it('tries a suspect again whose controls came to an end with their source', async () => {
    const link = await Harness.connected()
    const source = link.source('suspect')
    const gone = link.source('a')
    await link.clock.settle()
    for (let times = 0; times < 3; times++) {
      await link.hangUp()
      await link.comeBack()
    }
    link.wire.payloads.should.eql(['a'])
    gone.detach()
    await link.cut()
    await link.comeBack()
    link.wire.payloads.should.eql(['suspect'])
    await link.acknowledge(0)
    source.settled.should.eql(['suspect delivered'])
  })

  it('sets nothing aside when the broker hangs up on the control too', async () => {
    const link = await Harness.connected({ maxInFlight: 1 })
    const source = link.source('a', 'b')
    await link.clock.settle()
    for (let times = 0; times < 12; times++) {
      await link.hangUp()
      await link.comeBack()
    }
    source.settled.should.eql([])
  })

  it('sets nothing aside when acknowledgements fail to come', async () => {
    const link = await Harness.connected({ maxInFlight: 1 })
    const source = link.source('a', 'b')
    await link.clock.settle()
    for (let times = 0; times < 6; times++) {
      await link.clock.advance(15_000)
      await link.comeBack()
      link.wire.payloads.should.eql(['a'])
    }
    source.settled.should.eql([])
  })

  it('sets nothing aside when the line is cut', async () => {
    const link = await Harness.connected({ maxInFlight: 1 })
    const source = link.source('a', 'b')
    await link.clock.settle()
    for (let times = 0; times < 6; times++) {
      await link.cut()
      await link.comeBack()
      link.wire.payloads.should.eql(['a'])
    }
    source.settled.should.eql([])
  })

  it('counts what was out on every connection of the pool', async () => {
    const link = await Harness.connected({ moreClientIds: ['gw2'] })
    const source = link.source().send({ topic: 'a', payload: 'a' }, { topic: 'b', payload: 'b' })
    await link.clock.settle()
    link.broker.attempts.all.map(({ payloads }) => payloads.length).should.eql([1, 1])
    for (let times = 0; times < 3; times++) {
      await link.hangUp()
      await link.comeBack()
    }
    source.settled.should.eql([])
  })

  it('finds it with a window of one, over a source that hands out no more than it must', async () => {
    const link = await Harness.connected({ maxInFlight: 1 })
    const good = Array.from({ length: 40 }, (_, n) => `${n}`)
    const left = ['bad 1', 'bad 2', ...good]
    const ends: string[] = []
    let out = 0
    link.link.attach({
      next() {
        const payload = out < link.link.maxInFlight ? left.shift() : undefined
        if (payload === undefined) return undefined
        out += 1
        const packet = { topic: 't', payload, qos: 1, retain: false } as const
        return {
          packet,
          settled: ({ is }) => {
            out -= 1
            ends.push(`${payload} ${is}`)
          },
        }
      },
    })
    await serve(link, (payload) => !payload.startsWith('bad'))
    const expected = [
      ...good.map((payload) => `${payload} delivered`),
      'bad 1 refused',
      'bad 2 refused',
    ]
    ends.toSorted().should.eql(expected.toSorted())
  })

  it('takes no other client for the culprit', async () => {
    const link = await Harness.connected({ maxInFlight: 1 })
    link.source('bad')
    await link.clock.settle()
    for (let times = 0; times < 4; times++) {
      await link.hangUp()
      link.link.state.should.equal('reconnecting')
      await link.comeBack()
    }
  })
})

/** The broker takes what it likes and hangs up on the rest, until nothing more comes. */
async function serve(
  link: Harness,
  likes: (payload: string) => boolean,
  { swallows = false, code = 0 } = {},
): Promise<void> {
  await link.clock.settle()
  for (let breaks = 0; breaks < 50; breaks++) {
    if (await takes(link, likes, swallows)) return
    if (code > 0) link.wire.disconnect(code)
    await link.hangUp()
    await link.comeBack()
  }
  throw new Error('there is no end to it')
}

/** False when it must hang up. */
async function takes(link: Harness, likes: (payload: string) => boolean, swallows: boolean) {
  for (let nth = 0; nth < link.wire.payloads.length; ) {
    const { payloads } = link.wire
    const bad = payloads.findIndex((payload, at) => at >= nth && !likes(payload))
    if (bad >= 0 && swallows) return false
    const until = bad < 0 ? payloads.length : bad
    for (; nth < until; nth++) link.wire.answer(nth)
    if (bad >= 0) return false
    await link.clock.settle()
  }
  return true
}
