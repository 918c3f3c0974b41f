/**
 * A message that the broker hangs up on, seen from the queue: it is counted as poison, told to the
 * flow once, and everything else is delivered, in order and once.
 */

import should from 'should'
import { answerAll, forwarding, sendAll } from '../world/forwarding.js'
import { groundOf } from '../world/store-ground.js'

describe('a stored message that the broker hangs up on', () => {
  it('is set aside and told, and the rest goes out', async () => {
    const ground = groundOf({ wall: Date.UTC(2026, 11, 1) })
    const { queue, forwarder, broker, refused } = await forwarding(ground)
    broker.last.accept()
    await sendAll(ground, forwarder, ['a', 'bad', ...'bcdefghi'.split('')])
    broker.last.answer(0)
    for (let attempts = 0; attempts < 6; attempts++) {
      broker.last.hangUp()
      await ground.world.clock.advance(60_000)
      broker.last.accept()
      await ground.world.clock.settle()
      while (broker.last.payloads.at(-1) !== 'bad' && refused.length === 0) {
        broker.last.answer(broker.last.payloads.length - 1)
        await ground.world.clock.settle()
      }
    }
    await answerAll(ground, broker)
    queue.totals.should.eql({ accepted: 10, delivered: 9, poison: 1 })
    refused.map(([{ payload }, { code }]) => [payload, code]).should.eql([['bad', 'POISON']])
    should(queue.waiting).equal(0)
  })
})
