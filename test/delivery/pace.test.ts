/** Pace and forecast of a queue, second by second. */

import should from 'should'
import { instant } from '../../src/base/units.js'
import { Pace } from '../../src/delivery/pace.js'

describe('the pace of a queue', () => {
  const figures = (waiting: number, delivered = 0) => ({ waiting, bytes: waiting * 100, delivered })

  it('is what was delivered in the last seconds', () => {
    const pace = new Pace(figures(1000), instant(0))
    for (let second = 1; second <= 30; second++) {
      pace.sample(figures(1000, second * 35), instant(second * 1000))
    }
    Math.round(pace.deliveredPerSecond).should.equal(35)
  })

  it('takes no note of less than a second', () => {
    const pace = new Pace(figures(0), instant(0))
    pace.sample(figures(0, 500), instant(999))
    pace.deliveredPerSecond.should.equal(0)
  })

  it('tells when it is full by whichever limit comes first', () => {
    const pace = new Pace(figures(0), instant(0))
    for (let second = 1; second <= 30; second++) {
      pace.sample(figures(second * 10), instant(second * 1000))
    }
    const fullIn = (messages: number, bytes: number) =>
      Math.round((pace.fullIn({ messages, bytes }) ?? 0) / 1000)
    fullIn(1000, 1e9).should.equal(100)
    fullIn(1e9, 1000).should.equal(1)
    fullIn(-5, 1000).should.equal(0)
  })

  it('gives no forecast while the queue does not fill', () => {
    const pace = new Pace(figures(100), instant(0))
    should(pace.fullIn({ messages: 1, bytes: 1 })).equal(undefined)
    pace.sample(figures(50, 50), instant(1000))
    should(pace.fullIn({ messages: 1, bytes: 1 })).equal(undefined)
  })

  it('tells of a backlog once, when it is gone', () => {
    const pace = new Pace(figures(0), instant(0))
    for (const [waiting, at] of [
      [100, 0],
      [101, 1000],
      [400, 2000],
      [1, 8000],
    ] as const) {
      should(pace.level(waiting, instant(at))).equal(undefined)
    }
    should(pace.level(0, instant(9000))).eql({ count: 400, tookMs: 8000 })
    should(pace.level(0, instant(9001))).equal(undefined)
  })
})
