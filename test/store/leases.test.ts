/** The table of what is out, beside a Map that is told the same. */

import 'should'
import fc from 'fast-check'
import { Leases } from '../../src/store/leases.js'
import type { StoredRecord } from '../../src/store/tail.js'

describe('leases', () => {
  it('hold what a map would hold, whatever is added and taken out', () => {
    const moves = fc.array(fc.tuple(fc.boolean(), fc.nat(400)), { maxLength: 600 })
    fc.assert(
      fc.property(moves, fc.constantFrom(1, 63, 64, 128, 1e12), (all, stride) => {
        const leases = new Leases()
        const model = new Map<number, StoredRecord>()
        for (const [isAdded, n] of all) {
          const sequence = n * stride
          if (isAdded) {
            const record = recordOf(sequence)
            leases.add(record)
            model.set(sequence, record)
          } else leases.delete(sequence).should.equal(model.delete(sequence))
          leases.size.should.equal(model.size)
        }
        for (let n = 0; n <= 400; n++) {
          leases.has(n * stride).should.equal(model.has(n * stride))
          ;(leases.get(n * stride) === model.get(n * stride)).should.be.true()
        }
        const numbers = leases.values().map(({ sequence }) => sequence)
        numbers.sort((a, b) => a - b).should.eql([...model.keys()].sort((a, b) => a - b))
      }),
      { numRuns: 100 },
    )
  })
})

function recordOf(sequence: number): StoredRecord {
  const payload = Buffer.alloc(0)
  return { sequence, id: `q-${sequence}`, storedAt: 0, codec: 0, lane: 0, payload, bytes: 62 }
}
