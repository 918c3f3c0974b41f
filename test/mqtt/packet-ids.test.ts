/** Packet ids are used once at a time, from 1 to 65,535, and again when they are free. */

import should from 'should'
import { LentIds, PacketIds } from '../../src/mqtt/packet-ids.js'

describe('packet ids', () => {
  it('count up, and begin again with 1', () => {
    const ids = new PacketIds<string>()
    const taken: number[] = []
    for (let n = 0; n < 65_537; n++) {
      const id = ids.add('x')
      taken.push(id)
      ids.delete(id)
    }
    should([taken[0], taken[1], taken[65_534], taken[65_535]]).eql([1, 2, 65_535, 1])
  })

  it('stand for what was put in, until that is taken out', () => {
    const ids = new PacketIds<string>()
    const [one, other] = [ids.add('one'), ids.add('other')]
    ids.delete(one)
    ids.delete(one)
    should([ids.get(one), ids.get(other), ids.get(other + 256)]).eql([
      ...[undefined, 'other', undefined],
    ])
  })

  it('are never given twice while they are in use, however many are', () => {
    const ids = new PacketIds<number>()
    const oldest = ids.add(-1)
    const used = Array.from({ length: 1000 }, (_, n) => ids.add(n))
    const inUse = new Set([oldest, ...used])
    let twice = 0
    for (let n = 0; n < 70_000; n++) {
      const id = ids.add(n)
      if (inUse.has(id)) twice++
      ids.delete(id)
    }
    should([inUse.size, twice]).eql([1001, 0])
    used.every((id, n) => ids.get(id) === n).should.be.true()
    should(ids.get(oldest)).equal(-1)
  })
})

describe('packet ids that are lent', () => {
  it('are in use like all others, until they are given back', () => {
    const ids = new PacketIds<string | undefined>()
    const lent = new LentIds(ids)
    const own = ids.add('own')
    const one = lent.allocate()
    const other = lent.allocate()
    should([own, one, other, lent.getLastAllocated()]).eql([1, 2, 3, 3])
    lent.deallocate(one)
    const again = Array.from({ length: 65_534 }, () => {
      const id = ids.add('short')
      ids.delete(id)
      return id
    })
    should([again.includes(own), again.includes(one), again.includes(other)]).eql([
      ...[false, true, false],
    ])
  })

  it('are the only ones that can be given back', () => {
    const ids = new PacketIds<string | undefined>()
    const lent = new LentIds(ids)
    const own = ids.add('own')
    const one = lent.allocate()
    lent.deallocate(own)
    lent.clear()
    should([ids.get(own), ids.get(one), lent.register(own)]).eql(['own', undefined, false])
    lent.allocate().should.equal(one + 1)
  })
})
