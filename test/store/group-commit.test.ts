/**
 * Group commit and durability: how many messages share a sync, when an append may resolve, and how
 * long an outcome may wait for the disk. Counted in operations of the disk, not in time.
 */

import 'should'
import { ms } from '../../src/base/units.js'
import {
  appendAll,
  groundOf,
  message,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const slow = { disk: { syncTakes: ms(20) } }

describe('group commit', () => {
  for (const outstanding of [1, 4, 16, 64, 256]) {
    it(`shares one sync among ${outstanding} outstanding messages`, async () => {
      const { ground, journal } = await opened({}, slow)
      const syncs = ground.watch('sync')
      const total = outstanding * 20
      let left = total
      const sender = async () => {
        while (left-- > 0) await journal.append(message('x'))
      }
      await ground.finishWithin(60_000, Promise.all(Array.from({ length: outstanding }, sender)))
      ;(total / syncs.length).should.be.aboveOrEqual(0.9 * outstanding)
    })
  }

  it('writes outcomes in the next loop turn while a slow sync runs', async () => {
    const { ground, journal } = await opened({}, slow)
    await ground.finishWithin(20, journal.append(message('a')))
    const appended = journal.append(message('b'))
    await ground.world.clock.settle()
    const writes = ground.watch('write')
    journal.settle(recordOf(0, 'a'), 'delivered')
    await ground.world.clock.settle()
    writes.length.should.equal(1)
    await ground.finishWithin(20, appended)
  })

  it('syncs outcomes on their own within a second', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, texts(2))
    const syncs = ground.watch('sync')
    journal.settle(recordOf(0, 'm0'), 'delivered')
    await ground.world.clock.advance(500)
    journal.settle(recordOf(1, 'm1'), 'delivered')
    await ground.world.clock.advance(499)
    syncs.length.should.equal(0)
    await ground.world.clock.advance(1)
    syncs.length.should.equal(1)
    await ground.world.clock.advance(10_000)
    syncs.length.should.equal(1)
  })

  it('does so too when they came while a sync of more than a second ran', async () => {
    const { ground, journal } = await opened({}, { disk: { syncTakes: ms(3000) } }, 30_000)
    const first = journal.append(message('a'))
    await ground.finishWithin(3000, first)
    const second = journal.append(message('b'))
    await ground.world.clock.advance(100)
    const syncs = ground.watch('sync')
    journal.settle(recordOf(0, 'a'), 'delivered')
    await ground.finishWithin(2900, second)
    await ground.world.clock.advance(4000)
    syncs.length.should.equal(2)
  })
})

describe('durability', () => {
  it('`interval` syncs once per period at most, and still before an append resolves', async () => {
    const { ground, journal } = await opened({ durability: { is: 'interval', every: ms(100) } })
    const syncs = ground.watch('sync')
    let resolved = 0
    for (let n = 0; n < 100; n++) {
      journal.append(message('x')).then(() => {
        resolved++
      })
      await ground.world.clock.advance(10)
      if (syncs.length === 0) resolved.should.equal(0)
    }
    syncs.length.should.be.within(9, 11)
    await ground.world.clock.advance(100)
    resolved.should.equal(100)
  })

  it('`interval` does not make a lone message wait', async () => {
    const { ground, journal } = await opened({ durability: { is: 'interval', every: ms(1000) } })
    await ground.world.clock.advance(5000)
    await appendAll(ground, journal, ['a'])
  })

  it('`interval` waits for no period when it is closed', async () => {
    const { ground, journal } = await opened({ durability: { is: 'interval', every: ms(9000) } })
    const appended = journal.append(message('a'))
    await ground.finish(journal.close())
    await appended
  })

  it('`system` resolves without a sync and syncs within a second', async () => {
    const { ground, journal } = await opened({ durability: { is: 'system' } })
    const syncs = ground.watch('sync')
    for (let n = 0; n < 20; n++) await ground.finish(journal.append(message('x')))
    syncs.length.should.equal(0)
    payloadsOf(await readAll(ground, journal)).length.should.equal(20)
    await ground.world.clock.advance(1000)
    syncs.length.should.equal(1)
  })

  for (const is of ['each', 'system'] as const) {
    it(`\`${is}\` leaves no message behind that is sent the moment another was accepted`, async () => {
      const { ground, journal } = await opened({ durability: { is } })
      for (let turns = 0; turns < 12; turns++) {
        const chain = async () => {
          for (let n = 0; n < 5; n++) {
            await journal.append(message('x'))
            for (let turn = 0; turn < turns; turn++) await undefined
          }
        }
        await ground.finish(chain())
      }
      journal.waiting.should.equal(60)
    })
  }
})

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
