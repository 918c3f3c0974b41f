/** Who is to blame when a broker hangs up, as a story told end by end. Pure. */

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

  it('asks for a control after two ends with one record out', () => {
    const once = ended(none, alone(5))
    needsControl(once).should.be.false()
    needsControl(ended(once, alone(5))).should.be.true()
  })

  it('does not add up what happened to two different records', () => {
    needsControl(ended(ended(none, alone(5)), alone(6))).should.be.false()
  })

  it('never grows by an end that the broker is not the cause of', () => {
    const once = ended(none, alone(5))
    should(afterEnd(once, alone(5), false)).equal(once)
    should(afterEnd(none, window, false)).equal(none)
  })

  it('becomes certain when the broker takes another record', () => {
    const { suspicion, poison } = afterAck(held(5), 6, 5)
    poison.should.equal(5)
    suspicion.should.eql(none)
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

  for (const isBlamed of [true, false]) {
    it(`has both stay when the control is not taken, hung up on: ${isBlamed}`, () => {
      const failed = afterEnd(held(5), alone(6), isBlamed)
      needsControl(failed).should.be.false()
      failed.skips.should.equal(1)
      needsControl(ended(ended(failed, alone(5)), alone(5))).should.be.true()
    })
  }

  it('stays with the suspect while there is no other record', () => {
    needsControl(ended(held(5), alone(5))).should.be.true()
    needsControl(afterEnd(held(5), alone(5), false)).should.be.true()
  })
})

const ended = (before: Suspicion, out: Out): Suspicion => afterEnd(before, out, true)

/** Two ends with this record alone. */
const held = (order: number): Suspicion => ended(ended(none, alone(order)), alone(order))
