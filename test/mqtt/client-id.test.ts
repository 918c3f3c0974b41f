/** The made-up client id: the same for one node on one machine, another everywhere else. */

import fc from 'fast-check'
import 'should'
import { clientIdFrom, clientIdsFrom } from '../../src/mqtt/client-id.js'
import { testSeed } from '../world/seeded-random.js'

describe('client id', () => {
  it('is what every broker must accept: 23 digits and letters at most', () => {
    holds(
      fc.property(fc.string(), fc.string(), fc.nat(99), (node, machine, member) =>
        /^[0-9a-zA-Z]{1,23}$/.test(clientIdFrom(node, machine, member)),
      ),
    )
  })

  it('is one for each connection, and made ones are all different', () => {
    const { clientId, moreClientIds } = clientIdsFrom('', 'n1', 'm1', 4)
    clientId.should.equal(clientIdFrom('n1', 'm1', 0))
    new Set([clientId, ...moreClientIds]).size.should.equal(4)
  })

  it('that a person wrote stays as it is for the first connection', () => {
    clientIdsFrom('gw1', 'n1', 'm1', 3).should.eql({
      clientId: 'gw1',
      moreClientIds: ['gw1-1', 'gw1-2'],
    })
    clientIdsFrom('gw1', 'n1', 'm1', 1).should.eql({ clientId: 'gw1', moreClientIds: [] })
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
