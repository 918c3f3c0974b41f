/** The send ring: places are counted from the oldest unsettled record, and order is kept. */

import fc from 'fast-check'
import should from 'should'
import { Ring } from '../../src/mqtt/ring.js'
import { testSeed } from '../world/seeded-random.js'

describe('send ring', () => {
  it('takes one place for each record', () => {
    const ring = filled('a', 'b', 'c')
    ring.used.should.equal(3)
    ring.unsettled.should.equal(3)
  })

  it('keeps the places behind an unsettled record taken', () => {
    const ring = filled('a', 'b', 'c')
    ring.settle(1)
    ring.settle(2)
    ring.used.should.equal(3)
    ring.unsettled.should.equal(1)
  })

  it('frees them all once that record is settled', () => {
    const ring = filled('a', 'b', 'c')
    ring.settle(1)
    ring.settle(0)
    ring.used.should.equal(1)
    should(ring.oldest).equal('c')
  })

  it('settles a record once', () => {
    const ring = filled('a', 'b')
    should(ring.settle(1)).equal('b')
    should(ring.settle(1)).equal(undefined)
    should(ring.settle(7)).equal(undefined)
  })

  it('does not mistake a new record for an old one in the same slot', () => {
    const ring = new Ring<string>(2)
    ring.settle(ring.add('a'))
    ring.add('b')
    ring.add('c')
    should(ring.settle(0)).equal(undefined)
    ;[...ring].should.eql(['b', 'c'])
  })

  it('drains what is unsettled, oldest first, and is empty then', () => {
    const ring = filled('a', 'b', 'c')
    ring.settle(1)
    ring.drain().should.eql(['a', 'c'])
    ring.used.should.equal(0)
    ring.unsettled.should.equal(0)
    should(ring.oldest).equal(undefined)
  })

  it('refuses a record when it is full', () => {
    const ring = filled('a', 'b', 'c')
    ring.add('d')
    should(() => ring.add('e')).throw(RangeError)
  })

  it('agrees with a plain list, whatever happens to it', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 200, size: 'max' }), agrees), {
      seed: testSeed,
      numRuns: 500,
    })
  })
})

const placesMax = 4

function filled(...records: string[]): Ring<string> {
  const ring = new Ring<string>(placesMax)
  for (const record of records) ring.add(record)
  return ring
}

/** Add one, settle the nth unsettled one, or drain. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant('add' as const) },
  { weight: 5, arbitrary: fc.nat(placesMax) },
  { weight: 1, arbitrary: fc.constant('drain' as const) },
)

function agrees(steps: ReadonlyArray<'add' | 'drain' | number>): void {
  const ring = new Ring<number>(placesMax)
  let next = 0
  let list: Array<{ record: number; place: number }> = []
  for (const what of steps) {
    if (what === 'drain') {
      ring.drain().should.eql(list.map(({ record }) => record))
      list = []
    } else if (what === 'add') {
      if (ring.used < placesMax) list.push({ record: next, place: ring.add(next++) })
    } else {
      const [gone] = list.splice(what, 1)
      if (gone !== undefined) should(ring.settle(gone.place)).equal(gone.record)
    }
    ring.unsettled.should.equal(list.length)
    should(ring.oldest).equal(list[0]?.record)
    ;[...ring].should.eql(list.map(({ record }) => record))
  }
}
