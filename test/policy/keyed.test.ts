/** The bounded registry: who stays, who goes, and what a key is. */

import fc from 'fast-check'
import should from 'should'
import { Keyed, keyFrom, sharedKey } from '../../src/policy/keyed.js'
import { testSeed } from '../world/seeded-random.js'

interface Thing {
  readonly of: string
  isBusy: boolean
}

describe('a key', () => {
  const rows: readonly [value: unknown, key: string][] = [
    ...[['press-3', 'press-3'] as const, [7, '7'] as const, [true, 'true'] as const],
    ...['', undefined, null, {}, [], () => 1].map((value) => [value, sharedKey] as const),
    ['x'.repeat(129), 'x'.repeat(128)],
  ].map(([value, key]) => [value, String(key)])
  for (const [value, key] of rows) {
    it(`of ${String(value).slice(0, 20)} (${typeof value}) is '${key.slice(0, 20)}'`, () => {
      keyFrom(value).should.equal(key)
    })
  }
})

describe('a registry of keys', () => {
  it('keeps one for each key', () => {
    const { keyed, of } = registry(10)
    of('a').should.equal(of('a'))
    of('a').should.not.equal(of('b'))
    should([...keyed.entries()].map(([key]) => key).sort()).eql(['a', 'b'])
  })

  it('forgets the longest unused when it is full', () => {
    const { keyed, of } = registry(4)
    for (const key of ['a', 'b', 'c', 'a', 'd']) of(key)
    should([...keyed.entries()].map(([key]) => key).sort()).eql(['a', 'c', 'd'])
  })

  it('never forgets one that is at work', () => {
    const { keyed, of } = registry(3)
    of('a').isBusy = true
    of('b')
    of('c')
    should([...keyed.entries()].map(([key]) => key).sort()).eql(['a', 'c'])
  })

  it('lets a further key share the one of those without a key when all are at work', () => {
    const { keyed, of } = registry(3)
    of('a').isBusy = true
    of('b').isBusy = true
    of('c').of.should.equal(sharedKey)
    of('d').should.equal(of(sharedKey))
    should(keyed.crowded).equal(2)
    should(keyed.size).equal(3)
    of('a').of.should.equal('a')
  })

  it('forgets on demand, at work or not', () => {
    const { keyed, of } = registry(3)
    const before = of('a')
    before.isBusy = true
    keyed.forget('a').should.be.true()
    keyed.forget('a').should.be.false()
    of('a').should.not.equal(before)
  })

  it('holds 1,000 at most, whatever comes', () => {
    const { keyed, of } = registry(undefined)
    for (let i = 0; i < 5000; i++) of(`key ${i}`).isBusy = i % 3 === 0
    keyed.size.should.be.belowOrEqual(1000)
  })

  it('never holds more than it may, nor loses one at work, whatever happens', () => {
    const step = fc.record({ key: fc.nat(9), isBusy: fc.boolean() })
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.array(step, { maxLength: 60 }),
        (max, steps) => {
          const { keyed, of } = registry(max)
          const busy = new Map<string, Thing>()
          for (const { key, isBusy } of steps) {
            const thing = of(key === 0 ? sharedKey : `key ${key}`)
            thing.isBusy = isBusy
            if (isBusy) busy.set(thing.of, thing)
            else busy.delete(thing.of)
            keyed.size.should.be.belowOrEqual(max)
            for (const [of, thing] of busy) should(keyed.get(of)).equal(thing)
          }
        },
      ),
      { seed: testSeed, numRuns: 500 },
    )
  })
})

function registry(max: number | undefined) {
  const keyed = new Keyed<Thing>(({ isBusy }) => !isBusy, max)
  const of = (key: string): Thing => {
    const entry = keyed.of(key, (under) => ({ of: under, isBusy: false }))
    entry.key.should.equal(entry.value.of)
    return entry.value
  }
  return { keyed, of }
}
