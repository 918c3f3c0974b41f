/** Packet ids are used once at a time, from 1 to 65,535, and again when they are free. */

import should from 'should'
import { PacketIds } from '../../src/mqtt/packet-ids.js'

describe('packet ids', () => {
  it('count up, and begin again with 1', () => {
    const ids = new PacketIds()
    should(ids.getLastAllocated()).equal(null)
    for (let n = 1; n <= 65_535; n++) ids.deallocate(ids.allocate() ?? 0)
    should(ids.getLastAllocated()).equal(65_535)
    should([ids.allocate(), ids.allocate(), ids.getLastAllocated()]).eql([1, 2, 2])
  })

  it('are not given again while they are in use, nor when all are', () => {
    const ids = new PacketIds()
    const all = new Set(Array.from({ length: 65_535 }, () => ids.allocate()))
    should([all.size, all.has(0), ids.allocate()]).eql([65_535, false, null])
    ids.deallocate(700)
    should([ids.allocate(), ids.allocate()]).eql([700, null])
    ids.clear()
    should(ids.allocate()).equal(701)
  })

  it('can be taken by their number', () => {
    const ids = new PacketIds()
    should([ids.register(1), ids.register(1), ids.allocate()]).eql([true, false, 2])
  })
})
