/** What the limits of a queue mean. */

import should from 'should'
import { epochMs, instant, ms } from '../../src/base/units.js'
import { Ages, floorOf, type Limits, messageMax, passed } from '../../src/store/limits.js'

describe('limits', () => {
  const rows: ReadonlyArray<readonly [number, number, number, string | undefined]> = [
    [10, 1000, 1000, undefined],
    [11, 1000, 1000, 'messages'],
    [10, 1001, 2000, 'bytes'],
    [11, 1001, 0, 'messages'],
    [1, 501, 500, 'disk'],
    [1, 0, 0, undefined],
  ]
  for (const [messages, bytes, ceiling, limit] of rows) {
    it(`of ${messages} messages, ${bytes} bytes and a ceiling of ${ceiling}: ${limit}`, () => {
      should(passed(limits, { messages, bytes, ceiling })).equal(limit)
    })
  }

  it('let one message be a quarter of the queue, and 64 MB', () => {
    messageMax(limits).should.equal(250)
    messageMax({ ...limits, maxBytes: 1 << 30 }).should.equal(64 << 20)
  })

  it('keep a share of the disk free, or so many bytes', () => {
    floorOf({ share: 0.1 }, 1005).should.equal(100)
    floorOf({ bytes: 7 }, 1005).should.equal(7)
  })
})

describe('ages', () => {
  const stored = Date.UTC(2026, 11, 1)
  const minute = 60_000
  const hour = 60 * minute
  const fresh = () => new Ages(epochMs(stored), instant(0))
  const of = (ages: Ages, at: number, wall: number, now: number) =>
    ages.of(at, epochMs(wall), instant(now))

  it('are what has passed by the calendar', () => {
    should(of(fresh(), stored, stored + minute, minute)).equal(minute)
  })

  it('are none for a message from the future, and for one from before this package', () => {
    should(of(fresh(), stored + hour, stored, 0)).equal(0)
    should(of(fresh(), Date.UTC(1970, 0, 1), stored, 0)).equal(0)
  })

  it('are not known for a minute after the calendar jumped by more than an hour', () => {
    const ages = fresh()
    const jumped = stored + hour + 1
    should(of(ages, stored, jumped, 0)).equal(undefined)
    should(of(ages, stored, jumped + minute - 1, minute - 1)).equal(undefined)
    should(of(ages, stored, jumped + minute, minute)).equal(hour + 1 + minute)
    should(of(fresh(), stored, stored + hour, 0)).equal(hour)
  })
})

const limits: Limits = {
  maxMessages: 10,
  maxBytes: 1000,
  maxAge: ms(1000),
  freeDisk: { bytes: 0 },
  overflow: 'reject',
  warnMessages: 'off',
}
