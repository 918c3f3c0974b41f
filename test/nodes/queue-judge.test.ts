/** What the judge of queues complains of: each promise broken once. */

import 'should'
import { QueueJudge } from '../world/queue-judge.js'

describe('the judge of a queue', () => {
  let judge: QueueJudge

  /** Lane 0 has 0, 10, 20, 30; lane 1 has 1, 11. */
  beforeEach(() => {
    judge = new QueueJudge({ isStrict: false })
    for (const [at, n] of [0, 1, 10, 11, 20, 30].entries()) got(n, at)
  })

  it('has nothing to say of a queue that goes on', () => {
    got(40, 10)
    judge.complaints.should.eql([])
  })

  it('allows the last of each lane once more after a stop', () => {
    judge.stops()
    got(30, 10, 2)
    got(11, 11, 2)
    got(40, 12)
    judge.complaints.should.eql([])
    got(40, 13, 2)
    judge.complaints.should.eql(['40 came again without need'])
  })

  it('complains of an attempt that is not raised', () => {
    judge.stops()
    got(30, 10, 1)
    judge.complaints.should.eql(['30 came again as attempt 1'])
  })

  it('complains of one that had ended before a stop', () => {
    judge.stops()
    got(20, 10, 2)
    judge.complaints.should.eql(['20 had ended and came again after 30'])
  })

  it('allows what is on the disk after a kill, once, and tells how much it was', () => {
    judge.killed(new Set([20, 30, 11, 40]))
    judge.kills.should.eql([{ inFlight: 2, ended: 1, endedMs: 1 }])
    for (const n of [20, 30, 11, 40]) got(n, 10)
    judge.complaints.should.eql([])
    got(30, 11)
    judge.complaints.should.eql(['30 had ended and came again after 40'])
  })

  it('complains of one that the disk does not know any more after a kill', () => {
    judge.killed(new Set([20, 30]))
    got(10, 10)
    judge.complaints.should.eql(['10 had ended and came again after 19'])
  })

  it('complains of one that ended long before a kill and is still on the disk', () => {
    got(40, 1011)
    judge.killed(new Set([0, 40]))
    judge.complaints.should.eql(['0 ended 1011 ms before and is kept'])
  })

  it('complains of a lane that is out of order, also when it goes back after a kill', () => {
    got(31, 10)
    got(21, 11)
    judge.complaints.should.eql(['21 came after 31'])
    judge.killed(new Set([20, 30]))
    got(30, 12)
    got(20, 13)
    judge.complaints.slice(1).should.eql(['20 came again after 30'])
  })

  function got(n: number, at: number, attempt = 1): void {
    judge.hear(['got', 'key', `${n}`, `${n % 10}`, `${attempt}`], at)
  }
})
