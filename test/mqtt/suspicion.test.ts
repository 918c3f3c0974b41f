/**
 * Who is to blame when a broker hangs up, as a story told end by end, and how often chance alone
 * would tell the same story. Pure.
 */

import should from 'should'
import {
  afterAck,
  afterEnd,
  mustBeAlone,
  needsControl,
  none,
  type Out,
  type Suspicion,
} from '../../src/mqtt/suspicion.js'
import { seededRandom, testSeed } from '../world/seeded-random.js'

const window: Out = { count: 20, oldest: 5, newest: 24 }
const alone = (order: number): Out => ({ count: 1, oldest: order, newest: order })

describe('suspicion', () => {
  it('falls on the oldest record when the broker hangs up on many', () => {
    const once = ended(none, window)
    mustBeAlone(once, 5).should.be.true()
    mustBeAlone(once, 6).should.be.false()
  })

  it('falls on all of them when it hangs up again', () => {
    const twice = ended(ended(none, window), { ...window, oldest: 6 })
    mustBeAlone(twice, 24).should.be.true()
    mustBeAlone(twice, 25).should.be.false()
  })

  it('asks for two controls after two ends with one record out', () => {
    const once = ended(none, alone(5))
    needsControl(once).should.be.false()
    const twice = ended(once, alone(5))
    needsControl(twice).should.be.true()
    needsControl(taken(twice, 6)).should.be.true()
    needsControl(taken(taken(twice, 6), 7)).should.be.false()
  })

  it('does not add up what happened to two different records', () => {
    needsControl(ended(ended(none, alone(5)), alone(6))).should.be.false()
  })

  it('never grows by an end that the broker is not the cause of', () => {
    const once = ended(none, alone(5))
    should(afterEnd(once, alone(5), 'none')).equal(once)
    should(afterEnd(none, window, 'none')).equal(none)
  })

  it('becomes certain at five strikes, when the broker takes another record once more', () => {
    let suspicion = held(5)
    for (const strike of [3, 4, 5]) {
      const { poison } = afterAck(suspicion, 10 * strike, 5)
      poison.should.equal(-1, `after ${strike - 1}`)
      suspicion = ended(taken(suspicion, 10 * strike), alone(5))
      suspicion.strikes.should.equal(strike)
    }
    const verdict = afterAck(suspicion, 60, Number.POSITIVE_INFINITY)
    verdict.poison.should.equal(5)
    verdict.suspicion.should.eql(none)
  })

  it('becomes certain after two strikes where the broker says that a packet is why', () => {
    const once = afterEnd(none, alone(5), 'spoken')
    needsControl(once).should.be.true()
    const twice = afterEnd(taken(once, 6), alone(5), 'spoken')
    afterAck(twice, 7, Number.POSITIVE_INFINITY).poison.should.equal(5)
  })

  it('does not grow over and over while nothing else goes through', () => {
    let suspicion = held(5)
    for (let times = 0; times < 10; times++) suspicion = ended(suspicion, alone(5))
    suspicion.strikes.should.equal(2)
    needsControl(suspicion).should.be.true()
  })

  it('keeps what else was out apart when one of it is set aside', () => {
    let suspicion = ended(ended(none, window), window)
    for (const next of [31, 32, 33, 34, 35]) {
      suspicion = taken(ended(suspicion, alone(5)), next)
    }
    suspicion.suspect.should.equal(-1)
    mustBeAlone(suspicion, 24).should.be.true()
  })

  it('ends when the broker takes the suspect after all', () => {
    const { suspicion, poison } = afterAck(held(5), 5, Number.POSITIVE_INFINITY)
    poison.should.equal(-1)
    suspicion.should.eql(none)
  })

  it('goes on until all that was out is taken', () => {
    const twice = ended(ended(none, window), window)
    const { suspicion } = afterAck(twice, 5, 6)
    mustBeAlone(suspicion, 24).should.be.true()
    afterAck(suspicion, 24, 25).suspicion.should.eql(none)
  })

  for (const blame of ['silent', 'none'] as const) {
    it(`takes a strike back when the control is not taken, blame: ${blame}`, () => {
      const thrice = ended(taken(held(5), 6), alone(5))
      const failed = afterEnd(thrice, alone(7), blame)
      should(failed).containEql({ suspect: 5, strikes: 2, controls: 0 })
      needsControl(failed).should.be.true()
      afterEnd(failed, alone(8), blame).strikes.should.equal(2)
    })
  }

  it('stays with the suspect while there is no other record', () => {
    needsControl(ended(held(5), alone(5))).should.be.true()
    needsControl(afterEnd(held(5), alone(5), 'none')).should.be.true()
  })

  describe('on a line that breaks by chance', () => {
    const runs = 20_000
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.7]) {
      it(`blames fewer than 30 good records in 10,000, where ${share} of all are hit`, () => {
        const random = seededRandom(testSeed)
        let blamed = 0
        for (let run = 0; run < runs; run++) {
          if (isBlamed(() => random.fraction() < share)) blamed++
        }
        should(blamed / runs).be.below(0.003, `seed ${testSeed}`)
      })
    }

    it('finds a bad record all the same, and soon', () => {
      const random = seededRandom(testSeed)
      for (let run = 0; run < 1_000; run++) {
        let sendings = 0
        const isBad = (order: number) => order === 0 || random.fraction() < 0.2
        isBlamed((order) => ++sendings < 1_000 && isBad(order)).should.be.true(`seed ${testSeed}`)
      }
    })
  })
})

const ended = (before: Suspicion, out: Out): Suspicion => afterEnd(before, out, 'silent')

const taken = (before: Suspicion, order: number): Suspicion => afterAck(before, order, 6).suspicion

/** Two ends with this record alone. */
const held = (order: number): Suspicion => ended(ended(none, alone(order)), alone(order))

/** Sends record 0 and others as the suspicion asks for them, until 0 is taken or set aside. */
function isBlamed(isHit: (order: number) => boolean): boolean {
  let suspicion = ended(none, { count: 2, oldest: 0, newest: 1 })
  for (let next = 1; ; ) {
    const order = needsControl(suspicion) ? next++ : 0
    if (isHit(order)) suspicion = ended(suspicion, alone(order))
    else {
      const verdict = afterAck(suspicion, order, next)
      if (verdict.poison === 0 || order === 0) return verdict.poison === 0
      suspicion = verdict.suspicion
    }
  }
}
