/** The counting of a window against a list that is simply filtered, over random calls. */

import fc from 'fast-check'
import should from 'should'
import { type Instant, instant, ms } from '../../src/base/units.js'
import {
  bucketCount,
  emptyWindow,
  type Mark,
  record,
  type Totals,
  totalsAt,
  type WindowSpan,
} from '../../src/policy/window.js'
import { savedWindow, windowFrom } from '../../src/policy/window-saved.js'
import { testSeed } from '../world/seeded-random.js'

const start = instant(5000)

describe('a window of calls', () => {
  it('counts the last so many, whatever they were', () => {
    holds(
      fc.property(fc.integer({ min: 1, max: 30 }), callsArbitrary, (count, calls) => {
        const window = emptyWindow({ is: 'calls', count }, start)
        const seen: Mark[] = []
        for (const { mark } of calls) {
          record(window, mark, start)
          seen.push(mark)
          totalsAt(window, start).should.eql(totalOf(seen.slice(-count)))
        }
      }),
    )
  })

  it('holds no more than that', () => {
    const window = emptyWindow({ is: 'calls', count: 5 }, start)
    for (let i = 0; i < 1000; i++) record(window, 1, start)
    should(window.is === 'calls' && window.marks.length).equal(5)
  })
})

describe('a window of time', () => {
  it('counts the calls of this tenth of the span and the nine before', () => {
    holds(
      fc.property(spans, callsArbitrary, (tenth, calls) => {
        played(tenth, calls, (now, model, totals) => {
          const tenthOf = (at: Instant) => Math.floor((at - start) / tenth)
          const inside = model.filter(({ at }) => tenthOf(at) > tenthOf(now) - bucketCount)
          totals.should.eql(totalOf(inside.map(({ mark }) => mark)))
        })
      }),
    )
  })

  it('counts every call of the last nine tenths, and none older than the span', () => {
    holds(
      fc.property(spans, callsArbitrary, (tenth, calls) => {
        played(tenth, calls, (now, model, { calls: counted }) => {
          const younger = (span: number) => model.filter(({ at }) => now - at < span).length
          counted.should.be.aboveOrEqual(younger(9 * tenth))
          counted.should.be.belowOrEqual(younger(10 * tenth))
        })
      }),
    )
  })

  it('is empty when nothing has happened for its span', () => {
    const window = emptyWindow({ is: 'time', span: ms(1000) }, start)
    record(window, 3, start)
    totalsAt(window, instant(5999)).should.eql({ calls: 1, failed: 1, slow: 1 })
    totalsAt(window, instant(6000)).should.eql({ calls: 0, failed: 0, slow: 0 })
    totalsAt(window, instant(9_999_999_999)).calls.should.equal(0)
  })
})

describe('a window that is written and read', () => {
  it('counts on as if nothing had been', () => {
    holds(
      fc.property(anySpan, callsArbitrary, callsArbitrary, (span, before, later) => {
        const kept = emptyWindow(span, start)
        let now: Instant = start
        for (const call of before) {
          now = instant(now + call.afterMs)
          record(kept, call.mark, now)
        }
        const shift = 90_000
        const text = JSON.stringify(savedWindow(kept, now))
        const read = windowFrom(JSON.parse(text), span, instant(now + shift))
        for (const call of later) {
          now = instant(now + call.afterMs)
          record(kept, call.mark, now)
          record(read, call.mark, instant(now + shift))
          totalsAt(read, instant(now + shift)).should.eql(totalsAt(kept, now))
        }
      }),
    )
  })

  const rubbish: readonly unknown[] = [
    ...[undefined, null, 7, 'x', [], {}, { is: 'calls', count: 5, marks: '0123012' }],
    ...[
      { is: 'calls', count: 5, marks: '9' },
      { is: 'calls', count: 6, marks: '1' },
    ],
    { is: 'time', bucketMs: 100, sinceMs: 0, buckets: [[1, 0, 0]] },
    { is: 'time', bucketMs: 100, sinceMs: -1, buckets: Array(10).fill([1, 0, 0]) },
    { is: 'time', bucketMs: 100, sinceMs: 0, buckets: Array(10).fill([1, 2, 0]) },
    { is: 'time', bucketMs: 100, sinceMs: 0, buckets: Array(10).fill([1, 0.5, 0]) },
    { is: 'time', bucketMs: 200, sinceMs: 0, buckets: Array(10).fill([1, 0, 0]) },
  ]
  for (const from of rubbish) {
    it(`begins anew after ${JSON.stringify(from)?.slice(0, 60)}`, () => {
      for (const span of [{ is: 'calls', count: 5 } as const, second]) {
        totalsAt(windowFrom(from, span, start), start).should.eql(totalOf([]))
      }
    })
  }
})

const second: WindowSpan = { is: 'time', span: ms(1000) }

interface Called {
  readonly afterMs: number
  readonly mark: Mark
}

/** Plays the calls into a window of ten such tenths, and shows every moment beside a plain list. */
function played(
  tenth: number,
  calls: readonly Called[],
  look: (
    now: Instant,
    model: readonly { readonly at: Instant; readonly mark: Mark }[],
    totals: Readonly<Totals>,
  ) => void,
): void {
  const window = emptyWindow({ is: 'time', span: ms(tenth * bucketCount) }, start)
  const model: { at: Instant; mark: Mark }[] = []
  let now: Instant = start
  for (const { afterMs, mark } of calls) {
    now = instant(now + afterMs)
    look(now, model, totalsAt(window, now))
    record(window, mark, now)
    model.push({ at: now, mark })
    look(now, model, totalsAt(window, now))
  }
}

function totalOf(marks: readonly Mark[]): Totals {
  return {
    calls: marks.length,
    failed: marks.filter((mark) => mark === 1 || mark === 3).length,
    slow: marks.filter((mark) => mark >= 2).length,
  }
}

const spans = fc.integer({ min: 1, max: 500 })
const anySpan: fc.Arbitrary<WindowSpan> = fc.oneof(
  spans.map((tenth) => ({ is: 'time', span: ms(tenth * bucketCount) }) as const),
  fc.integer({ min: 1, max: 20 }).map((count) => ({ is: 'calls', count }) as const),
)
const callsArbitrary: fc.Arbitrary<Called[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 6000 })),
    mark: fc.constantFrom<Mark>(0, 1, 2, 3),
  }),
  { maxLength: 60 },
)

const holds = <T>(property: fc.IProperty<T>) => {
  fc.assert(property, { seed: testSeed, numRuns: 300 })
}
