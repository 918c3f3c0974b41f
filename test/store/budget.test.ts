/** What the journals of one process share. */

import 'should'
import { Budget } from '../../src/store/budget.js'
import { Tail } from '../../src/store/tail.js'
import { groundOf } from '../world/store-ground.js'

describe('budget', () => {
  it('lets two syncs run at a time, the others in the order of asking', async () => {
    const budget = new Budget()
    const { begun, syncs } = syncing(budget, 5)
    await groundOf().world.clock.settle()
    begun.should.eql([0, 1])
    syncs[1]?.end()
    await groundOf().world.clock.settle()
    begun.should.eql([0, 1, 2])
    for (const { end } of syncs) end()
    await groundOf().world.clock.settle()
    for (const { end } of syncs) end()
    await groundOf().world.clock.settle()
    begun.should.eql([0, 1, 2, 3, 4])
  })

  it('frees the place of a sync that failed', async () => {
    const budget = new Budget()
    for (let n = 0; n < 5; n++) {
      await budget.sync(() => Promise.reject(new Error('EIO'))).should.be.rejected()
    }
    await budget.sync(() => Promise.resolve())
  })

  it('bounds the recent messages of all journals together', () => {
    const budget = new Budget(64 << 20, 1000)
    const tails = [new Tail(budget), new Tail(budget)]
    for (let sequence = 0; sequence < 100; sequence++) {
      for (const tail of tails) tail.push(recent(sequence))
      budget.tailBytes.should.be.belowOrEqual(1000)
    }
    for (const tail of tails) tail.clear()
    budget.tailBytes.should.equal(0)
  })
})

function syncing(budget: Budget, count: number) {
  const begun: number[] = []
  const syncs = Array.from({ length: count }, (_, n) => {
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    budget.sync(() => {
      begun.push(n)
      return ended
    })
    return { end }
  })
  return { begun, syncs }
}

const recent = (sequence: number) => ({
  sequence,
  id: `q-${sequence}`,
  storedAt: 0,
  codec: 0,
  lane: 0,
  payload: Buffer.alloc(38),
  bytes: 100,
})
