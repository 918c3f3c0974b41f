/**
 * The newest segment when it is opened: what may stand in the memory of the system alone is written
 * again, and only that; sectors that cannot be read cost their own messages and no others.
 */

import should from 'should'
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
import { afterPowerCut } from '../world/test-world.js'

describe('newest segment', () => {
  it('keeps what it showed after a failed sync, whatever a power cut takes', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const ground = groundOf()
      const journal = await ground.open()
      await appendAll(ground, journal, ['before'])
      ground.disk.failNext(({ kind }) => kind === 'sync', 'EIO')
      should(await ground.finish(codeOf(journal.append(message('in doubt'))))).equal(
        'DISK_UNWRITABLE',
      )
      await ground.finish(journal.close())
      const shown = payloadsOf(await readAll(ground, await ground.open()))
      shown.should.eql(['before', 'in doubt'])
      const next = new StoreGround(afterPowerCut(ground.world, seededRandom(seed)))
      payloadsOf(await readAll(next, await next.open())).should.eql(shown, `seed ${seed}`)
    }
  })

  it('is written again after a kill, when nothing proves its last messages durable', async () => {
    const ground = groundOf()
    await appendAll(ground, await ground.open(), texts(5))
    should(await copiesOf(ground.afterKill())).equal(1)
  })

  it('is left alone after a clean close, a power cut, and proof by a later record', async () => {
    const ground = groundOf()
    const journal = await ground.open()
    await appendAll(ground, journal, texts(5))
    should(await copiesOf(afterCut(ground))).equal(0)
    journal.settle(recordOf(0, 'm0'), 'delivered')
    await ground.world.clock.settle()
    should(await copiesOf(ground.afterKill())).equal(0)
    await ground.finish(journal.close())
    should(await copiesOf(ground.afterKill())).equal(0)
  })

  it('is synced where it is when the disk is too full to write it again', async () => {
    const ground = groundOf({ disk: { capacity: 1e9 } })
    await appendAll(ground, await ground.open({ ballastBytes: 2000 }), ['x'.repeat(5000)])
    const next = ground.afterKill()
    next.disk.capacity = 1e9 - next.disk.free()
    const journal = await next.open({ ballastBytes: 2000 })
    payloadsOf(await readAll(next, journal)).should.eql(['x'.repeat(5000)])
    next.disk.namesIn(directory).join().should.not.match(/tmp/)
  })

  for (const [end, count] of [
    ['closed', 400],
    ['killed', 400],
  ] as const) {
    it(`loses no more than a sector that cannot be read held: ${end}`, async () => {
      const ground = groundOf()
      const journal = await ground.open()
      for (let n = 0; n < count; n += 20) {
        await appendAll(ground, journal, texts(count).slice(n, n + 20))
      }
      if (end === 'closed') await ground.finish(journal.close())
      const next = end === 'closed' ? ground : ground.afterKill()
      const name = next.segments.at(-1) ?? ''
      loseSector(next, name, 8192)
      const opened = await next.open()
      const found = payloadsOf(await readAll(next, opened))
      found.length.should.be.within(count - 70, count - 50)
      found.should.eql(texts(count).filter((text) => found.includes(text)))
      opened.totals.should.eql({ accepted: count, damaged: count - found.length })
      isBalanced(opened).should.be.true()
      next.disk.namesIn(directory).should.containEql(`${name}.bad`)
      next.events
        .filter(({ kind }) => kind === 'store.corrupt')
        .should.eql([
          { kind: 'store.corrupt', directory, file: name, messages: count - found.length },
        ])
    })
  }

  it('that was damaged is kept as it is when it is empty', async () => {
    const ground = groundOf()
    const journal = await ground.open()
    await appendAll(ground, journal, texts(200))
    await ground.finish(journal.close())
    const [name = ''] = ground.segments
    const original = ground.disk.bytesOf(ground.path(name))
    loseSector(ground, name, 8192)
    const next = await ground.open({ segmentBytes: 500 })
    for (const record of await readAll(ground, next)) next.settle(record, 'delivered')
    for (const text of texts(4)) await appendAll(ground, next, [text.repeat(300)])
    await ground.world.clock.advance(2000)
    ground.segments.should.not.containEql(name)
    ground.disk.bytesOf(ground.path(`${name}.bad`)).should.eql(original)
  })

  it('of which nothing can be read is not taken for empty', async () => {
    const ground = groundOf()
    const journal = await ground.open()
    await appendAll(ground, journal, texts(5))
    await ground.finish(journal.close())
    loseSector(ground, ground.segments[0] ?? '', 0)
    should(await codeOf(ground.open())).equal('DISK_UNWRITABLE')
    ground.disk.heal()
    payloadsOf(await readAll(ground, await ground.open())).should.eql(texts(5))
  })
})

const afterCut = (ground: StoreGround) =>
  new StoreGround(afterPowerCut(ground.world, seededRandom(1)))

/** How often an opening writes a segment again. */
async function copiesOf(ground: StoreGround): Promise<number> {
  const created = ground.watch('create')
  await ground.open()
  return created.filter(({ path }) => path.endsWith('.seg.tmp')).length
}

/** The disk has lost one sector of 4096 bytes of a file for good. */
function loseSector(ground: StoreGround, name: string, sector: number): void {
  ground.disk.failNext(
    ({ kind, path, position = 0, bytes = 0 }) =>
      kind === 'read' &&
      path === ground.path(name) &&
      position < sector + 4096 &&
      position + bytes > sector,
    'EIO',
    Number.POSITIVE_INFINITY,
  )
}
