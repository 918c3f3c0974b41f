/** How surprising a silence is: against the normal distribution, and as hearts really beat. */

import fc from 'fast-check'
import should from 'should'
import { instant } from '../../src/base/units.js'
import {
  acceptablePauseMs,
  beat,
  freshHeart,
  type Heart,
  phi,
} from '../../src/policy/phi-accrual.js'
import { testSeed } from '../world/seeded-random.js'

describe('φ', () => {
  it('is not known before ten intervals', () => {
    const { heart, now } = beating(Array.from({ length: 9 }, () => 1000))
    should(phi(heart, instant(now + 60_000))).be.undefined()
    should(phi(freshHeart(), instant(5))).be.undefined()
  })

  it('is that of the normal distribution, but for the error of its approximation', () => {
    const intervals = Array.from({ length: 200 }, (_, i) => 1000 + (i % 2 === 0 ? 200 : -200))
    const { heart, now } = beating(intervals)
    for (const [deviations, chance] of upperTail) {
      const at = instant(now + 1000 + acceptablePauseMs + deviations * 200)
      should(10 ** -(phi(heart, at) ?? 0)).be.approximately(chance, 0.0003)
    }
  })

  it('forgives a pause of 3 s and tells one of 10 s, at a beat a second', () => {
    const { heart, now } = beating(Array.from({ length: 60 }, () => 1000))
    should(phi(heart, instant(now + 3900))).be.below(1)
    should(phi(heart, instant(now + 11_000))).be.above(8)
  })

  it('waits longer for a heart that beats irregularly', () => {
    const regular = beating(Array.from({ length: 50 }, () => 2000))
    const irregular = beating(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 500 : 3500)))
    const [one, other] = [regular, irregular].map(({ heart, now }) => {
      return phi(heart, instant(now + 8000)) ?? 0
    })
    should(one).be.above(other ?? 0)
  })

  it('grows with the silence, is never negative and never without end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 10, maxLength: 60 }),
        (intervals) => {
          const { heart, now } = beating(intervals)
          let before = 0
          for (const silence of [0, 10, 1000, 10_000, 1e6, 1e9]) {
            const value = phi(heart, instant(now + silence)) ?? Number.NaN
            should(Number.isFinite(value)).be.true()
            value.should.be.aboveOrEqual(before)
            before = value
          }
        },
      ),
      { seed: testSeed, numRuns: 300 },
    )
  })

  it('remembers the last 1,000 intervals', () => {
    const slow = Array.from({ length: 1000 }, () => 60_000)
    const { heart, now } = beating([...slow, ...Array.from({ length: 1000 }, () => 1000)])
    heart.intervals.length.should.equal(1000)
    should(phi(heart, instant(now + 11_000))).be.above(8)
  })
})

/** Deviations above the mean, and the chance of more (tables of the normal distribution). */
const upperTail = [
  [-2, 0.97725],
  [-1, 0.84134],
  [0, 0.5],
  [1, 0.15866],
  [2, 0.02275],
  [3, 0.00135],
] as const

function beating(intervals: readonly number[]): { heart: Heart; now: number } {
  const heart = freshHeart()
  let now = 1000
  beat(heart, instant(now))
  for (const interval of intervals) {
    now += interval
    beat(heart, instant(now))
  }
  return { heart, now }
}
