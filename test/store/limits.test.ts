/** What the limits of a queue mean. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { floorOf, type Limits, messageMax, passed } from '../../src/store/limits.js'

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

const limits: Limits = {
  maxMessages: 10,
  maxBytes: 1000,
  maxAge: ms(1000),
  freeDisk: { bytes: 0 },
  overflow: 'reject',
  warnMessages: 'off',
}
