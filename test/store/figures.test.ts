/** What a queue tells of its limits, its disk and its files, for those who draw or scrape it. */

import should from 'should'
import { Spans } from '../../src/base/tally.js'
import { ms } from '../../src/base/units.js'
import { QueueGround, wall } from '../world/queue-ground.js'
import { directory, groundOf } from '../world/store-ground.js'

describe('the figures of a queue', () => {
  it('tell how near the nearest limit is: messages, bytes or age', async () => {
    const limits = { maxMessages: 10, maxBytes: 4000, maxAge: ms(100_000) }
    const q = await QueueGround.open({ limits })
    ratio(q).should.equal(0)
    await q.accept(['a', 'b'])
    ratio(q).should.equal(0.2)
    await q.accept(['x'.repeat(950), 'y'.repeat(950)])
    ratio(q).should.be.within(0.5, 0.6)
    await q.ground.world.clock.advance(90_000)
    ratio(q).should.be.within(0.89, 0.91)
    q.deliver(await q.take())
    await q.ground.world.clock.advance(1000)
    ratio(q).should.equal(0)
  })

  it('have the disk as a limit while others use its room, and never tell more than all', async () => {
    const limits = { maxMessages: 1000, freeDisk: { bytes: 5000 } }
    const q = await QueueGround.open({ limits }, groundOf({ wall, disk: { capacity: 1e9 } }))
    await q.accept(['a', 'b'])
    ratio(q).should.equal(0.002)
    const { disk, clock } = q.ground.world
    disk.capacity = 1_000 + disk.capacity - disk.free()
    await clock.advance(1000)
    ratio(q).should.equal(1)
    should(q.queue.ground.freeBytes).be.belowOrEqual(1_000)
  })

  it('count files that were set aside, also by openings before this one', async () => {
    const q = await QueueGround.open()
    should(q.queue.ground.quarantined).equal(0)
    await q.ground.finish(q.queue.close())
    q.ground.disk.put(`${directory}/holiday.seg`, Buffer.from('no segment at all'))
    await q.reopen()
    should(q.queue.ground.quarantined).equal(1)
    await q.reopen()
    should(q.queue.ground.quarantined).equal(1)
  })

  it('count each sync of its journal, and how long it took', async () => {
    const ground = groundOf({ wall, disk: { syncTakes: ms(20) } })
    const syncs = new Spans()
    const opening = QueueGround.open({}, Object.assign(ground, { syncs }))
    await ground.world.clock.advance(1000)
    const q = await opening
    const before = syncs.count
    const accepting = [q.begin('a'), q.begin('b')]
    await ground.world.clock.advance(100)
    await Promise.all(accepting)
    should(syncs.count).equal(before + 1)
    should(syncs.sumMs).be.aboveOrEqual(20 * syncs.count)
  })
})

const ratio = ({ queue }: QueueGround): number => queue.ground.limitRatio
