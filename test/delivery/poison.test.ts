/**
 * A message that the broker hangs up on, seen from the queue: it is counted as poison, told to the
 * flow once, and everything else is delivered, in order and once; after a crash as well, when what
 * was out is sent one at a time.
 */

import should from 'should'
import { forwarding, sendAll } from '../world/forwarding.js'
import { groundOf, StoreGround } from '../world/store-ground.js'
import { afterKill } from '../world/test-world.js'

const wall = Date.UTC(2026, 11, 1)
const good = 'abcdefghijklmnop'.split('')

describe('a stored message that the broker hangs up on', () => {
  it('is set aside and told, and the rest goes out', async () => {
    const scene = await forwarding(groundOf({ wall }))
    scene.broker.last.accept()
    await sendAll(scene.ground, scene.forwarder, ['a', 'bad', ...good.slice(1)])
    await serve(scene)
    isSetAside(scene)
  })

  it('is set aside after a crash too, when what was out goes one at a time', async () => {
    const before = await forwarding(groundOf({ wall }))
    before.broker.last.accept()
    await sendAll(before.ground, before.forwarder, ['bad', ...good])
    before.broker.last.payloads.length.should.equal(17)
    const scene = await forwarding(new StoreGround(afterKill(before.ground.world)))
    scene.broker.last.accept()
    await serve(scene)
    isSetAside(scene)
  })
})

type Scene = Awaited<ReturnType<typeof forwarding>>

/** Takes everything but what is bad, and hangs up on that, until nothing more comes. */
async function serve({ ground, broker }: Scene): Promise<void> {
  for (let ends = 0; ends < 30; ends++) {
    await answerGood(ground, broker.last)
    if (!broker.last.payloads.includes('bad')) return
    broker.last.hangUp()
    await ground.world.clock.advance(60_000)
    broker.last.accept()
  }
  throw new Error('there is no end to it')
}

async function answerGood(ground: StoreGround, wire: Scene['broker']['last']): Promise<void> {
  for (let nth = 0; ; nth++) {
    await ground.world.clock.settle()
    if (nth === wire.payloads.length || wire.payloads[nth] === 'bad') return
    wire.answer(nth)
  }
}

function isSetAside({ queue, refused, broker }: Scene): void {
  queue.totals.should.eql({ accepted: 17, delivered: 16, poison: 1 })
  refused.map(([{ payload }, { code }]) => [payload, code]).should.eql([['bad', 'POISON']])
  should(queue.waiting).equal(0)
  const answered = broker.attempts.all.flatMap((each) =>
    each.payloads.filter((_, nth) => each.answered.has(nth)),
  )
  answered.should.eql(good)
}
