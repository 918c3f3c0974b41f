/** The journal while all is well: order, settling, space, totals over restarts. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { Journal } from '../../src/store/journal.js'
import {
  appendAll,
  codeOf,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const slow = { disk: { syncTakes: ms(20) } }

describe('journal', () => {
  it('gives messages back in order, whoever settled in between', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, texts(50))
    for (const n of [0, 1, 7, 30, 49]) journal.settle(recordOf(n, `m${n}`), 'delivered')
    const left = texts(50).filter((_, n) => ![0, 1, 7, 30, 49].includes(n))
    payloadsOf(await readAll(ground, journal)).should.eql(left)
    payloadsOf(await readAll(ground, await restarted(ground, journal))).should.eql(left)
  })

  it('skips settled messages when it reads from the disk, over many segments', async () => {
    const { ground, journal } = await opened({ segmentBytes: 2000 })
    await fill(ground, journal, 400)
    const next = await restarted(ground, journal)
    for (let n = 0; n < 400; n++) if (n % 7 !== 3) next.settle(recordOf(n, `m${n}`), 'delivered')
    const left = texts(400).filter((_, n) => n % 7 === 3)
    payloadsOf(await readAll(ground, next)).should.eql(left)
  })

  it('tells nothing of a message that is not durable yet', async () => {
    const { ground, journal } = await opened({}, slow)
    const appended = journal.append(message('a'))
    await ground.world.clock.advance(10)
    payloadsOf((await ground.finish(journal.read(0, all))).records).should.eql([])
    await ground.finishWithin(20, appended)
    payloadsOf((await ground.finish(journal.read(0, all))).records).should.eql(['a'])
  })

  it('settles a message once', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['a'])
    journal.settle(recordOf(0, 'a'), 'delivered').should.be.true()
    journal.settle(recordOf(0, 'a'), 'expired').should.be.false()
    journal.settle(recordOf(5, 'a'), 'expired').should.be.false()
    journal.totals.should.eql({ accepted: 1, delivered: 1 })
    journal.liveBytes.should.equal(0)
  })

  it('says that the system has an outcome also when its write is under way', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['a'])
    journal.settle(recordOf(0, 'a'), 'delivered')
    // Comes after the turn in which the write begins, which asked for it before.
    const told = new Promise<boolean>((go) => {
      ground.world.clock.soon(() => go(journal.told()))
    })
    should(await ground.finish(told)).be.true()
  })

  it('gives every message an id that it keeps over restarts', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, texts(3))
    const before = (await readAll(ground, journal)).map(({ id }) => id)
    new Set(before).size.should.equal(3)
    const next = await restarted(ground, journal)
    await appendAll(ground, next, ['new'])
    const after = (await readAll(ground, next)).map(({ id }) => id)
    after.slice(0, 3).should.eql(before)
    new Set(after).size.should.equal(4)
  })

  it('keeps the totals over restarts, drops that were never stored among them', async () => {
    const { ground, journal } = await opened({ segmentBytes: 1000 })
    await appendAll(ground, journal, texts(60))
    for (let n = 0; n < 60; n += 3) journal.settle(recordOf(n, `m${n}`), 'delivered')
    for (let n = 1; n < 60; n += 6) journal.settle(recordOf(n, `m${n}`), 'expired')
    for (let n = 0; n < 4; n++) journal.dropUnstored('overflow')
    let next = journal
    for (let n = 0; n < 3; n++) next = await restarted(ground, next)
    next.totals.should.eql({ accepted: 64, delivered: 20, expired: 10, overflow: 4 })
    next.waiting.should.equal(30)
    isBalanced(next).should.be.true()
  })

  it('counts nothing twice and loses no count when it is killed at any moment', async () => {
    const { ground, journal } = await opened({ segmentBytes: 600 })
    await appendAll(ground, journal, texts(20))
    const killed: StoreGround[] = []
    ground.disk.afterOperation = () => killed.push(ground.afterKill())
    for (let n = 0; n < 20; n += 2) {
      journal.settle(recordOf(n, `m${n}`), 'delivered')
      journal.dropUnstored('overflow')
      await ground.world.clock.settle()
    }
    killed.length.should.be.aboveOrEqual(10)
    for (const next of killed) isBalanced(await next.open()).should.be.true()
  })

  it('says that it was left in good order, and which may have been out when it was not', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, texts(5))
    journal.released({ upTo: 3, atMost: 2 })
    await ground.world.clock.settle()
    const suspects = (await ground.afterKill().open()).opening.suspects
    should(suspects).eql({ upTo: 3, atMost: 2, isSameBoot: true })
    const next = await restarted(ground, journal)
    should(next.opening.suspects).equal(undefined)
    next.opening.messages.should.equal(5)
  })

  it('takes nothing once it is closed, and closes once', async () => {
    const { ground, journal } = await opened()
    const pending = journal.append(message('last'))
    const closed = ground.finish(Promise.all([journal.close(), journal.close()]))
    should(await codeOf(journal.append(message('late')))).equal('INTERRUPTED')
    await closed
    await pending
    payloadsOf(await readAll(ground, await ground.open())).should.eql(['last'])
  })

  it('writes nothing and asks for nothing after it was closed', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['a'])
    await ground.finish(journal.close())
    const seen = ground.watch('write', 'sync', 'create')
    journal.settle(recordOf(0, 'a'), 'delivered')
    journal.dropUnstored('overflow')
    journal.released({ upTo: 1, atMost: 1 })
    await ground.world.clock.advance(60_000)
    seen.should.eql([])
    ground.faults.should.eql([])
    ground.world.clock.pending.should.equal(0)
  })

  it('gives the outcomes of the very last moment to the disk before it is closed', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, texts(3))
    journal.settle(recordOf(1, 'm1'), 'delivered')
    const next = await restarted(ground, journal)
    payloadsOf(await readAll(ground, next)).should.eql(['m0', 'm2'])
  })
})

describe('journal segments', () => {
  it('begin when the one before is full, and a large message has one of its own', async () => {
    const { ground, journal } = await opened({ segmentBytes: 1000 })
    for (const text of ['a'.repeat(500), 'b'.repeat(5000), 'c', 'd']) {
      await appendAll(ground, journal, [text])
    }
    ground.segments.length.should.equal(3)
    payloadsOf(await readAll(ground, journal))
      .map((text) => text[0])
      .should.eql(['a', 'b', 'c', 'd'])
    const next = await restarted(ground, journal)
    payloadsOf(await readAll(ground, next))
      .map((text) => text.length)
      .should.eql([500, 5000, 1, 1])
  })

  it('are gone after a drain but for two', async () => {
    const { ground, journal } = await opened({ segmentBytes: 1000 })
    await fill(ground, journal, 300)
    ground.segments.length.should.be.above(15)
    for (let n = 0; n < 300; n++) journal.settle(recordOf(n, `m${n}`), 'delivered')
    await ground.world.clock.advance(2000)
    ground.segments.length.should.be.belowOrEqual(2)
    isBalanced(await restarted(ground, journal)).should.be.true()
  })

  it('in the middle go too, while a message before them waits', async () => {
    const { ground, journal } = await opened({ segmentBytes: 1000 })
    await fill(ground, journal, 300)
    for (let n = 1; n < 300; n++) journal.settle(recordOf(n, `m${n}`), 'delivered')
    await ground.world.clock.advance(2000)
    ground.segments.length.should.be.belowOrEqual(4)
    payloadsOf(await readAll(ground, await restarted(ground, journal))).should.eql(['m0'])
  })

  it('are not begun anew for every message of a quiet queue', async () => {
    const { ground, journal } = await opened()
    const created = ground.watch('create')
    for (let n = 0; n < 100; n++) {
      await appendAll(ground, journal, [`m${n}`])
      journal.settle(recordOf(n, `m${n}`), 'delivered')
      await ground.world.clock.settle()
    }
    created.should.eql([])
  })
})

/** A few at a time: what is written at once stays in one segment. */
async function fill(ground: StoreGround, journal: Journal, count: number): Promise<void> {
  const all = texts(count)
  for (let n = 0; n < count; n += 5) await appendAll(ground, journal, all.slice(n, n + 5))
}

const all = { records: 1000, bytes: 1 << 20 }

async function opened(
  settings: Parameters<StoreGround['open']>[0] = {},
  world: Parameters<typeof groundOf>[0] = {},
  span = 1000,
) {
  const ground = groundOf(world)
  const opening = ground.open(settings)
  await ground.world.clock.advance(span)
  return { ground, journal: await opening }
}

async function restarted(ground: StoreGround, journal: Journal): Promise<Journal> {
  await ground.finish(journal.close())
  return ground.open({ segmentBytes: 1000 })
}
