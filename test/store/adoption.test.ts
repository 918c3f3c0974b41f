/**
 * Adopting what waits in a directory without an owner: ids and times stay, nothing is lost at any
 * moment, and what cannot be moved stays where it is.
 */

import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import { adopt, type RefusalOf } from '../../src/store/adoption.js'
import { Journal } from '../../src/store/journal.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { seededRandom, testSeed } from '../world/seeded-random.js'
import {
  appendAll,
  codeOf,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  recordOf,
  StoreGround,
  texts,
} from '../world/store-ground.js'
import { afterPowerCut } from '../world/test-world.js'

const home = '/data/orphan'
const count = 250
const orphans = texts(count, 'o')

describe('adoption', () => {
  it('moves all that waits to the end, under the same ids and times', async () => {
    const { ground, journal, before } = await two()
    const adopted = await ground.finish(adopt(ground, home, journal, admitAll))
    should(adopted).eql({ messages: count, stopped: undefined })
    await appendAll(ground, journal, ['later'])
    for (const next of [journal, await restarted(ground, journal)]) {
      const records = await readAll(ground, next)
      payloadsOf(records).should.eql([...texts(20), ...orphans, 'later'])
      records
        .slice(20, 20 + count)
        .map(kept)
        .should.eql(before.map(kept))
      new Set(records.map(({ id }) => id)).size.should.equal(records.length)
      next.totals.should.eql({ accepted: 21 + count })
      isBalanced(next).should.be.true()
    }
  })

  it('removes the directory that it has emptied', async () => {
    const { ground, journal } = await two()
    await ground.finish(adopt(ground, home, journal, admitAll))
    ground.disk.namesIn('/data').should.eql(['q1'])
  })

  it("leaves what is not the journal's own, and what was set aside as damaged", async () => {
    const { ground, journal } = await two()
    ground.disk.put(`${home}/notes.txt`, Buffer.from('mine'))
    const name = ground.disk.namesIn(home).find((file) => file.endsWith('.seg')) ?? ''
    const at = ground.disk.bytesOf(`${home}/${name}`).indexOf('o7\n')
    ground.disk.rot(`${home}/${name}`, at, Buffer.from('x'))
    const { messages } = await ground.finish(adopt(ground, home, journal, admitAll))
    messages.should.equal(count - 1)
    ground.disk.namesIn(home).should.eql([`${name}.bad`, 'notes.txt'])
  })

  it('gives a message back under its first id when it is adopted again', async () => {
    const { ground, journal, before } = await two()
    await ground.finish(adopt(ground, home, journal, admitAll))
    await ground.finish(journal.close())
    const third = await open(ground, '/data/third')
    await ground.finish(adopt(ground, '/data/q1', third, admitAll))
    const records = await readAll(ground, third)
    records.slice(20).map(kept).should.eql(before.map(kept))
  })

  it('settles an adopted message like any other', async () => {
    const { ground, journal } = await two()
    await ground.finish(adopt(ground, home, journal, admitAll))
    for (const record of await readAll(ground, journal)) {
      journal.settle(record, 'delivered').should.be.true()
    }
    journal.liveBytes.should.equal(0)
    const next = await restarted(ground, journal)
    next.totals.should.eql({ accepted: 20 + count, delivered: 20 + count })
  })

  it('stops at a refusal, leaves the rest where it is, and goes on another time', async () => {
    const { ground, journal } = await two()
    const full = new Fault('QUEUE_FULL', { limit: 150, of: 'messages' })
    const refusal: RefusalOf = (messages) => (journal.waiting + messages > 150 ? full : undefined)
    const first = await ground.finish(adopt(ground, home, journal, refusal))
    should(first).eql({ messages: 130, stopped: full })
    const rest = await open(ground, home)
    payloadsOf(await readAll(ground, rest)).should.eql(orphans.slice(130))
    rest.totals.should.eql({ accepted: count + 1, expired: 1, operator: 130 })
    await ground.finish(rest.close())
    const second = await ground.finish(adopt(ground, home, journal, admitAll))
    should(second).eql({ messages: count - 130, stopped: undefined })
    payloadsOf(await readAll(ground, journal)).should.eql([...texts(20), ...orphans])
  })

  it('does not touch a journal that somebody works on', async () => {
    const { ground, journal } = await two()
    const owner = await open(ground, home)
    const seen = ground.disk.namesIn(home)
    should(await codeOf(ground.finish(adopt(ground, home, journal, admitAll)))).equal('STORE_BUSY')
    should(await codeOf(ground.finish(adopt(ground, '/data/q1', journal, admitAll)))).equal(
      'STORE_BUSY',
    )
    ground.disk.namesIn(home).should.eql(seen)
    payloadsOf(await readAll(ground, owner)).should.eql(orphans)
    payloadsOf(await readAll(ground, journal)).should.eql(texts(20))
  })

  it('makes no journal where there is none', async () => {
    const { ground, journal } = await two()
    ground.disk.put('/data/photos/holiday.jpg', Buffer.from('photo'))
    for (const place of ['/data/nowhere', '/data/photos']) {
      const code = await codeOf(ground.finish(adopt(ground, place, journal, admitAll)))
      should(code).equal('DISK_UNWRITABLE')
    }
    ground.disk.namesIn('/data/photos').should.eql(['holiday.jpg'])
    ground.disk.namesIn('/data').should.eql(['orphan', 'photos', 'q1'])
  })

  it('loses nothing when any operation fails', async () => {
    let stopped = 0
    for (let n = 1; n < 90; n++) {
      const { ground, journal } = await two()
      ground.disk.failNext(ground.disk.operations + n, n % 2 === 0 ? 'EIO' : 'ENOSPC')
      const adopted = await ground.finish(adopt(ground, home, journal, admitAll)).catch(asFault)
      if (adopted instanceof Fault || adopted.stopped !== undefined) stopped++
      ground.disk.heal()
      mustHoldAll(await found(ground.afterKill()), `operation ${n}`)
    }
    stopped.should.be.above(20)
  })

  for (const durability of [
    { is: 'each' },
    { is: 'interval', every: ms(50) },
    { is: 'system' },
  ] as const) {
    it(`loses nothing to kills and power cuts on the way, with durability ${durability.is}`, async () => {
      const random = seededRandom(testSeed)
      const { ground, journal } = await two(durability)
      await ground.world.clock.advance(2000)
      const crashed: StoreGround[] = []
      ground.disk.afterOperation = ({ kind }) => {
        if (kind === 'read' || kind === 'open' || kind === 'close') return
        crashed.push(ground.afterKill())
        for (let n = 0; n < 5; n++) {
          crashed.push(new StoreGround(afterPowerCut(ground.world, random)))
        }
      }
      await ground.finishWithin(2000, adopt(ground, home, journal, admitAll))
      ground.disk.afterOperation = undefined
      crashed.length.should.be.above(100)
      for (const [place, next] of crashed.entries())
        mustHoldAll(await found(next), `state ${place}`)
    })
  }
})

const admitAll: RefusalOf = () => undefined

const asFault = (error: unknown): Fault => {
  if (error instanceof Fault) return error
  throw error
}

/** All that must not change on the way. */
const kept = ({ id, storedAt, codec, lane, payload }: StoredRecord) => {
  return [id, storedAt, codec, lane, `${payload}`]
}

/** A journal with 20 messages, and beside it an orphan from another time. */
async function two(durability: JournalDurability = { is: 'each' }) {
  const ground = groundOf()
  const orphan = await open(ground, home)
  for (let n = 0; n < count; n += 10) {
    const some = orphans.slice(n, n + 10)
    const appended = some.map((text, place) => orphan.append(message(text, n + place)))
    await ground.finish(Promise.all(appended))
    await ground.world.clock.advance(7)
  }
  await appendAll(ground, orphan, ['gone'])
  orphan.settle(recordOf(count, 'gone'), 'expired')
  const before = await readAll(ground, orphan)
  await ground.finish(orphan.close())
  await ground.world.clock.advance(86_400_000)
  const journal = await open(ground, '/data/q1', durability)
  await ground.finishWithin(
    100,
    Promise.all(texts(20).map((text) => journal.append(message(text)))),
  )
  return { ground, journal, before }
}

async function found(ground: StoreGround): Promise<StoredRecord[]> {
  const there = [...(await recordsIn(ground, '/data/q1')), ...(await recordsIn(ground, home))]
  ground.events.filter(({ kind }) => kind === 'store.corrupt').should.eql([])
  return there
}

async function recordsIn(ground: StoreGround, directory: string): Promise<StoredRecord[]> {
  return readAll(ground, await open(ground, directory))
}

/** Twice is allowed, under one id. */
function mustHoldAll(records: readonly StoredRecord[], where: string): void {
  const byId = new Map(records.map((record) => [record.id, `${record.payload}`]))
  const payloads = [...byId.values()].sort()
  payloads.should.eql([...texts(20), ...orphans].sort(), where)
}

function open(
  ground: StoreGround,
  directory: string,
  durability: JournalDurability = { is: 'each' },
) {
  const settings = { directory, queueId: directory.slice(6), durability, ballastBytes: 0 }
  return ground.finish(Journal.open(ground, { ...settings, segmentBytes: 4000 }))
}

type JournalDurability = Parameters<typeof Journal.open>[1]['durability']

async function restarted(ground: StoreGround, journal: Journal): Promise<Journal> {
  await ground.finish(journal.close())
  return open(ground, '/data/q1')
}
