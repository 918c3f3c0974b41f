/** What every source of chance keeps to, the real one and the seeded one of the tests. */

import 'should'
import type { Random } from '../../src/base/ports.js'
import { realRandom } from '../../src/host/random.js'
import { below, SeededRandom, seededRandom } from '../world/seeded-random.js'

function randomBehaves(name: string, make: () => Random): void {
  describe(`random (${name})`, () => {
    it('draws fractions from 0 up to, not including, 1, in every tenth', () => {
      const random = make()
      const tenths = new Set<number>()
      for (let draw = 0; draw < 2000; draw++) {
        const fraction = random.fraction()
        fraction.should.be.aboveOrEqual(0)
        fraction.should.be.below(1)
        tenths.add(Math.floor(fraction * 10))
      }
      tenths.size.should.equal(10)
    })

    it('draws exactly as many bytes as asked for', () => {
      const random = make()
      for (const count of [0, 1, 2, 3, 4, 5, 511, 4096]) {
        random.bytes(count).should.have.length(count)
      }
    })

    it('draws every value of a byte', () => {
      new Set(make().bytes(20_000)).size.should.equal(256)
    })

    it('hardly draws the same twice', () => {
      const random = make()
      const drawn = new Set<string>()
      for (let draw = 0; draw < 1000; draw++) {
        drawn.add(Buffer.from(random.bytes(8)).toString('hex'))
      }
      drawn.size.should.equal(1000)
    })
  })
}

randomBehaves('real', () => realRandom)
randomBehaves('seeded', () => seededRandom(7))

describe('seeded random', () => {
  const tenWords = (seed: number) => {
    const random = new SeededRandom(seed)
    return Array.from({ length: 10 }, () => random.word())
  }

  it('repeats itself for the same seed', () => {
    tenWords(42).should.eql(tenWords(42))
  })

  it('differs for neighbouring seeds', () => {
    const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => tenWords(seed)[0]))
    firsts.size.should.equal(1000)
  })

  it('draws whole numbers below a limit, each of them', () => {
    const random = seededRandom(3)
    const drawn = new Set(Array.from({ length: 500 }, () => below(random, 6)))
    ;[...drawn].sort().should.eql([0, 1, 2, 3, 4, 5])
  })
})
