/**
 * What a person's browser is told of a message that JSON has no form for. How an edited message is
 * laid over the first, the tests of the admin routes show.
 */

import { runInNewContext } from 'node:vm'
import should from 'should'
import { kindsIn } from '../../nodes/dlq/plain-message.js'

describe('the kinds in a message', () => {
  it('are none where JSON loses nothing', () => {
    kindsIn({ payload: { a: [1, 'x', null, true, { b: [] }] }, topic: '' }).should.eql({})
  })

  it('are named by their path, wherever they stand', () => {
    const payload = { when: new Date(5), list: [new Map(), { set: new Set() }], raw: Buffer.of(1) }
    kindsIn({ payload, count: 7n, gone: undefined, rate: Number.NaN }).should.eql({
      'payload.when': 'Date',
      'payload.list[0]': 'Map',
      'payload.list[1].set': 'Set',
      'payload.raw': 'Buffer',
      count: 'BigInt',
      gone: 'Undefined',
      rate: 'NaN or infinity',
    })
  })

  it('are known of what a function node has made, too', () => {
    kindsIn(runInNewContext('({ a: new Date(5), b: {}, c: [new Uint8Array(2)] })')).should.eql({
      a: 'Date',
      'c[0]': 'Uint8Array',
    })
  })

  it('are twenty at most', () => {
    const payload = Array.from({ length: 100 }, () => new Date(0))
    should(Object.keys(kindsIn({ payload }))).have.length(20)
  })
})
