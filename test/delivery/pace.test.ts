/** Pace and forecast of a queue, second by second. */

import should from 'should'
import { instant } from '../../src/base/units.js'
import { Pace } from '../../src/delivery/pace.js'

describe('the pace of a queue', () => {
  const figures = (waiting: number, delivered = 0) => ({ waiting, bytes: waiting * 100, delivered })
  const limits = (maxMessages: number, maxBytes: number) => ({ maxMessages, maxBytes })

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
    const used = figures(300)
    const fullIn = (messages: number, bytes: number) =>
      Math.round((pace.fullIn(used, limits(300 + messages, 30_000 + bytes)) ?? 0) / 1000)
    fullIn(1000, 1e9).should.equal(100)
    fullIn(1e9, 1000).should.equal(1)
    fullIn(-5, 1000).should.equal(0)
  })

  it('is the same however seldom it is sampled', () => {
    const [often, seldom] = [new Pace(figures(900), instant(0)), new Pace(figures(900), instant(0))]
    for (let second = 1; second <= 30; second++) {
      const now = figures(900 - second * 10, second * 10)
      often.sample(now, instant(second * 1000))
      if (second % 10 === 0) seldom.sample(now, instant(second * 1000))
    }
    seldom.deliveredPerSecond.should.be.approximately(often.deliveredPerSecond, 1e-9)
    should(seldom.emptyIn(600)).be.approximately(60_000, 1e-6)
  })

  it('weighs what was long ago by how long ago it was', () => {
    const [often, seldom] = [new Pace(figures(0), instant(0)), new Pace(figures(0), instant(0))]
    for (const pace of [often, seldom]) pace.sample(figures(0, 100), instant(1000))
    for (let second = 2; second <= 5; second++) {
      often.sample(figures(0, 100), instant(second * 1000))
    }
    seldom.sample(figures(0, 100), instant(5000))
    seldom.deliveredPerSecond.should.be.approximately(often.deliveredPerSecond, 1e-9)
  })

  it('tells no end of a backlog that does not shrink, and none of nothing', () => {
    const pace = new Pace(figures(100), instant(0))
    should(pace.emptyIn(100)).equal(undefined)
    pace.sample(figures(150), instant(1000))
    should(pace.emptyIn(150)).equal(undefined)
    pace.sample(figures(0, 150), instant(2000))
    should(pace.emptyIn(0)).equal(undefined)
  })

  it('gives no forecast while the queue does not fill', () => {
    const pace = new Pace(figures(100), instant(0))
    should(pace.fullIn(figures(100), limits(101, 10_001))).equal(undefined)
    pace.sample(figures(50, 50), instant(1000))
    should(pace.fullIn(figures(50), limits(51, 5001))).equal(undefined)
  })

  it('gives no forecast before a hundredth of either limit is used', () => {
    const pace = new Pace(figures(0), instant(0))
    pace.sample(figures(5), instant(1000))
    const isForecast = (waiting: number, maxMessages: number, maxBytes: number) =>
      pace.fullIn(figures(waiting), limits(maxMessages, maxBytes)) !== undefined
    isForecast(5, 10_000, 1e9).should.equal(false)
    isForecast(99, 10_000, 1e9).should.equal(false)
    isForecast(100, 10_000, 1e9).should.equal(true)
    isForecast(99, 1e9, 1_000_000).should.equal(false)
    isForecast(100, 1e9, 1_000_000).should.equal(true)
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
