/** The newest message of each key: who makes whom stale, two keys with one hash, too many keys. */

import should from 'should'
import { Latest } from '../../src/store/latest.js'

describe('latest', () => {
  it('tells which message a newer one of the same key makes stale', () => {
    const latest = new Latest()
    should(latest.stored(7, newest(0, 'a'))).be.undefined()
    should(latest.stored(7, newest(1, 'a'))).eql(newest(0, 'a'))
    should(latest.stored(8, newest(2, 'b'))).be.undefined()
    should(latest.of(7)).eql(newest(1, 'a'))
  })

  it('makes nothing stale because of a message that has ended', () => {
    const latest = new Latest()
    latest.stored(7, newest(0, 'a'))
    latest.ended(7, 0)
    should(latest.stored(7, newest(1, 'a'))).be.undefined()
    latest.ended(7, 0)
    should(latest.of(7)).eql(newest(1, 'a'))
  })

  it('never lets two keys with one hash hide each other, and counts them', () => {
    const latest = new Latest()
    latest.stored(7, newest(0, 'a'))
    should(latest.stored(7, newest(1, 'b'))).be.undefined()
    should(latest.stored(7, newest(2, 'a'))).be.undefined()
    latest.unconflated.should.equal(2)
    should(latest.stored(7, newest(3, 'a'))).eql(newest(2, 'a'))
  })

  it('does not settle by an index what only an index has told of', () => {
    const latest = new Latest()
    latest.stored(7, newest(0, undefined))
    should(latest.stored(7, newest(1, 'a'))).be.undefined()
    latest.unconflated.should.equal(0)
  })

  it('takes a late word of an older message for nothing new', () => {
    const latest = new Latest()
    latest.stored(7, newest(5, 'a'))
    should(latest.stored(7, newest(4, 'a'))).be.undefined()
    should(latest.of(7)).eql(newest(5, 'a'))
  })

  it('knows 10,000 keys, counts what comes beyond, and takes others when some have ended', () => {
    const latest = new Latest()
    for (let n = 0; n < 10_003; n++) latest.stored(n + 1, newest(n, `${n}`))
    latest.unconflated.should.equal(3)
    should(latest.of(10_001)).be.undefined()
    should(latest.stored(10_000, newest(20_000, '9999'))).eql(newest(9999, '9999'))
    latest.ended(1, 0)
    latest.stored(10_001, newest(20_001, '10000'))
    should(latest.of(10_001)?.sequence).equal(20_001)
  })
})

const newest = (sequence: number, key: string | undefined) => ({ sequence, bytes: 70, key })
