/** The circuit breaker as an integrator meets it: what trips it, and what ends that. */

import should from 'should'
import { instant, ms } from '../../src/base/units.js'
import { whatIf } from '../../src/policy/circuit-breaker-state.js'
import type { Ended } from '../../src/policy/ended.js'
import { failed, minute, PlayedBreaker, refused, usual } from './played-breaker.js'

const timeout: Ended = { is: 'timeout' }
const ignored: Ended = { is: 'ignored' }
const { trip: rules } = usual

describe('a closed circuit breaker', () => {
  const rows: readonly [title: string, breaker: () => PlayedBreaker, is: 'closed' | 'open'][] = [
    ['stays closed after 4 failures in a row', () => fed(times(4, failed)), 'closed'],
    ['opens at the fifth', () => fed(times(5, failed)), 'open'],
    ['counts time-outs as failures', () => fed(times(5, timeout)), 'open'],
    [
      'counts anew after a success',
      () => fed([...times(4, failed), 'ok', ...times(4, failed)]),
      'closed',
    ],
    ['has no opinion on messages that are ignored', () => fed(times(50, ignored)), 'closed'],
    ['nor on those that a deploy ended', () => fed(times(50, { is: 'interrupted' })), 'closed'],
    ['nor on those of which nobody is sure', () => fed(times(50, { is: 'unsure' })), 'closed'],
    ['nor on those that a node behind it refused', () => fed(times(50, refused)), 'closed'],
    ['opens when half of 10 calls failed', () => fed(alternating(10)), 'open'],
    ['stays closed while there are fewer than 10', () => fed(alternating(9)), 'closed'],
    ['stays closed when less than half failed', () => fed(['ok', ...alternating(9)]), 'closed'],
    ['opens when 8 of 10 were slow', () => fed(times(8, 'ok'), 2000).calls(times(2, 'ok')), 'open'],
    [
      'stays closed when 7 of 10 were',
      () => fed(times(7, 'ok'), 2000).calls(times(3, 'ok')),
      'closed',
    ],
    ['does not call 1,999 ms slow', () => fed(times(20, 'ok'), 1999), 'closed'],
    [
      'forgets what is older than its window',
      () => fed(alternating(9)).after(minute).calls(alternating(9)),
      'closed',
    ],
    [
      'opens by nothing but its share when the others are off',
      () => new PlayedBreaker({ trip: { ...rules, consecutive: 'off' } }).calls(times(9, failed)),
      'closed',
    ],
    [
      'never trips by a share of 0 % while nothing fails',
      () => new PlayedBreaker({ trip: { ...rules, failureRate: 0 } }).calls(times(50, 'ok')),
      'closed',
    ],
    [
      'takes a full window of calls for enough',
      () =>
        new PlayedBreaker({
          trip: { ...rules, minimumCalls: 10, window: { is: 'calls', count: 6 } },
        }).calls(alternating(6)),
      'open',
    ],
  ]
  for (const [title, breaker, is] of rows) {
    it(title, () => should(breaker().is).equal(is))
  }

  it('tells why it opened, and the calls that led there', () => {
    const breaker = fed([...times(3, 'ok' as const), ...times(5, failed)], 40)
    const [change] = breaker.changes
    should(change).containEql({ from: 'closed', to: 'open', cause: 'consecutive', isShadow: false })
    should(change?.until).equal(breaker.now + 30_000)
    should(change?.story?.totals).eql({ calls: 8, failed: 5, slow: 0 })
    should(change?.story?.calls.map(({ is }) => is)).eql([...times(3, 'ok'), ...times(5, 'failed')])
    should(change?.story?.calls[7]).eql({
      at: breaker.now,
      is: 'failed',
      tookMs: 40,
      code: 'HTTP_STATUS',
    })
  })

  it('remembers which status an HTTP server answered', () => {
    const why = { code: 'HTTP_STATUS', kind: 'transient', values: { status: 503 } } as const
    const breaker = fed(times(5, { is: 'failed' as const, why }), 40)
    should(breaker.changes[0]?.story?.calls.at(-1)).containEql({ code: 'HTTP_STATUS', status: 503 })
  })

  it('keeps the last 50 calls for people, in order', () => {
    const breaker = fed(times(70, 'ok'), 1).trip()
    const calls = breaker.changes[0]?.story?.calls ?? []
    calls.length.should.equal(50)
    calls.map(({ at }) => at).should.eql([...calls.map(({ at }) => at)].sort((a, b) => a - b))
    calls
      .slice(45)
      .every(({ is }) => is === 'failed')
      .should.be.true()
  })

  it('tells what other thresholds would have done', () => {
    const breaker = fed(['ok', ...times(5, failed)], 10)
    const story = breaker.changes[0]?.story
    const answers = story === undefined ? [] : whatIf(story, rules)
    const inARow = answers.map(({ rules: { consecutive }, at }) => [consecutive, at !== undefined])
    inARow.slice(0, 3).should.eql([
      [3, true],
      [8, false],
      [15, false],
    ])
    answers
      .slice(3)
      .every(({ at }) => at === undefined)
      .should.be.true()
  })
})

describe('an open circuit breaker', () => {
  it('refuses, and says until when and why', () => {
    const breaker = new PlayedBreaker().trip()
    const retryAt = breaker.now + 30_000
    breaker.ask().should.eql({ is: 'refuse', state: 'open', retryAt, cause: 'consecutive' })
    breaker.after(29_999).ask().should.equal(breaker.ask())
  })

  it('lets one probe through after its cool-down', () => {
    const breaker = new PlayedBreaker().trip().after(30_000)
    should(breaker.is).equal('half-open')
    breaker.permit().isProbe.should.be.true()
    breaker.ask().is.should.equal('refuse')
  })

  it('finds out by itself that the time has come, if nobody told', () => {
    const breaker = new PlayedBreaker().trip()
    breaker.now = instant(breaker.now + 30_000)
    breaker.permit().isProbe.should.be.true()
    should(breaker.changes.at(-1)).containEql({ from: 'open', to: 'half-open' })
  })

  it('stays open longer each time it has to open again, up to the longest', () => {
    const breaker = new PlayedBreaker().trip()
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      const { wakeAt = breaker.now } = breaker
      waits.push(wakeAt - breaker.now)
      breaker.after(wakeAt - breaker.now).calls([failed, failed])
    }
    waits.should.eql([30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  })

  it('begins anew with the shortest once it has stayed closed for 5 minutes', () => {
    const again = (calmMs: number) => {
      const breaker = recovered().after(calmMs).trip()
      return (breaker.wakeAt ?? breaker.now) - breaker.now
    }
    again(5 * minute - 1).should.equal(60_000)
    again(5 * minute).should.equal(30_000)
  })

  it('spreads its cool-down by the share of the jitter', () => {
    const breaker = new PlayedBreaker({ backOff: { ...usual.backOff, jitter: 0.2 } })
    breaker.calls(times(4, failed)).report(breaker.permit(), failed, 0.5)
    should(breaker.wakeAt).equal(breaker.now + 27_000)
  })

  const asked: readonly [title: string, retryAfter: number, openMs: number][] = [
    ['longer when the other side asks for it', 90_000, 90_000],
    ['no shorter when the other side asks for less', 1000, 30_000],
    ['15 minutes at most, whatever the other side asks for', 86_400_000, 900_000],
  ]
  for (const [title, retryAfter, openMs] of asked) {
    it(`stays open ${title}`, () => {
      const breaker = new PlayedBreaker().calls(times(4, failed))
      breaker.report(breaker.permit(), { ...failed, retryAfter: ms(retryAfter) })
      should(breaker.wakeAt).equal(breaker.now + openMs)
    })
  }

  it('does not remember that the other side wanted to be left alone before it was well', () => {
    const breaker = new PlayedBreaker().calls([{ ...failed, retryAfter: ms(90_000) }, 'ok']).trip()
    should(breaker.wakeAt).equal(breaker.now + 30_000)
  })

  it('is not moved by results of calls made before', () => {
    const breaker = new PlayedBreaker()
    const permits = times(20, 0).map(() => breaker.permit())
    const [early, ...others] = permits
    others
      .slice(0, 5)
      .map((permit) => breaker.report(permit, failed))
      .should.eql(times(5, 'counted'))
    const { state } = breaker
    others
      .slice(5)
      .map((permit) => breaker.report(permit, failed))
      .should.eql(times(14, 'late'))
    if (early !== undefined) breaker.report(early, 'ok').should.equal('late')
    breaker.state.should.equal(state)
    breaker.changes.length.should.equal(1)
  })
})

describe('a half-open circuit breaker', () => {
  const rows: readonly [title: string, endings: (Ended | 'ok')[], is: string][] = [
    ['stays so after one good probe', ['ok'], 'half-open'],
    ['closes after two', ['ok', 'ok'], 'closed'],
    ['stays so after one bad probe', [failed], 'half-open'],
    ['opens after two', [failed, failed], 'open'],
    ['closes when two of three were good', [failed, 'ok', 'ok'], 'closed'],
    ['opens when two of three were bad', ['ok', timeout, failed], 'open'],
    ['goes on asking while probes are ignored', times(30, ignored), 'half-open'],
    ['does not count a probe that a node behind it refused', [refused, 'ok', 'ok'], 'closed'],
  ]
  for (const [title, endings, is] of rows) {
    it(title, () => should(halfOpen().calls(endings).is).equal(is))
  }

  it('takes a slow probe for a bad one', () => {
    should(halfOpen().calls(['ok', 'ok'], 2000).is).equal('open')
  })

  it('does not, when nobody asked about slow calls', () => {
    const settings = { trip: { ...rules, slowRate: 'off' as const } }
    should(halfOpen(settings).calls(['ok', 'ok'], 2000).is).equal('closed')
  })

  it('refuses for a second at a time while its probe is out', () => {
    const breaker = halfOpen()
    breaker.permit()
    const { now } = breaker
    breaker.ask().should.containEql({ is: 'refuse', state: 'half-open', retryAt: now + 1000 })
    breaker
      .after(minute - 10)
      .ask()
      .should.containEql({ retryAt: now + minute })
  })

  it('takes a probe that never comes back for a bad one', () => {
    const breaker = halfOpen()
    breaker.permit()
    breaker.after(minute)
    should(breaker.is).equal('half-open')
    const second = breaker.permit()
    breaker.after(minute)
    should(breaker.is).equal('open')
    breaker.report(second, 'ok').should.equal('late')
    should(breaker.is).equal('open')
  })

  it('does so when asked, if nobody told the time', () => {
    const breaker = halfOpen()
    const overdue = () => {
      breaker.now = instant(breaker.now + minute)
      return breaker.ask().is
    }
    breaker.permit()
    overdue().should.equal('permit')
    overdue().should.equal('refuse')
    should(breaker.is).equal('open')
  })

  it('is as patient as its probe: a good result after the deadline is late', () => {
    const breaker = halfOpen()
    const probe = breaker.permit()
    breaker.after(minute)
    breaker.report(probe, 'ok').should.equal('late')
  })

  it('keeps its first reason when it opens again', () => {
    const breaker = halfOpen().calls([failed, failed])
    should(breaker.changes.at(-1)).containEql({
      from: 'half-open',
      to: 'open',
      cause: 'consecutive',
    })
  })
})

function times<T>(count: number, value: T): T[] {
  return Array(count).fill(value)
}

/** Half of them failed, the last among them if they are even. */
const alternating = (count: number): (Ended | 'ok')[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'ok' : failed))

const fed = (endings: readonly (Ended | 'ok')[], tookMs = 0) =>
  new PlayedBreaker().calls(endings, tookMs)

function halfOpen(settings: ConstructorParameters<typeof PlayedBreaker>[0] = {}): PlayedBreaker {
  return new PlayedBreaker(settings).trip().after(30_000)
}

const recovered = () => halfOpen().calls(['ok', 'ok'])
