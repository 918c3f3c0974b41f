/** Sets of whole numbers as text. */

import fc from 'fast-check'
import should from 'should'
import { eachOf, rangesIn, rangesOf } from '../../src/store/ranges.js'
import { testSeed } from '../world/seeded-random.js'

describe('ranges', () => {
  it('say runs by their ends', () => {
    rangesOf([1, 2, 3, 7, 9, 10]).should.equal('1-3,7,9-10')
    rangesOf([]).should.equal('')
  })

  it('read back as the numbers they were made of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300)), (numbers) => {
        const sorted = numbers.toSorted((a, b) => a - b)
        read(rangesOf(sorted), 0, 300).should.eql(sorted)
      }),
      { seed: testSeed, numRuns: 300 },
    )
  })

  it('say the same of bits, unless that takes too long a text', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300)), fc.nat(310), fc.nat(400), (numbers, count, max) => {
        const bits = new Uint8Array(38)
        for (const n of numbers) bits[n >> 3] = (bits[n >> 3] ?? 0) | (1 << (n & 7))
        const text = rangesOf(numbers.filter((n) => n < count).toSorted((a, b) => a - b))
        should(rangesIn(bits, count, max)).equal(text.length > max ? undefined : text)
      }),
      { seed: testSeed, numRuns: 500 },
    )
  })

  it('pass over what lies outside and what makes no sense', () => {
    read('1-9999999999999,3', 5, 7).should.eql([5, 6, 7])
    read('x,4-y,6', 0, 9).should.eql([6])
  })
})

function read(text: string, from: number, to: number): number[] {
  const numbers: number[] = []
  eachOf(text, from, to, (n) => numbers.push(n))
  return numbers
}
