/** Back-off by its properties, over every setting that a dialog lets through. */

import fc from 'fast-check'
import 'should'
import { ms } from '../../src/base/units.js'
import { type BackOff, waitAfter } from '../../src/policy/back-off.js'
import { testSeed } from '../world/seeded-random.js'

describe('back-off', () => {
  it('waits 1, 2, 4 … 60 s with the defaults and no jitter', () => {
    const backOff = { initial: ms(1000), factor: 2, max: ms(60_000), jitter: 0 }
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => waitAfter(failures, backOff, 0))
    waits.should.eql([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  })

  it('takes half of the wait away at most with a jitter of 50 %', () => {
    const backOff = { initial: ms(1000), factor: 2, max: ms(60_000), jitter: 0.5 }
    waitAfter(1, backOff, 0).should.equal(1000)
    waitAfter(1, backOff, 0.5).should.equal(750)
    waitAfter(1, backOff, 1 - Number.EPSILON).should.equal(500)
  })

  it('is a whole number of milliseconds, not negative and never over the maximum', () => {
    holds(
      fc.property(settings, failures, fraction, (backOff, count, random) => {
        const wait = waitAfter(count, backOff, random)
        return Number.isInteger(wait) && wait >= 0 && wait <= backOff.max
      }),
    )
  })

  it('never shrinks from one failure to the next', () => {
    holds(
      fc.property(
        settings,
        failures,
        fraction,
        (backOff, count, random) =>
          waitAfter(count + 1, backOff, random) >= waitAfter(count, backOff, random),
      ),
    )
  })

  it('takes away the share of the jitter at most', () => {
    holds(
      fc.property(settings, failures, fraction, (backOff, count, random) => {
        const longest = waitAfter(count, backOff, 0)
        const wait = waitAfter(count, backOff, random)
        return wait <= longest && wait >= longest * (1 - backOff.jitter) - 1
      }),
    )
  })

  it('is the same for everybody without jitter', () => {
    holds(
      fc.property(settings, failures, fraction, (backOff, count, random) => {
        const steady = { ...backOff, jitter: 0 }
        return waitAfter(count, steady, random) === waitAfter(count, steady, 0)
      }),
    )
  })

  it('reaches the maximum and stays there, however long the outage', () => {
    holds(
      fc.property(settings, (backOff) => {
        const growing = { ...backOff, factor: Math.max(1.01, backOff.factor) }
        return waitAfter(1_000_000, growing, 0) === backOff.max
      }),
    )
  })
})

/** Over 500 settings, the same ones in every run. */
const holds = <T>(property: fc.IProperty<T>) => {
  fc.assert(property, { seed: testSeed, numRuns: 500 })
}

const failures = fc.integer({ min: 1, max: 10_000 })
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** What a dialog lets through: initial 1 ms to 1 h, and a maximum that is not less. */
const settings: fc.Arbitrary<BackOff> = fc
  .record({
    initial: fc.integer({ min: 1, max: 3_600_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    above: fc.integer({ min: 0, max: 86_400_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ initial, factor, above, jitter }) => {
    return { initial: ms(initial), factor, max: ms(initial + above), jitter }
  })
