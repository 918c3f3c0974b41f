/** The made-up client id: the same for one node on one machine, another everywhere else. */

import fc from 'fast-check'
import 'should'
import { clientIdFrom } from '../../src/mqtt/client-id.js'
import { testSeed } from '../world/seeded-random.js'

describe('client id', () => {
  it('is what every broker must accept: 23 digits and letters at most', () => {
    holds(
      fc.property(fc.string(), fc.string(), fc.nat(99), (node, machine, member) =>
        /^[0-9a-zA-Z]{1,23}$/.test(clientIdFrom(node, machine, member)),
      ),
    )
  })

  it('ends with the number of the connection', () => {
    clientIdFrom('n1', 'm1', 3).should.endWith('3')
    clientIdFrom('n1', 'm1', 12).should.endWith('12')
  })

  it('is the same after a restart', () => {
    clientIdFrom('n1', 'm1', 0).should.equal(clientIdFrom('n1', 'm1', 0))
  })

  it('differs by node, by machine and by connection', () => {
    const ids = [
      clientIdFrom('n1', 'm1', 0),
      clientIdFrom('n2', 'm1', 0),
      clientIdFrom('n1', 'm2', 0),
      clientIdFrom('n1', 'm1', 1),
      clientIdFrom('n', '1m1', 0),
    ]
    new Set(ids).size.should.equal(ids.length)
  })
})

const holds = <T>(property: fc.IProperty<T>) => {
  fc.assert(property, { seed: testSeed, numRuns: 500 })
}
