/**
 * A journal on a disk that fails at one operation after another: whatever was acknowledged stays,
 * what was refused never comes, nothing hangs, and the journal opens again. Then a disk that is
 * full, which must be drained without room to spare.
 */

import should from 'should'
import { FaultLife } from '../world/fault-life.js'
import type { Operation } from '../world/memory-disk-faults.js'
import {
  appendAll,
  codeOf,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const codes = ['EIO', 'ENOSPC', 'EMFILE', 'EACCES']
/** Reads go on: a disk that cannot be read any more is another story. */
const writing = ['write', 'sync', 'create', 'truncate', 'rename', 'remove', 'syncDirectory']
/** A write that stops short leaves the rest to the next operation. */
const shortShare = 0.7

describe('journal on a disk that fails', function () {
  this.timeout(60_000)
  let operations = 0
  const rejections: unknown[] = []
  const note = (reason: unknown) => rejections.push(reason)

  before(async () => {
    const life = new FaultLife()
    await life.live()
    operations = life.ground.disk.operations
    await life.judge()
    life.complaints.should.eql([])
    process.on('unhandledRejection', note)
  })

  after(() => process.off('unhandledRejection', note))

  const everyOperation = async (order: (life: FaultLife, n: number) => void) => {
    for (let n = 1; n <= operations; n++) {
      const life = new FaultLife()
      order(life, n)
      const complaints = await lived(life)
      should({ n, complaints, rejections }).eql({ n, complaints: [], rejections: [] })
    }
  }

  for (const code of codes) {
    it(`keeps its promises with ${code} at any one operation`, () =>
      everyOperation(({ ground: { disk } }, n) => disk.failNext(n, code)))
  }

  for (const code of codes) {
    it(`keeps its promises with ${code} at every change from any operation on`, () =>
      everyOperation(({ ground: { disk } }, n) => {
        const isDue = ({ number, kind }: Operation) => number >= n && writing.includes(kind)
        disk.failNext(isDue, code, Number.POSITIVE_INFINITY)
      }))
  }

  it('keeps its promises when any one write stops short', () =>
    everyOperation((life, n) => stopShort(life, n)))

  for (const code of ['EIO', 'ENOSPC']) {
    it(`keeps its promises when any one write stops short and then fails with ${code}`, () =>
      everyOperation((life, n) => {
        stopShort(life, n)
        life.ground.disk.failNext(n + 1, code)
      }))
  }
})

describe('journal with a failed sync', () => {
  it('accepts nothing until it is opened again, and tells so once', async () => {
    const ground = groundOf()
    const journal = await ground.open()
    await appendAll(ground, journal, ['a'])
    ground.disk.failNext(({ kind }) => kind === 'sync', 'EIO')
    ;(await codeOf(ground.finish(journal.append(message('b'))))).should.equal('DISK_UNWRITABLE')
    const written = ground.watch('write', 'sync')
    for (const text of ['c', 'd'])
      (await codeOf(ground.finish(journal.append(message(text))))).should.equal('DISK_UNWRITABLE')
    written.should.eql([])
    ground.faults.length.should.equal(1)
    await ground.finish(journal.close())
    const next = await ground.open()
    await appendAll(ground, next, ['e'])
    payloadsOf(await readAll(ground, next)).should.containDeepOrdered(['a', 'e'])
  })
})

describe('journal on a full disk', () => {
  it('refuses exactly the messages that the disk had no room for', async () => {
    const ground = groundOf()
    const journal = await ground.open()
    await appendAll(ground, journal, ['a', 'b'])
    ground.disk.failNext(({ kind }) => kind === 'write', 'ENOSPC')
    const ends = ['c', 'd', 'e'].map((text) => codeOf(journal.append(message(text))))
    ;(await ground.finish(Promise.all(ends))).should.eql(['DISK_FULL', 'DISK_FULL', 'DISK_FULL'])
    await appendAll(ground, journal, ['f'])
    payloadsOf(await readAll(ground, await opened(ground))).should.eql(['a', 'b', 'f'])
  })

  for (const kept of [true, false]) {
    it(`is drained to the last, ${kept ? 'newest' : 'oldest'} first, whatever room there is`, async () => {
      for (let capacity = 4000; capacity < 6000; capacity += 37) await drains(capacity, kept)
    })
  }

  async function drains(capacity: number, isNewestFirst: boolean): Promise<void> {
    const settings = { segmentBytes: 1000, ballastBytes: 1024 }
    const ground = groundOf({ disk: { capacity } })
    const journal = await ground.open(settings)
    let kept = 0
    for (const text of texts(100)) {
      const end = await codeOf(ground.finishWithin(10, journal.append(message(text.repeat(20)))))
      if (end === 'DISK_FULL') break
      kept++
    }
    kept.should.be.below(100)
    const records = await readAll(ground, journal)
    should({ capacity, found: records.length }).eql({ capacity, found: kept })
    for (const record of isNewestFirst ? records.toReversed() : records) {
      journal.settle(record, 'delivered')
      await ground.world.clock.settle()
    }
    await ground.finishWithin(3000, journal.close())
    ground.faults.should.eql([])
    const next = await ground.open(settings)
    const { waiting, totals } = next
    isBalanced(next).should.be.true()
    should({ capacity, waiting, totals }).eql({
      capacity,
      waiting: 0,
      totals: { accepted: kept, delivered: kept },
    })
    await appendAll(ground, next, ['there is room again'])
    await ground.finish(next.close())
  }
})

/** What was wrong with the life and with what it left behind. */
async function lived(life: FaultLife): Promise<readonly string[]> {
  try {
    await life.live()
    await life.judge()
    return life.complaints
  } catch (error) {
    return [...life.complaints, String(error)]
  }
}

function stopShort({ ground: { disk } }: FaultLife, n: number): void {
  const fraction = () => (disk.operations === n ? shortShare : 0)
  disk.shortWrites = { fraction, bytes: (count) => new Uint8Array(count) }
}

function opened(ground: StoreGround) {
  return ground.afterKill().open()
}
