/**
 * Thousands of dead letters at once: what is done to all of them is done in slices, and what
 * happens to a letter between two slices counts. Slices are counted in letters, never timed.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { failed, isBalanced, Lettering, type LetteringSettings } from '../world/lettering.js'

const many = 4500
/** What one turn of the loop may do to letters. */
const [asideAtOnce, droppedAtOnce] = [2000, 500]
const turns = 40

describe('thousands of dead letters', () => {
  it('are deleted and restored in slices', async () => {
    const { box, ids } = await filled()
    const deleted = watched(box, () => box.letters.stats.waiting)
    should(await box.finish(box.letters.clear({}))).equal(many)
    stepsOf(deleted).should.eql([asideAtOnce, asideAtOnce, many - 2 * asideAtOnce])
    const restored = watched(box, () => box.letters.stats.deleted)
    should(await box.finish(box.letters.restore(ids))).equal(many)
    stepsOf(restored).should.eql([asideAtOnce, asideAtOnce, many - 2 * asideAtOnce])
    box.letters.stats.waiting.should.equal(many)
  })

  it('are dropped in slices, and counted once each', async () => {
    for (const keepDeletedMs of [ms(0), ms(60_000)]) {
      const { box } = await filled({ keepDeletedMs })
      const { letters } = box
      const stored = watched(box, () => letters.totals.stored)
      const work = keepDeletedMs === 0 ? letters.clear({}) : letters.purge()
      should(await box.finish(work)).equal(many)
      stepsOf(stored).should.eql(Array.from({ length: many / droppedAtOnce }, () => droppedAtOnce))
      letters.totals.dropped.should.eql({ operator: many })
      isBalanced(letters).should.be.true()
    }
  })

  it('are set aside again, but for the newest, by the next process', async () => {
    const { box } = await filled()
    await box.finish(box.letters.clear({}, many - 1))
    const next = await box.afterKill()
    next.letters.stats.deleted.should.equal(many - 1)
    next.letters.stats.waiting.should.equal(1)
  })

  it('leave out one that a redrive takes before its turn', async () => {
    const { box } = await filled()
    const { letters } = box
    const newest = (await box.finish(letters.selected(() => true))).at(-1)
    if (newest === undefined) throw new Error('there is no letter')
    const taken = afterFirst(box, () => letters.leases.take(newest))
    should(await box.finish(letters.clear({}))).equal(many - 1)
    should((await taken)?.id).equal(newest.id)
    letters.stats.waiting.should.equal(1)
  })

  it('are not restored where they were dropped meanwhile', async () => {
    const { box, ids } = await filled()
    const { letters } = box
    await box.finish(letters.clear({}))
    const [purged, restored] = [letters.purge(), letters.restore(ids)]
    await box.finish(Promise.all([purged, restored]))
    letters.totals.stored.should.equal(0)
    const { waiting, deleted, causes, fresh } = letters.stats
    should({ waiting, deleted, causes, fresh }).eql({ waiting: 0, deleted: 0, causes: 0, fresh: 0 })
    isBalanced(letters).should.be.true()
  })
})

async function filled(changes: LetteringSettings = {}) {
  const box = await Lettering.open({ durability: { is: 'system' }, ...changes })
  const arrivals = Array.from({ length: many }, (_, n) => failed(`${n}`))
  const arrived = await box.finish(Promise.all(arrivals.map((each) => box.letters.accept(each))))
  return { box, ids: arrived.map(({ letter }) => letter) }
}

/** What `look` shows now, and in each of the next turns of the loop. */
function watched({ ground }: Lettering, look: () => number): readonly number[] {
  const { clock } = ground.world
  const seen: number[] = []
  const watch = () => {
    if (seen.push(look()) <= turns) clock.soon(watch)
  }
  watch()
  return seen
}

/** By how much it went down from turn to turn, where it did. */
function stepsOf(seen: readonly number[]): number[] {
  return seen.map((value, at) => (seen[at - 1] ?? value) - value).filter((step) => step > 0)
}

/** Does it in the turn in which the first letters have been set aside. */
function afterFirst<T>({ ground, letters }: Lettering, act: () => Promise<T>): Promise<T> {
  const { clock } = ground.world
  return new Promise((resolve) => {
    const watch = () => {
      if (letters.stats.deleted === 0) clock.soon(watch)
      else resolve(act())
    }
    watch()
  })
}
