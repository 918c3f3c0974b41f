/**
 * The field "Dead letters to" at work, without Node-RED: a message is handed over until the chosen
 * node has kept it, whatever comes in between, and nothing goes on when its own node has closed.
 */

import should from 'should'
import { DeadLetters, type Given } from '../../nodes/common/dead-letters.js'
import { type GivenLetter, LetterBoxes } from '../../nodes/common/letter-boxes.js'
import { Fault } from '../../src/base/fault.js'
import { epochMs, ms } from '../../src/base/units.js'
import { ManualClock } from '../world/manual-clock.js'

const given: Given = {
  ...{ msg: { payload: 1 }, reason: 'max-attempts', attempts: 5, firstAt: epochMs(5) },
  ...{ failures: [], path: [] },
}

describe('a node that names a dead letter node', () => {
  let clock: ManualClock
  let boxes: LetterBoxes
  let letters: DeadLetters
  let kept: GivenLetter[]
  let complaints: unknown[]

  beforeEach(() => {
    clock = new ManualClock()
    boxes = new LetterBoxes()
    kept = []
    complaints = []
    const work = {
      node: { id: 'q1', type: 'persistent-queue' },
      complain: (error: unknown) => void complaints.push(error),
      needs: () => () => {},
    }
    letters = new DeadLetters({ hall: { world: { clock }, letterBoxes: boxes }, work }, 'd1')
  })

  it('says who gave up, and why where nothing was tried', async () => {
    boxes.open('d1', { accept: async (letter) => void kept.push(letter) })
    await letters.keep({ ...given, reason: 'expired' })
    should(kept[0]).match({ from: { id: 'q1' }, reason: 'expired', attempts: 5 })
    should(kept[0]?.failures[0]?.blame).match({
      code: 'MESSAGE_DROPPED',
      values: { reason: 'expired' },
    })
    await letters.keep({ ...given, reason: 'poison' })
    should(kept[1]?.failures[0]?.blame).match({ code: 'POISON', kind: 'permanent' })
  })

  it('tries again until it is kept, and complains once', async () => {
    const keeping = letters.keepAtLast(given)
    await clock.settle()
    let isFull = true
    boxes.open('d1', {
      accept: async (letter) => {
        if (isFull) throw new Fault('DISK_FULL')
        kept.push(letter)
      },
    })
    await clock.advance(ms(5000))
    kept.length.should.equal(0)
    isFull = false
    await clock.advance(ms(5000))
    await keeping
    kept.length.should.equal(1)
    complaints.length.should.equal(1)
  })

  it('stops trying when it closes', async () => {
    void letters.keepAtLast(given)
    await clock.settle()
    letters.close()
    boxes.open('d1', { accept: async (letter) => void kept.push(letter) })
    await clock.advance(ms(60_000))
    kept.length.should.equal(0)
  })

  it('finds the latest of two nodes with one id, and none that has left', () => {
    const [one, other] = [{ accept: async () => {} }, { accept: async () => {} }]
    const leaveFirst = boxes.open('d1', one)
    const leave = boxes.open('d1', other)
    leaveFirst()
    should(boxes.of('d1')).equal(other)
    leave()
    letters.isThere.should.be.false()
  })
})
