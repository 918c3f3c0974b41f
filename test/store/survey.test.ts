/**
 * Looking into a directory that nobody has opened: what waits there is told and read whole, nothing
 * is changed by it, and a queue at work is not disturbed. And its removal, which takes the lock.
 */

import should from 'should'
import { erase } from '../../src/store/erasure.js'
import { Survey } from '../../src/store/survey.js'
import type { MemoryDisk } from '../world/memory-disk.js'
import { QueueGround, wall } from '../world/queue-ground.js'
import { codeOf, directory, payloadsOf } from '../world/store-ground.js'

describe('a survey', () => {
  it('tells what waits, of every priority, and reads it in order', async () => {
    const q = await QueueGround.open()
    await q.accept(['a', 'b'])
    await q.accept(['urgent'], 'high')
    const [urgent] = await q.take()
    if (urgent !== undefined) q.deliver([urgent])
    await q.ground.finish(q.queue.close())
    const survey = await q.ground.finish(Survey.of(q.ground.disk, directory))
    should([survey.messages, survey.oldestAt]).eql([2, wall])
    survey.bytes.should.be.above(0)
    payloadsOf(await q.ground.finish(allOf(survey))).should.eql(['a', 'b'])
  })

  it('changes nothing, not even what a crash has left', async () => {
    const q = await QueueGround.open()
    await q.accept(['a', 'b', 'c'])
    const next = q.ground.afterKill()
    const before = contentOf(next.disk)
    const survey = await next.finish(Survey.of(next.disk, directory))
    payloadsOf(await next.finish(allOf(survey))).should.eql(['a', 'b', 'c'])
    contentOf(next.disk).should.eql(before)
  })

  it('lets go of its file when nobody wants more', async () => {
    const q = await QueueGround.open()
    await q.accept(['a', 'b'])
    await q.ground.finish(q.queue.close())
    const survey = await q.ground.finish(Survey.of(q.ground.disk, directory))
    const seen = q.ground.watch('open', 'close')
    for (let times = 0; times < 3; times++) {
      for await (const { id } of survey.read()) {
        id.should.startWith('q1-')
        break
      }
    }
    const count = (kind: string) => seen.filter((each) => each.kind === kind).length
    should([count('open'), count('close')]).eql([3, 3])
  })

  it('is empty where there is no journal', async () => {
    const q = await QueueGround.open()
    q.ground.disk.put('/data/other/BREAKER.json', Buffer.from('{}'))
    const survey = await q.ground.finish(Survey.of(q.ground.disk, '/data/other'))
    should([survey.messages, survey.bytes, survey.oldestAt]).eql([0, 0, undefined])
  })
})

describe('an erasure', () => {
  it('removes all that is ours, and the directory', async () => {
    const q = await QueueGround.open()
    await q.accept(['a', 'b'])
    await q.accept(['urgent'], 'high')
    await q.ground.finish(q.queue.close())
    q.ground.disk.put(`${directory}/STATE.json`, Buffer.from('{}'))
    await q.ground.finish(erase(q.ground.world, directory))
    q.ground.disk.namesIn('/data').should.eql([])
  })

  it('leaves what is not ours', async () => {
    const q = await QueueGround.open()
    await q.ground.finish(q.queue.close())
    q.ground.disk.put(`${directory}/notes.txt`, Buffer.from('mine'))
    await q.ground.finish(erase(q.ground.world, directory))
    q.ground.disk.namesIn(directory).should.eql(['notes.txt'])
  })

  it('refuses while a queue is at work there', async () => {
    const q = await QueueGround.open()
    await q.accept(['a'])
    const before = q.ground.disk.namesIn(directory)
    const erasing = q.ground.finish(erase(q.ground.world, directory))
    should(await codeOf(erasing)).equal('STORE_BUSY')
    q.ground.disk.namesIn(directory).should.eql(before)
  })
})

/** Every file with its bytes. */
const contentOf = (disk: MemoryDisk) =>
  disk
    .namesIn(directory)
    .map((name) => [name, disk.bytesOf(`${directory}/${name}`).toString('hex')])

async function allOf(survey: Survey) {
  const all = []
  for await (const record of survey.read()) all.push(record)
  return all
}
