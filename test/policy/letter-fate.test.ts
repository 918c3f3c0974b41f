/** What becomes of a letter after each kind of end, as a table, and its counts over many. */

import fc from 'fast-check'
import should from 'should'
import {
  countsOnArrival,
  isPoison,
  type LetterCounts,
  letterFateOf,
} from '../../src/policy/letter-fate.js'
import type { ReleaseWorth } from '../../src/policy/release-worth.js'
import { testSeed } from '../world/seeded-random.js'

const runs = { seed: testSeed, numRuns: 500 }

const fresh: LetterCounts = {
  ...{ reason: 'timeout', redrives: 0, permanents: 0, cause: 'c1', isGivenUp: false },
}
const failed = { cause: 'c1', isPermanent: false, hasReturned: false }

const ends: ReadonlyArray<readonly [ReleaseWorth, boolean, string]> = [
  ['done', false, 'resolved delivered'],
  ['handed-over', false, 'resolved dead-lettered'],
  ['handed-over', true, 'failed'],
  ['ignored', false, 'back undecided'],
  ['interrupted', false, 'back undecided'],
  ['unsure', false, 'back undecided'],
  ['unreceived', false, 'back unreceived'],
  ['refused', false, 'back refused'],
  ['login', false, 'failed'],
  ['permanent', false, 'failed'],
  ['failed', false, 'failed'],
]

describe('fate of a dead letter', () => {
  for (const [worth, hasReturned, expected] of ends) {
    it(`is ${expected} after ${worth}${hasReturned ? ', when it came back' : ''}`, () => {
      const fate = letterFateOf(fresh, worth, { ...failed, hasReturned }, 5)
      const { is, as = '', why = '' } = { as: undefined, why: undefined, ...fate }
      should([is, as, why].filter((word) => word !== '').join(' ')).equal(expected)
    })
  }

  it('is to be given up at the fifth redrive, once', () => {
    const told: boolean[] = []
    const end = redriven(7, (_, isNew) => told.push(isNew))
    told.should.eql([false, false, false, false, true, false, false])
    should(end).match({ redrives: 7, isGivenUp: true, reason: 'max-attempts' })
  })

  it('is never to be given up where attempts are unlimited', () => {
    should(redriven(2000, () => {}, { attempts: 'unlimited' })).match({
      isGivenUp: false,
      redrives: 2000,
    })
  })

  it('is poison after three redrives of the same permanent cause, not of others', () => {
    const permanent = { ...failed, isPermanent: true }
    isPoison(redriven(2, () => {}, { failed: permanent })).should.be.false()
    const third = redriven(3, () => {}, { failed: permanent })
    isPoison(third).should.be.true()
    third.reason.should.equal('poison')
    should(again(third, { ...permanent, cause: 'c2' })).match({ permanents: 1 })
    should(again(third, failed)).match({ permanents: 0 })
    isPoison(redriven(4, () => {})).should.be.false()
  })

  it('counts every failure once and never goes back, whatever comes', () => {
    const end = fc.record({
      worth: fc.constantFrom(...ends.map(([worth]) => worth)),
      failed: fc.record({
        cause: fc.constantFrom('c1', 'c2'),
        isPermanent: fc.boolean(),
        hasReturned: fc.boolean(),
      }),
    })
    const attempts = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant('unlimited' as const))
    fc.assert(
      fc.property(fc.array(end, { maxLength: 30 }), attempts, (all, most) => {
        let letter = fresh
        let redrives = 0
        let givenUps = 0
        for (const { worth, failed: how } of all) {
          const fate = letterFateOf(letter, worth, how, most)
          if (fate.is === 'resolved') return
          if (fate.is === 'back') continue
          redrives++
          if (fate.isNewlyGivenUp) givenUps++
          letter = fate.counts
          letter.redrives.should.equal(redrives)
          letter.isGivenUp.should.equal(most !== 'unlimited' && redrives >= most)
          letter.permanents.should.be.belowOrEqual(redrives)
          letter.cause.should.equal(how.cause)
        }
        givenUps.should.equal(letter.isGivenUp ? 1 : 0)
      }),
      runs,
    )
  })

  const arrivals: ReadonlyArray<readonly [number, number, string, boolean]> = [
    [0, 1, 'timeout', false],
    [4, 5, 'timeout', false],
    [5, 1, 'max-attempts', true],
    [0, 6, 'cycle', true],
    [9, 9, 'cycle', true],
  ]
  for (const [redrives, hops, reason, isGivenUp] of arrivals) {
    it(`is ${reason} for a message with ${redrives} redrives and ${hops} hops`, () => {
      const arrival = { reason: 'timeout', redrives, hops, cause: 'c1' } as const
      should(countsOnArrival(arrival, 5)).match({ reason, isGivenUp, redrives })
    })
  }
})

function again(letter: LetterCounts, how: typeof failed, attempts: number | 'unlimited' = 5) {
  const fate = letterFateOf(letter, 'failed', how, attempts)
  if (fate.is !== 'failed') throw new Error(fate.is)
  return fate.counts
}

function redriven(
  times: number,
  told: (counts: LetterCounts, isNewlyGivenUp: boolean) => unknown,
  { failed: how = failed, attempts = 5 as number | 'unlimited' } = {},
): LetterCounts {
  let letter = fresh
  for (let n = 0; n < times; n++) {
    const fate = letterFateOf(letter, 'failed', how, attempts)
    if (fate.is !== 'failed') throw new Error(fate.is)
    letter = fate.counts
    told(letter, fate.isNewlyGivenUp)
  }
  return letter
}
