/** When the oldest message of a queue was stored: known whether or not anything was read. */

import should from 'should'
import { QueueGround, wall } from '../world/queue-ground.js'

describe('the oldest message', () => {
  it('is known before anything was read, and while it is out', async () => {
    const q = await QueueGround.open()
    const oldestAt = () => q.ground.finish(q.queue.oldestAt())
    should(await oldestAt()).equal(undefined)
    await q.accept(['a'])
    await q.ground.world.clock.advance(5000)
    await q.accept(['b'], 'high')
    await q.reopen()
    should(await oldestAt()).equal(wall)
    const [urgent, other] = await q.take()
    should(await oldestAt()).equal(wall)
    if (other !== undefined) q.deliver([other])
    should(await oldestAt()).equal(urgent?.storedAt)
    if (urgent !== undefined) q.deliver([urgent])
    should(await oldestAt()).equal(undefined)
  })
})
