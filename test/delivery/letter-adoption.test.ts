/**
 * Letters, and messages of a queue, out of a directory without an owner among the letters of
 * another node: nothing is lost at any moment, nothing comes twice, and what cannot be moved stays
 * where it is.
 */

import should from 'should'
import { Letters } from '../../src/delivery/letters.js'
import { Queue } from '../../src/store/queue.js'
import {
  failed,
  groundOfLetters,
  Lettering,
  lettersSettings,
  originalOf,
} from '../world/lettering.js'
import { limitless } from '../world/queue-ground.js'
import { codeOf, type StoreGround } from '../world/store-ground.js'

const home = '/data/orphan'
const count = 25
const texts = Array.from({ length: count }, (_, n) => `letter ${n}`)

describe('the adoption of letters', () => {
  it('moves them in order, with id, cause and story, and counts them as accepted', async () => {
    const { ground, before } = await orphaned()
    const into = await Lettering.open({}, ground)
    await into.accept(failed('own'))
    should(await into.finish(into.letters.adopt(home))).eql({ messages: count, stopped: undefined })
    const [own, ...adopted] = await into.all()
    should(own?.id).startWith('dlq-')
    adopted
      .map(({ storedAt: _, number: _number, ...rest }) => rest)
      .should.eql(before.map(({ storedAt: _, number: _number, ...rest }) => rest))
    should(into.letters.totals).match({ accepted: count + 1, stored: count + 1 })
    ground.disk.namesIn('/data').should.eql(['q1'])
    const next = await into.afterKill()
    should((await next.texts()).slice(1)).eql(texts)
  })

  it('leaves behind what a person had deleted', async () => {
    const { ground, before } = await orphaned(2)
    const into = await Lettering.open({}, ground)
    await into.finish(into.letters.adopt(home))
    should(await into.texts()).eql(texts.slice(2))
    should(before.length).equal(count)
  })

  it('makes letters without a story of what a queue has left, the urgent ones first', async () => {
    const ground = groundOfLetters()
    const settings = { directory: home, queueId: 'orphan', durability: { is: 'each' } } as const
    const limits = { ...limitless }
    const keyOf = () => ''
    const queue = await ground.finish(Queue.open(ground, { ...settings, limits, keyOf }))
    const accept = (text: string, priority: 'normal' | 'high') => {
      const { codec, bytes } = originalOf({ payload: text })
      return ground.finish(queue.accept({ codec, payload: bytes, lane: 0 }, '', priority))
    }
    await accept('a', 'normal')
    await accept('urgent', 'high')
    await ground.finish(queue.close())
    const into = await Lettering.open({}, ground)
    should(await into.finish(into.letters.adopt(home))).match({ messages: 2 })
    should(await into.texts()).eql(['urgent', 'a'])
    should((await into.all())[0]).match({ failures: [], reason: 'operator', isGivenUp: false })
  })

  it('stops before a letter of the other node would have to go, and goes on another time', async () => {
    const { ground } = await orphaned()
    const small = await Lettering.open({ limits: { maxMessages: 10 } }, ground)
    const first = await small.finish(small.letters.adopt(home))
    should(first).match({ messages: 10, stopped: { code: 'QUEUE_FULL' } })
    should(await small.texts()).eql(texts.slice(0, 10))
    await small.finish(small.letters.close())
    const large = await Lettering.open({}, ground)
    should(await large.finish(large.letters.adopt(home))).match({ messages: count - 10 })
    should(await large.texts()).eql(texts)
  })

  it('makes no journal where there is none, and touches none that somebody works on', async () => {
    const { ground } = await orphaned()
    const into = await Lettering.open({}, ground)
    ground.disk.put('/data/photos/holiday.jpg', Buffer.from('photo'))
    for (const place of ['/data/nowhere', '/data/photos']) {
      should(await codeOf(into.finish(into.letters.adopt(place)))).equal('DISK_UNWRITABLE')
    }
    ground.disk.namesIn('/data/photos').should.eql(['holiday.jpg'])
    const owner = await ground.finish(Letters.open(ground, ofOrphan))
    should(await codeOf(into.finish(into.letters.adopt(home)))).equal('STORE_BUSY')
    should(owner.stats.waiting).equal(count)
  })

  it('loses none and doubles none, whenever the process is killed', async () => {
    let kills = 0
    for (let at = 1; ; at += 3) {
      const { ground } = await orphaned()
      const into = await Lettering.open({}, ground)
      const next = await killedAt(at, into)
      if (next === undefined) break
      kills++
      const after = await Lettering.open({}, next)
      const adoption = await codeOf(after.finish(after.letters.adopt(home)))
      // Killed at the very end, there is nothing left to adopt.
      should([undefined, 'DISK_UNWRITABLE']).containEql(
        typeof adoption === 'string' ? adoption : undefined,
      )
      const found = await after.texts()
      should([...found].sort()).eql([...texts].sort(), `killed at operation ${at}`)
    }
    kills.should.be.above(10)
  })
})

const ofOrphan = lettersSettings({ directory: home, queueId: 'orphan' })

/** Letters of a node that is gone, the first of them deleted by a person. */
async function orphaned(deleted = 0) {
  const ground = groundOfLetters()
  const letters = await ground.finish(Letters.open(ground, ofOrphan))
  const ids: string[] = []
  for (const text of texts) {
    ids.push((await ground.finish(letters.accept(failed(text)))).letter)
  }
  const before = (await ground.finish(letters.peek(100))).reverse()
  await ground.finish(letters.delete(ids.slice(0, deleted)))
  await ground.finish(letters.close())
  return { ground, before }
}

/** The next process after one that was killed so many operations into an adoption, if it was. */
async function killedAt(operation: number, into: Lettering): Promise<StoreGround | undefined> {
  const { ground } = into
  let seen = 0
  let next: StoreGround | undefined
  ground.disk.afterOperation = () => {
    seen++
    if (seen === operation) next = ground.afterKill()
  }
  await into.finish(into.letters.adopt(home))
  return next
}
