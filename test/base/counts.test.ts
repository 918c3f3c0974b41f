/** Counts of one node over its openings, and the time that things take, by bucket. */

import fc from 'fast-check'
import should from 'should'
import { type By, Carried, Counts, countIn } from '../../src/base/counts.js'
import { Spans, spanBounds } from '../../src/base/tally.js'
import { ms } from '../../src/base/units.js'

describe('counts that an owner goes on with', () => {
  it('begin at 0, whatever earlier processes have counted', () => {
    const carried = new Carried()
    carried.begin({ accepted: 500, overflow: 3 })
    carried.counted({ accepted: 502, overflow: 3 }).should.eql({ accepted: 2, overflow: 0 })
  })

  it('go on over an owner that is replaced, by one that knows all or by one that knows nothing', () => {
    const carried = new Carried()
    carried.begin({ accepted: 500 })
    carried.counted({ accepted: 510 }).should.eql({ accepted: 10 })
    carried.begin({ accepted: 510 })
    carried.counted({ accepted: 511 }).should.eql({ accepted: 11 })
    carried.begin({ accepted: 0 })
    carried.counted({ accepted: 4, expired: 1 }).should.eql({ accepted: 15, expired: 1 })
  })

  it('never go down, even if an owner takes back what it has counted', () => {
    const carried = new Carried()
    carried.begin({ accepted: 0 })
    carried.counted({ accepted: 7 })
    carried.counted({ accepted: 6 }).should.eql({ accepted: 7 })
    carried.counted({ accepted: 8 }).should.eql({ accepted: 8 })
  })

  it('of what was handed out again leave out first attempts, and what never went out', () => {
    const counts = new Counts()
    for (const attempts of [0, 1, 3, 2, 0]) counts.attempted(attempts)
    should(counts.redelivered).equal(3)
  })

  it('are the sum of what each owner has added, whatever it began with', () => {
    const word = fc.constantFrom('accepted', 'delivered', 'expired')
    const owner = fc.record({ found: fc.dictionary(word, fc.nat(1000)), added: fc.array(word) })
    fc.assert(
      fc.property(fc.array(owner), (owners) => {
        const carried = new Carried()
        const wanted: By = {}
        for (const { found, added } of owners) {
          const counts: By = { ...found }
          carried.begin(counts)
          for (const each of added) {
            countIn(counts, each)
            countIn(wanted, each)
          }
          const counted = carried.counted(counts)
          for (const each of ['accepted', 'delivered', 'expired']) {
            should(counted[each] ?? 0).equal(wanted[each] ?? 0)
          }
        }
      }),
    )
  })
})

describe('the counts of a node', () => {
  it('are the same records each time they are asked for', () => {
    const counts = new Counts()
    countIn(counts.by('refused'), 'overflow', 2)
    counts.by('refused').should.eql({ overflow: 2 })
    counts.spans('waits').add(ms(3))
    should(counts.spans('waits').count).equal(1)
    counts.ended('ok', ms(41))
    should(counts.outcomes['ok']?.sumMs).equal(41)
  })
})

describe('spans', () => {
  it('fall into the bucket of the first bound that they do not exceed', () => {
    const spans = new Spans()
    for (const span of [5, 5.1, 10_000, 10_001]) spans.add(ms(span))
    should(spans.count).equal(4)
    should(spans.buckets[0]).equal(1)
    should(spans.buckets[1]).equal(1)
    should(spans.buckets[spanBounds.length - 1]).equal(1)
    should(spans.buckets.reduce((sum, count) => sum + count, 0)).equal(3)
  })
})
