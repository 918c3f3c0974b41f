/** The bulkhead as an integrator meets it. */

import should from 'should'
import { instant } from '../../src/base/units.js'
import { limitOf } from '../../src/policy/bulkhead-state.js'
import type { Ended } from '../../src/policy/ended.js'
import { PlayedBulkhead } from './played-bulkhead.js'

const failed: Ended = { is: 'failed' }
const timeout: Ended = { is: 'timeout' }

describe('a bulkhead', () => {
  it('lets in as many as it has places, then lets some wait, then refuses', () => {
    const expected = [...times(3, 'admit'), ...times(4, 'wait'), ...times(2, 'refuse')]
    new PlayedBulkhead().accept(9).should.eql(expected)
  })

  it('tells how full it is', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(7)
    const [verdict] = bulkhead.tell({ is: 'accept', key: '' })
    const figures = { message: 8, key: '', inFlight: 3, waiting: 4, waitedMs: 0 }
    should(verdict).eql({ is: 'refuse', reason: 'overflow', ...figures })
  })

  for (const is of ['ok', 'failed', 'timeout', 'interrupted', 'unsure', 'ignored'] as const) {
    it(`frees the place of work that ended as ${is}`, () => {
      const bulkhead = new PlayedBulkhead()
      bulkhead.accept(4)
      bulkhead
        .ends(2, { is })
        .map((each) => each.is)
        .should.eql(['freed', 'admit'])
      should(bulkhead.admitted.get('')).eql([1, 2, 3, 4])
    })
  }

  it('lets those in that wait, in the order in which they came', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(7)
    for (const message of [3, 1, 2, 5]) bulkhead.ends(message)
    should(bulkhead.admitted.get('')).eql([1, 2, 3, 4, 5, 6, 7])
  })

  it('frees no place twice', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(5)
    bulkhead.ends(1)
    for (const message of [1, 5, 99]) bulkhead.ends(message).should.eql([{ is: 'late' }])
  })

  it('turns away who has waited too long', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(4)
    bulkhead.passes(1000)
    bulkhead.accept(1)
    should(bulkhead.wakeAt).equal(6000)
    const [verdict, ...more] = bulkhead.passes(4000)
    should(verdict).containEql({ is: 'refuse', reason: 'expired', message: 4, waitedMs: 5000 })
    more.should.eql([])
    should(bulkhead.wakeAt).equal(7000)
  })

  it('does not let in who has waited too long, though nobody told the time', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(5)
    bulkhead.now = instant(bulkhead.now + 5000)
    bulkhead
      .ends(1)
      .map(({ is }) => is)
      .should.eql(['freed', 'refuse', 'refuse'])
  })

  it('lets nobody wait when it has no waiting room', () => {
    new PlayedBulkhead({ maxWaiting: 0 }).accept(4).at(-1)?.should.equal('refuse')
  })

  it('counts what came, what was refused and what waited too long, for each key', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(9, 'a')
    bulkhead.passes(5000)
    const lane = bulkhead.state.lanes.get('a')
    should(lane).containEql({ active: 3, total: 9, refused: 6, timedOut: 4 })
  })

  it('ends all as interrupted when it is closed', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(5)
    const verdicts = bulkhead.tell({ is: 'close' })
    verdicts.map(({ is }) => is).should.eql(times(5, 'interrupted'))
  })
})

describe('a bulkhead with keys', () => {
  it('has places of its own for each', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(4, 'a').at(-1)?.should.equal('wait')
    bulkhead.accept(3, 'b').should.eql(times(3, 'admit'))
  })

  it('gives a key that waits with few the place of the last of the longest line', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(7, 'a')
    bulkhead.accept(3, 'b')
    const [out, into] = bulkhead.tell({ is: 'accept', key: 'b' })
    should(out).containEql({ is: 'refuse', reason: 'overflow', message: 7, key: 'a' })
    should(into).containEql({ is: 'wait', message: 11, key: 'b' })
    bulkhead.tell({ is: 'accept', key: 'b' }).length.should.equal(2)
    should(bulkhead.tell({ is: 'accept', key: 'b' })[0]).containEql({ is: 'refuse', key: 'b' })
  })

  it('sets aside what waits under a key when a person asks, and keeps what is at work', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(5, 'a')
    const verdicts = bulkhead.tell({ is: 'drop', key: 'a' })
    verdicts.length.should.equal(2)
    should(verdicts[0]).containEql({ is: 'refuse', reason: 'operator', message: 4 })
    bulkhead.accept(1, 'a').should.eql(['wait'])
    bulkhead
      .ends(1)
      .map(({ is }) => is)
      .should.eql(['freed', 'admit'])
  })

  it('forgets an idle key when a person asks', () => {
    const bulkhead = new PlayedBulkhead()
    bulkhead.accept(1, 'a')
    bulkhead.ends(1)
    bulkhead.tell({ is: 'drop', key: 'a' })
    should(bulkhead.state.lanes.get('a')).be.undefined()
    bulkhead.tell({ is: 'drop', key: 'never seen' }).should.eql([])
  })

  it('forgets idle keys when there are too many, and never one at work', () => {
    const bulkhead = new PlayedBulkhead({ maxInFlight: 1 }, 3)
    bulkhead.accept(2, 'a')
    for (const key of ['b', 'c', 'd']) {
      bulkhead.accept(1, key)
      bulkhead.ends(bulkhead.state.messages)
    }
    bulkhead.state.lanes.size.should.equal(2)
    should(bulkhead.state.lanes.get('a')).containEql({ active: 1 })
  })
})

describe('a bulkhead that finds its number itself', () => {
  it('begins with all of its places', () => {
    new PlayedBulkhead({ isAdaptive: true }).accept(4).should.eql([...times(3, 'admit'), 'wait'])
  })

  it('goes down on failures and time-outs, one step for one overload, and never below 1', () => {
    const bulkhead = adaptive(10)
    bulkhead.accept(10)
    for (let message = 1; message <= 9; message++) bulkhead.ends(message, failed)
    limit(bulkhead).should.equal(9)
    for (let i = 0; i < 60; i++) {
      bulkhead.passes(1)
      bulkhead.accept()
      bulkhead.ends(bulkhead.state.messages, timeout)
    }
    limit(bulkhead).should.equal(1)
  })

  it('goes up slowly while its places are used', () => {
    const bulkhead = adaptive(10)
    bulkhead.accept(10)
    bulkhead.ends(1, failed)
    const sizes: number[] = []
    for (let message = 2; message <= 30; message++) {
      bulkhead.accept(1)
      for (const verdict of bulkhead.ends(message)) {
        if (verdict.is === 'resized') sizes.push(verdict.limit)
      }
    }
    sizes.should.eql([10])
    limit(bulkhead).should.equal(10)
  })

  it('learns nothing from success while most places are free', () => {
    const bulkhead = adaptive(10)
    bulkhead.accept(1)
    bulkhead.ends(1, failed)
    for (let i = 0; i < 100; i++) {
      bulkhead.accept(1)
      bulkhead.ends(bulkhead.state.messages)
    }
    limit(bulkhead).should.equal(9)
  })

  it('learns nothing from deploys, doubts, and refusals on the way', () => {
    const bulkhead = adaptive(10)
    bulkhead.accept(4)
    const refusal: Ended = { is: 'failed', why: { code: 'BREAKER_OPEN', kind: 'refusal' } }
    const endings: Ended[] = [{ is: 'interrupted' }, { is: 'unsure' }, { is: 'ignored' }, refusal]
    endings.forEach((ended, i) => void bulkhead.ends(i + 1, ended))
    limit(bulkhead).should.equal(10)
  })
})

function times<T>(count: number, value: T): T[] {
  return Array(count).fill(value)
}

const adaptive = (maxInFlight: number) =>
  new PlayedBulkhead({ isAdaptive: true, maxInFlight, maxWaiting: 100 })

function limit({ state, settings }: PlayedBulkhead): number {
  const lane = state.lanes.get('')
  return lane === undefined ? 0 : limitOf(lane, settings)
}
