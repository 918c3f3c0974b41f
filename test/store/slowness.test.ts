/** When a slow disk is told, and when that it is quick again. */

import 'should'
import { instant, ms } from '../../src/base/units.js'
import { type Pace, Slowness } from '../../src/store/slowness.js'

const hour = 3_600_000

describe('slowness', () => {
  const rows: ReadonlyArray<readonly [string, syncs: readonly number[], told: readonly Pace[]]> = [
    ['nothing of quick syncs', Array(20).fill(40), []],
    ['nothing of nine slow ones: they may be a moment', Array(9).fill(2000), []],
    ['of ten syncs that all take more than a second', Array(10).fill(1001), ['slow']],
    ['nothing when six of ten are quick', sixOfTen(5, 4000), []],
    ['of ten when six are slow', sixOfTen(1001, 5), ['slow']],
    ['of ten when five are slow', [...sixOfTen(5, 2000), 2000], ['slow']],
    ['nothing of one sync of five seconds', [5000], []],
    ['of one sync of more than five seconds', [5001], ['slow']],
    ['nothing more while it stays slow', Array(40).fill(1500), ['slow']],
    ['that it is quick again after ten', [6000, ...Array(10).fill(5)], ['slow', 'quick']],
    ['no end before that', [6000, ...Array(9).fill(5)], ['slow']],
    [
      'no end while some are slow',
      [6000, ...Array(9).fill(5), 7000, ...Array(9).fill(5)],
      ['slow'],
    ],
    [
      'nothing again within the hour',
      Array(3)
        .fill([6000, ...Array(10).fill(5)])
        .flat(),
      ['slow', 'quick'],
    ],
  ]
  for (const [what, syncs, told] of rows) {
    it(`tells ${what}`, () => {
      tellings(syncs).should.eql(told)
    })
  }

  it('tells again after an hour, if it ended in between', () => {
    const burst = [6000, ...Array(10).fill(5)]
    tellings([...burst, hour, ...burst]).should.eql(['slow', 'quick', 'slow', 'quick'])
  })

  it('tells of a sync that goes on, and once only', () => {
    const slowness = new Slowness()
    const now = instant(5000)
    ;[
      slowness.stalled(now),
      slowness.stalled(now),
      slowness.ended(ms(9000), instant(9000)),
    ].should.eql(['slow', undefined, undefined])
  })
})

function sixOfTen(most: number, rest: number): number[] {
  return [...Array(6).fill(most), ...Array(4).fill(rest)]
}

/** One sync after another; a span of an hour is a rest. */
function tellings(spans: readonly number[]): Pace[] {
  const slowness = new Slowness()
  let now = 0
  return spans.flatMap((span) => {
    now += span
    const pace = span === hour ? undefined : slowness.ended(ms(span), instant(now))
    return pace === undefined ? [] : [pace]
  })
}
