/**
 * What is kept of the last minutes, and told of it: points of a plot, news for editors, a line of
 * statistics; on a clock that the test moves.
 */

import should from 'should'
import { News } from '../../nodes/common/news.js'
import type { NodeRed } from '../../nodes/common/node-red.js'
import { Plots } from '../../nodes/common/plots.js'
import { Roster, type RosterEntry } from '../../nodes/common/roster.js'
import { Statistics } from '../../nodes/common/statistics.js'
import type { RetryTally } from '../../src/base/tally.js'
import { epochMs } from '../../src/base/units.js'
import { statusDocument } from '../../src/observe/status-document.js'
import { wordsFor } from '../house/dialogs.js'
import { ManualClock } from '../world/manual-clock.js'

describe('the plots', () => {
  it('take a point every ten seconds, sixty at most', async () => {
    const { clock, roster, plots } = begun()
    const node = new Counting('a')
    roster.enter(node.entry)
    for (let looks = 1; looks <= 70; looks++) {
      node.waiting = looks
      node.done += 5
      await clock.advance(10_000)
    }
    const { waiting, rate, everyMs } = plots.of('a')
    should([everyMs, waiting.length, rate.length]).eql([10_000, 60, 60])
    should([waiting[0], waiting.at(-1), rate.at(-1)]).eql([11, 70, 0.5])
  })

  it('have no rate where nothing is counted, nor after the first look', async () => {
    const { clock, roster, plots } = begun()
    roster.enter(new Counting('a').entry)
    roster.enter({ ...new Counting('b').entry, tally: () => ({}) })
    await clock.advance(10_000)
    should(plots.of('a')).match({ waiting: [0], rate: [] })
    should(plots.of('b')).match({ waiting: [], rate: [] })
    should(plots.of('nobody')).match({ waiting: [], rate: [] })
  })

  it('never fall below nothing when a node counts from the start again', async () => {
    const { clock, roster, plots } = begun()
    const node = new Counting('a')
    node.done = 100
    roster.enter(node.entry)
    await clock.advance(10_000)
    node.done = 3
    await clock.advance(10_000)
    should(plots.of('a').rate).eql([0])
  })

  it('outlive a deploy, and not the node', async () => {
    const { clock, roster, plots } = begun()
    const leave = roster.enter(new Counting('a').entry)
    roster.enter(new Counting('b').entry)
    await clock.advance(10_000)
    leave()
    roster.enter(new Counting('a').entry)()
    should(plots.of('a').waiting.length).equal(1)
    await clock.advance(10_000)
    should(plots.of('a').waiting.length).equal(0)
  })

  it('set no timer while there is no node, and one for all of them', () => {
    const { clock, roster } = begun()
    should(clock.pending).equal(0)
    const leaving = ['a', 'b'].map((id) => roster.enter(new Counting(id).entry))
    should(clock.pending).equal(1)
    for (const leave of leaving) leave()
    should(clock.pending).equal(0)
  })

  function begun() {
    const clock = new ManualClock()
    const roster = new Roster()
    const plots = new Plots(clock, roster)
    plots.begin()
    plots.begin()
    return { clock, roster, plots }
  }
})

describe('the news for editors', () => {
  it('come at once, then twice a second at most, and never one too few', async () => {
    const clock = new ManualClock()
    const told: number[] = []
    const news = new News({ comms: { publish: () => told.push(clock.monotonic()) } }, clock)
    news.changed()
    should(told.length).equal(1)
    for (let n = 0; n < 20; n++) {
      news.changed()
      await clock.advance(100)
    }
    should(told.length).equal(5)
    await clock.advance(10_000)
    should(told.length).equal(5)
    should(clock.pending).equal(0)
    news.changed()
    should(told.length).equal(6)
    const gaps = told.slice(1).map((at, n) => at - (told[n] ?? 0))
    Math.min(...gaps).should.be.aboveOrEqual(500)
  })
})

describe('the statistics', () => {
  it('are one line every five minutes, at level debug', () => {
    const lines: string[] = []
    const RED = {
      log: { debug: (text: string) => lines.push(text) },
      _: (key: string, values: object) => `${key} ${JSON.stringify(values)}`,
    } as unknown as NodeRed
    const runtime = { isRunning: true, orphans: 0, at: epochMs(0) }
    const statistics = new Statistics(RED, () => statusDocument([], runtime))
    for (let look = 0; look < 65; look++) statistics.passed(10_000)
    should(lines.length).equal(2)
    const [line = ''] = lines
    line.should.startWith('@holdfast/node-red-resilience/common:statistics {')
    const [, values = ''] = line.split('statistics ')
    const places = wordsFor('@holdfast/node-red-resilience/common:statistics', JSON.parse(values))
    should(places).not.containEql('__')
  })
})

/** A retry, whose figures the test sets. */
class Counting {
  readonly id: string
  waiting = 0
  done = 0

  constructor(id: string) {
    this.id = id
  }

  get entry(): RosterEntry {
    const retry = (): RetryTally => {
      return { trying: 0, waiting: this.waiting, attempts: { ok: this.done }, gaveUp: {} }
    }
    return { id: this.id, tally: () => ({ retry: retry() }) } as RosterEntry
  }
}
