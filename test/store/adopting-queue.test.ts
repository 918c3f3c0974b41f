/**
 * A queue that takes over what waits in a directory without an owner: all classes of priority, the
 * ids and the order kept, the limits of the new owner obeyed.
 */

import should from 'should'
import { Queue } from '../../src/store/queue.js'
import { codeOf, groundOf, message, type StoreGround, texts } from '../world/store-ground.js'

describe('a queue that adopts an orphan', () => {
  it('takes over all classes, with their ids, at its own end', async () => {
    const ground = groundOf({})
    const orphan = await open(ground, 'old')
    await ground.finish(Promise.all(texts(5).map((text) => orphan.accept(message(text), text))))
    await ground.finish(orphan.accept(message('urgent'), 'urgent', 'high'))
    const ids = (await ground.finish(orphan.peek(10))).map(({ id }) => id).sort()
    await ground.finish(orphan.close())
    const queue = await open(ground, 'new')
    await ground.finish(queue.accept(message('own'), 'own'))
    ;(await ground.finish(queue.adopt('/data/old'))).should.eql({ messages: 6, stopped: undefined })
    const records = await ground.finish(queue.peek(10))
    const found = records.map(({ payload }) => Buffer.from(payload).toString())
    found.should.eql(['own', 'urgent', ...texts(5)])
    const adopted = records.slice(1).map(({ id }) => id)
    adopted.sort().should.eql(ids)
    queue.totals.should.eql({ accepted: 7 })
    should(await ground.finish(codeOf(queue.adopt('/data/old')))).equal('DISK_UNWRITABLE')
  })

  it('stops at its limit, and leaves the rest where it is', async () => {
    const ground = groundOf({})
    const orphan = await open(ground, 'old')
    await ground.finish(Promise.all(texts(5).map((text) => orphan.accept(message(text), text))))
    await ground.finish(orphan.close())
    const queue = await open(ground, 'new', 3)
    const { messages, stopped } = await ground.finish(queue.adopt('/data/old'))
    messages.should.equal(3)
    should(stopped?.code).equal('QUEUE_FULL')
    const left = await open(ground, 'old')
    left.waiting.should.equal(2)
  })
})

function open(ground: StoreGround, name: string, maxMessages = 100): Promise<Queue> {
  const limits = {
    maxMessages,
    maxBytes: 1 << 24,
    maxAge: 'unlimited',
    freeDisk: { bytes: 0 },
    overflow: 'reject',
    warnMessages: 'off',
  } as const
  return ground.finish(
    Queue.open(ground, {
      directory: `/data/${name}`,
      queueId: name,
      durability: { is: 'each' },
      ballastBytes: 0,
      limits,
      keyOf: ({ payload }) => Buffer.from(payload).toString(),
    }),
  )
}
