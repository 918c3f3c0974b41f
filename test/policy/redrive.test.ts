/**
 * The redrive machine under any order of ends: no letter more than its stages allow, a stop as soon
 * as too many fail, an end that comes, and the same job after it was written down and read back.
 */

import fc from 'fast-check'
import should from 'should'
import { epochMs } from '../../src/base/units.js'
import {
  begin,
  doneOf,
  ended,
  isOver,
  mayRelease,
  progressOf,
  type RedriveEnd,
  type RedriveJob,
  type RedriveOrder,
  ranOut,
  released,
  stop,
  vanished,
} from '../../src/policy/redrive.js'
import { jobFrom, savedJob } from '../../src/policy/redrive-saved.js'
import { testSeed } from '../world/seeded-random.js'

const runs = { seed: testSeed, numRuns: 500 }
const outMax = 100

const order = (changes: Partial<RedriveOrder> = {}): RedriveOrder => ({
  ...{ id: 'j1', by: 'person', selection: { filter: {} }, rate: {}, canary: true },
  ...{ stopAbove: 0.2, before: 1000, total: 50, startedAt: epochMs(1_764_000_000_000) },
  ...changes,
})

const ends: readonly RedriveEnd[] = ['ok', 'failed', 'undecided', 'refused']
const anyEnds = fc.infiniteStream(fc.constantFrom(...ends))

describe('redrive', () => {
  it('has at most 1, then 10, then 100 letters out', () => {
    let job = begin(order({ total: 1000 }))
    const out: number[] = []
    for (let stage = 0; stage < 3; stage++) {
      job = allOut(job)
      out.push(job.out)
      while (job.out > 0) job = ended(job, 'ok')
    }
    out.should.eql([1, 10, outMax])
    allOut(begin(order({ canary: false }))).out.should.equal(outMax)
  })

  it('judges nothing by letters that came back without a verdict', () => {
    let job = ended(allOut(begin(order())), 'undecided')
    job = allOut(job)
    job.out.should.equal(1)
    should(job).match({ stage: 0, judged: 0, back: 1, end: undefined })
  })

  const stops: ReadonlyArray<readonly [string, Partial<RedriveOrder>, string, number]> = [
    ['at the first of one', {}, 'x', 1],
    ['at the third of ten', {}, 'oxxx', 4],
    ['not at the second of ten', {}, 'oxxoooooooo', 0],
    ['not before ten are known, without care', { canary: false }, 'xxxxxxxxx', 0],
    ['at the tenth, without care', { canary: false }, 'xxxxxxxxxx', 10],
    ['never, if that is wanted', { stopAbove: 'off' }, 'xxxxxxxxxxxxxxxxxxxxxxxx', 0],
    ['never, if all may fail', { stopAbove: 1, canary: false }, 'xxxxxxxxxxxxxxxx', 0],
  ]
  for (const [name, changes, story, at] of stops) {
    it(`stops ${name}`, () => {
      let job = begin(order(changes))
      let stoppedAt = 0
      for (const [n, letter] of [...story].entries()) {
        if (!mayRelease(job)) break
        job = ended(released(job), letter === 'o' ? 'ok' : 'failed')
        if (job.end === 'failing' && stoppedAt === 0) stoppedAt = n + 1
      }
      stoppedAt.should.equal(at)
    })
  }

  it('keeps within its stages, counts every letter once and comes to an end', () => {
    const settings = fc.record({
      canary: fc.boolean(),
      stopAbove: fc.constantFrom<number | 'off'>(0, 0.2, 0.5, 1, 'off'),
      total: fc.integer({ min: 1, max: 300 }),
    })
    fc.assert(
      fc.property(settings, anyEnds, fc.infiniteStream(fc.double({ min: 0, max: 1 })), play),
      runs,
    )
  })

  it('is the same job after it was written down, but for what was out', () => {
    const story = fc.array(fc.constantFrom(...ends, 'out' as const), { maxLength: 60 })
    fc.assert(
      fc.property(story, (steps) => {
        let job = begin(order({ stopAbove: 'off', rate: { messagesPerSecond: 10 } }))
        for (const step of steps) {
          if (step === 'out' || job.out === 0) job = mayRelease(job) ? released(job) : job
          else job = ended(job, step)
        }
        should(jobFrom(JSON.parse(JSON.stringify(savedJob(job))))).eql({ ...job, out: 0 })
      }),
      runs,
    )
  })

  it('is not written down once it was stopped or is over', () => {
    should(savedJob(stop(begin(order()), 'cancelled'))).equal(undefined)
    should(savedJob(ranOut(begin(order())))).equal(undefined)
    const lastOut = ranOut(released(begin(order({ total: 1 }))))
    should(jobFrom(savedJob(lastOut))).match({ out: 0, end: undefined, total: 1 })
  })

  it('is none where a part of it is missing or of another kind', () => {
    const whole = JSON.parse(JSON.stringify(savedJob(begin(order()))))
    should(jobFrom(whole)).not.equal(undefined)
    const needed = ['format', 'id', 'selection', 'before', 'total', 'ok', 'recent', 'startedAt']
    for (const name of needed) {
      for (const wrong of [undefined, null, -1, {}, Number.NaN]) {
        should(jobFrom({ ...whole, [name]: wrong })).equal(undefined, `${name} ${wrong}`)
      }
    }
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        jobFrom(anything)
      }),
      runs,
    )
  })

  it('tells how many are gone, and what ended it first', () => {
    const job = vanished(released(begin(order({ total: 5 }))))
    progressOf(job, 3).should.match({ gone: 2, out: 0, state: 'running' })
    progressOf(stop(stop(job, 'cancelled'), 'failing'), 3).should.match({ state: 'cancelled' })
  })
})

function allOut(from: RedriveJob): RedriveJob {
  let job = from
  while (mayRelease(job)) job = released(job)
  return job
}

/** Letters go and end by chance, as long as any is left or out. */
function play(
  settings: Pick<RedriveOrder, 'canary' | 'stopAbove' | 'total'>,
  how: fc.Stream<RedriveEnd>,
  chance: fc.Stream<number>,
): void {
  let job = begin(order(settings))
  let gone = 0
  const ended_ = { ok: 0, failed: 0, back: 0 }
  for (let n = 0; !isOver(job); n++) {
    n.should.be.below(2000)
    if (gone === settings.total && job.end === undefined) job = ranOut(job)
    const mayGo = gone < settings.total && mayRelease(job)
    if (mayGo && (job.out === 0 || Number(chance.next().value) < 0.5)) {
      job = released(job)
      gone++
    } else if (job.out > 0) {
      const as = how.next().value as RedriveEnd
      job = ended(job, as)
      ended_[as === 'ok' || as === 'failed' ? as : 'back']++
    } else if (job.end === undefined) gone.should.equal(settings.total)
    job.out.should.be.within(0, outMax)
    if (settings.canary && ended_.ok + ended_.failed === 0 && job.back === 0) {
      job.out.should.be.belowOrEqual(1)
    }
    job.recent.length.should.be.belowOrEqual(100)
  }
  should({ ok: job.ok, failed: job.failed, back: job.back }).eql(ended_)
  doneOf(job).should.equal(gone)
  if (settings.stopAbove === 'off') should(job.end).equal('finished')
}
