/**
 * The journal on a disk that does not keep its part: full, failing, stalled, or taken over by
 * somebody else. What was acknowledged stays, what was refused is not there, and nobody waits for
 * ever.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { Budget } from '../../src/store/budget.js'
import type { Journal } from '../../src/store/journal.js'
import { seededRandom } from '../world/seeded-random.js'
import {
  appendAll,
  codeOf,
  directory,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  recordOf,
  StoreGround,
  texts,
} from '../world/store-ground.js'
import { afterPowerCut, testWorld } from '../world/test-world.js'

describe('full disk', () => {
  it('refuses exactly the group that does not fit, and nothing after it', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['before'])
    ground.disk.failNext(({ kind }) => kind === 'write', 'ENOSPC')
    const refused = texts(3).map((text) => codeOf(journal.append(message(text))))
    ;(await ground.finish(Promise.all(refused))).should.eql(['DISK_FULL', 'DISK_FULL', 'DISK_FULL'])
    await appendAll(ground, journal, ['after'])
    payloadsOf(await readAll(ground, journal)).should.eql(['before', 'after'])
    const next = await ground.afterKill().open()
    payloadsOf(await readAll(ground, next)).should.eql(['before', 'after'])
    ground.faults.should.eql([])
  })

  it('leaves nothing of a write that got half through', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['before'])
    ground.disk.capacity = used(ground) + 100
    const refused = codeOf(journal.append(message('x'.repeat(500))))
    should(await ground.finish(refused)).equal('DISK_FULL')
    ground.disk.free().should.equal(100)
    await appendAll(ground, journal, ['small'])
    ground.disk.capacity = 1e9
    payloadsOf(await readAll(ground, await ground.afterKill().open())).should.eql([
      'before',
      'small',
    ])
  })

  it('can always be drained, and takes no message from the reserve', async () => {
    const { ground, journal } = await opened({ segmentBytes: 2000, ballastBytes: 4000 })
    const kept = await filledUp(ground, journal)
    kept.length.should.be.above(20)
    ground.disk.capacity = used(ground)
    const codes: unknown[] = []
    for (const [n, text] of kept.entries()) {
      journal.settle(recordOf(n, text), 'delivered')
      if (n < 8) codes.push(await ground.finish(codeOf(journal.append(message(`late ${n}`)))))
      await ground.world.clock.settle()
    }
    codes.should.eql(codes.map(() => 'DISK_FULL'))
    await ground.world.clock.advance(3000)
    journal.waiting.should.equal(0)
    ground.segments.length.should.be.belowOrEqual(2)
    ground.faults.should.eql([])
    const next = await ground.afterKill().open()
    next.waiting.should.equal(0)
    isBalanced(next).should.be.true()
  })

  it('takes messages again, and a reserve, when there is room', async () => {
    const { ground, journal } = await opened({ ballastBytes: 4000 })
    const [first = ''] = await filledUp(ground, journal)
    ground.disk.capacity = used(ground)
    journal.settle(recordOf(0, first), 'delivered')
    await ground.world.clock.settle()
    ground.disk.namesIn(directory).should.not.containEql('BALLAST')
    should(await ground.finish(codeOf(journal.append(message('early'))))).equal('DISK_FULL')
    ground.disk.capacity = used(ground) + 20_000
    await ground.finish(codeOf(journal.append(message('asks'))))
    ground.disk.namesIn(directory).should.containEql('BALLAST')
    await appendAll(ground, journal, ['late'])
  })

  it('that cannot take a new segment goes on with the old one', async () => {
    const { ground, journal } = await opened({ segmentBytes: 1000 })
    await appendAll(ground, journal, texts(12))
    ground.disk.failNext(({ kind }) => kind === 'create', 'ENOSPC', 3)
    await appendAll(ground, journal, ['x'.repeat(900), 'y'.repeat(900), 'z'.repeat(4000)])
    ground.faults.should.eql([])
    await appendAll(ground, journal, texts(20, 'n'))
    ground.segments.length.should.be.above(1)
    const next = await ground.afterKill().open()
    payloadsOf(await readAll(ground, next)).length.should.equal(35)
  })

  it('without a byte left is opened and drained all the same', async () => {
    const settings = { ballastBytes: 4000 }
    const { ground, journal } = await opened(settings)
    await appendAll(ground, journal, ['a', 'b'])
    await ground.finish(journal.close())
    ground.disk.capacity = used(ground)
    const next = await ground.open(settings)
    payloadsOf(await readAll(ground, next)).should.eql(['a', 'b'])
    for (const [n, text] of ['a', 'b'].entries()) next.settle(recordOf(n, text), 'delivered')
    await ground.finish(next.close())
    ground.disk.capacity = 1e9
    should((await ground.open(settings)).waiting).equal(0)
  })

  it('that cannot be sealed is closed all the same, and loses nothing', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['a'])
    ground.disk.capacity = used(ground)
    await ground.finish(journal.close())
    ground.disk.namesIn(directory).should.not.containEql('LOCK')
    ground.disk.capacity = 1e9
    payloadsOf(await readAll(ground, await ground.open())).should.eql(['a'])
  })

  it('is tried again every second for outcomes, and left alone after a close', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, texts(2))
    ground.disk.capacity = used(ground)
    journal.settle(recordOf(0, 'm0'), 'delivered')
    await ground.world.clock.advance(2500)
    ground.disk.capacity = 1e9
    await ground.world.clock.advance(1000)
    ;(await ground.afterKill().open()).totals.should.eql({ accepted: 2, delivered: 1 })
    ground.disk.capacity = used(ground)
    journal.settle(recordOf(1, 'm1'), 'delivered')
    await ground.world.clock.settle()
    await ground.finish(journal.close())
    await ground.world.clock.advance(5000)
    ground.faults.should.eql([])
    ground.world.clock.pending.should.equal(0)
  })
})

describe('failing disk', () => {
  it('that cannot sync ends the work: all outstanding are refused, and all later ones', async () => {
    const { ground, journal } = await opened()
    await appendAll(ground, journal, ['before'])
    ground.disk.failNext(({ kind }) => kind === 'sync', 'EIO')
    const outstanding = texts(3).map((text) => codeOf(journal.append(message(text))))
    const unwritable = 'DISK_UNWRITABLE'
    ;(await ground.finish(Promise.all(outstanding))).should.eql(Array(3).fill(unwritable))
    const seen = ground.watch('write', 'sync')
    should(await codeOf(journal.append(message('late')))).equal(unwritable)
    journal.settle(recordOf(0, 'before'), 'delivered')
    await ground.world.clock.advance(10_000)
    seen.should.eql([])
    ground.faults.map(({ code }) => code).should.eql([unwritable])
    should(journal.failure).equal(ground.faults[0])
    await ground.finish(journal.close())
    payloadsOf(await readAll(ground, await ground.open()))[0]?.should.equal('before')
  })

  it('that cannot write ends the work too', async () => {
    const { ground, journal } = await opened()
    ground.disk.failNext(({ kind }) => kind === 'write', 'EIO')
    should(await ground.finish(codeOf(journal.append(message('a'))))).equal('DISK_UNWRITABLE')
    ground.faults.length.should.equal(1)
    await ground.finish(journal.close())
    payloadsOf(await readAll(ground, await ground.open())).should.eql([])
  })

  it('that writes short is written to again', async () => {
    const { ground, journal } = await opened()
    ground.disk.shortWrites = seededRandom(5)
    await appendAll(ground, journal, texts(100))
    payloadsOf(await readAll(ground, await ground.afterKill().open())).should.eql(texts(100))
  })

  for (const kind of ['sync', 'syncDirectory'] as const) {
    it(`that fails the ${kind} of a new segment hides nothing that is stored later`, async () => {
      for (let seed = 0; seed < 60; seed++) {
        const { ground, journal } = await opened({ segmentBytes: 1000 })
        await appendAll(ground, journal, texts(12))
        ground.disk.failNext(
          (operation) => operation.kind === kind && ground.segments.length === 2,
          'EIO',
        )
        // These fit into the segment that it stays on.
        const late = ['x'.repeat(100), 'y']
        const kept: string[] = []
        for (const text of late) {
          const code = await ground.finish(codeOf(journal.append(message(text))))
          if (typeof code === 'number') kept.push(text)
        }
        const next = new StoreGround(afterPowerCut(ground.world, seededRandom(seed)))
        const found = payloadsOf(await readAll(next, await next.open()))
        found.slice(0, 12 + kept.length).should.eql([...texts(12), ...kept], `seed ${seed}`)
      }
    })
  }

  it('refuses what comes when too much waits for it', async () => {
    const ground = new StoreGround(testWorld({ disk: { syncTakes: ms(20) } }), new Budget(1000))
    const journal = await openedOn(ground)
    const first = journal.append(message('x'.repeat(600)))
    should(await codeOf(journal.append(message('y'.repeat(600))))).equal('DISK_STALLED')
    await ground.finishWithin(20, first)
    await ground.finishWithin(20, journal.append(message('z'.repeat(5000))))
    ground.budget.appendBytes.should.equal(0)
  })
})

describe('lost lock', () => {
  it('ends the work before the next segment', async () => {
    const { ground, journal } = await opened({ segmentBytes: 1000 })
    await appendAll(ground, journal, texts(12))
    ground.disk.put(`${directory}/LOCK`, Buffer.from('{"pid":7,"host":"other","nonce":"1"}'))
    const late = ground.finish(codeOf(journal.append(message('x'.repeat(900)))))
    should(await late).equal('STORE_BUSY')
    ground.segments.length.should.equal(1)
    ground.faults.map(({ code }) => code).should.eql(['STORE_BUSY'])
    await ground.finish(journal.close())
    ground.disk.namesIn(directory).should.containEql('LOCK')
  })
})

async function opened(settings: Parameters<StoreGround['open']>[0] = {}) {
  const ground = groundOf({ disk: { capacity: 1e9 } })
  return { ground, journal: await ground.open(settings) }
}

async function openedOn(ground: StoreGround): Promise<Journal> {
  const opening = ground.open()
  await ground.world.clock.advance(1000)
  return opening
}

/** Appends until the disk is full; returns what was kept. */
async function filledUp(ground: StoreGround, journal: Journal): Promise<string[]> {
  const kept: string[] = []
  ground.disk.capacity = used(ground) + 8000
  for (let n = 0; ; n++) {
    const text = `${n}`.repeat(200).slice(0, 200)
    const code = await ground.finish(codeOf(journal.append(message(text))))
    if (code === 'DISK_FULL') return kept
    kept.push(text)
  }
}

const used = ({ disk }: StoreGround) => disk.capacity - disk.free()
