/** A rate limit as arithmetic: what a second lets through, in messages and in bytes. */

import fc from 'fast-check'
import 'should'
import { after, type Instant, instant, ms } from '../../src/base/units.js'
import { mayGoAt, paced, type Rate, unpaced } from '../../src/policy/rate.js'
import { testSeed } from '../world/seeded-random.js'

describe('rate', () => {
  it('lets everything through that is not limited', () => {
    sentIn(1_000, {}, 100).length.should.equal(100)
  })

  it('spaces messages evenly after a first handful', () => {
    sentIn(100, { messagesPerSecond: 100 }).should.eql([
      ...[0, 0, 0, 0, 0, 0],
      ...[10, 20, 30, 40, 50, 60, 70, 80, 90],
    ])
  })

  it('counts less than one a second too', () => {
    sentIn(1_000_000, { messagesPerSecond: 10 / 3_600 }).should.eql([0, 359_950, 719_950])
  })

  it('lets a message of any size go, and has the next ones wait for it', () => {
    sentIn(5_000, { bytesPerSecond: 100 }, 10, 200).should.eql([0, 1_950, 3_950])
  })

  it('keeps both limits when there are two', () => {
    const both = { messagesPerSecond: 1, bytesPerSecond: 1_000 }
    sentIn(4_000, both, 10, 2_000).should.eql([0, 1_950, 3_950])
    sentIn(2_000, both, 10, 10).should.eql([0, 950, 1_950])
  })

  it('saves nothing up while nothing is sent', () => {
    const rate = { messagesPerSecond: 10 }
    const once = paced(unpaced, start, 1, rate)
    const later = after(start, ms(60_000))
    const again = paced(once, later, 1, rate)
    ;(mayGoAt(again) - later).should.equal(50)
  })

  it('is never exceeded by more than the handful, whenever messages come', () => {
    const gaps = fc.array(fc.nat(300), { minLength: 1, maxLength: 200 })
    const property = fc.property(gaps, fc.integer({ min: 1, max: 50 }), (waits, perSecond) => {
      const times = sent(waits, { messagesPerSecond: perSecond })
      for (const [index, from] of times.entries()) {
        const within = times.slice(index).filter((at) => at < from + 1_000).length
        within.should.be.belowOrEqual(Math.floor(perSecond * 1.05) + 1)
      }
    })
    fc.assert(property, { seed: testSeed, numRuns: 200 })
  })
})

const start = instant(1_000)

/** When messages go that are there from the beginning, in ms since then. */
function sentIn(span: number, rate: Rate, count = 1_000, size = 1): number[] {
  const times = sent(Array(count).fill(0), rate, size)
  return times.filter((at) => at < span)
}

/** Each message comes so long after the one before has gone. */
function sent(waits: readonly number[], rate: Rate, size = 1): number[] {
  let state = unpaced
  let now: Instant = start
  return waits.map((wait) => {
    now = after(now, ms(wait))
    const at = mayGoAt(state)
    if (at > now) now = at
    state = paced(state, now, size, rate)
    return Math.round(now - start)
  })
}
