/** Verdicts about health, row by row: what results make of it, and when it is looked again. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { figuresOf, lastOf, resultsOf } from '../../src/policy/health-record.js'
import type { HealthSettings } from '../../src/policy/health-state.js'
import { type Finding, PlayedHealth } from './played-health.js'

describe('a verdict about health', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', 'unknown'],
    ['o', 'healthy'],
    ['s', 'degraded'],
    ['p', 'degraded'],
    ['f', 'unknown'],
    ['ff', 'unknown'],
    ['fff', 'unhealthy'],
    ['ffo', 'healthy'],
    ['ffs', 'degraded'],
    ['off', 'healthy'],
    ['offo', 'healthy'],
    ['offoff', 'healthy'],
    ['offf', 'unhealthy'],
    ['oss', 'healthy'],
    ['osss', 'degraded'],
    ['ossf', 'degraded'],
    ['ossfff', 'unhealthy'],
    ['sff', 'degraded'],
    ['sfff', 'unhealthy'],
    ['so', 'degraded'],
    ['soo', 'healthy'],
    ['sos', 'degraded'],
    ['fffo', 'unhealthy'],
    ['fffof', 'unhealthy'],
    ['fffoo', 'healthy'],
    ['fffos', 'degraded'],
    ['fffss', 'degraded'],
    ['fffsoo', 'healthy'],
    ['offif', 'unhealthy'],
    ['iii', 'unknown'],
  ]
  for (const [results, status] of rows) {
    it(`is ${status} after ${results || 'nothing'}`, () => {
      const health = new PlayedHealth()
      finds(health, results)
      should(health.state.status).equal(status)
    })
  }

  it('is told at its change, with what it was', () => {
    const health = new PlayedHealth()
    should(health.next('ok').turn).eql({ from: 'unknown', to: 'healthy' })
    for (const _ of [1, 2]) should(health.next('failed').turn).be.undefined()
    should(health.next('failed').turn).eql({ from: 'healthy', to: 'unhealthy' })
    should(health.next('failed').turn).be.undefined()
  })
})

describe('a verdict about several checks', () => {
  const both = { checks: [{ isCritical: true }, { isCritical: true }] }
  const oneOfTwo = { checks: [{ isCritical: true }, { isCritical: false }] }
  const rows: readonly (readonly [string, Partial<HealthSettings>, Finding, Finding, string])[] = [
    ['all well', both, 'ok', 'ok', 'healthy'],
    ['one slow', both, 'ok', 'slow', 'degraded'],
    ['one down', both, 'ok', 'failed', 'unhealthy'],
    ['one slow, one down', both, 'slow', 'failed', 'unhealthy'],
    ['one unknown', both, 'ok', 'ignored', 'unknown'],
    ['one down that is not critical', oneOfTwo, 'ok', 'failed', 'degraded'],
    ['one unknown that is not critical', oneOfTwo, 'ok', 'ignored', 'healthy'],
    ['only one known, that is not critical', oneOfTwo, 'ignored', 'ok', 'unknown'],
  ]
  for (const [what, settings, first, second, status] of rows) {
    it(`is ${status} with ${what}`, () => {
      const health = new PlayedHealth(settings)
      const findings = [first, second]
      for (let i = 0; i < 6; i++) {
        health.passes(30_000)
        for (const { check, run } of health.tell({ is: 'check', fraction: 0.5 }).start) {
          health.finds(check, run, findings[check] ?? 'ok')
        }
      }
      should(health.state.status).equal(status)
    })
  }
})

describe('the next check', () => {
  it('comes after the interval when nothing is about to change', () => {
    const health = new PlayedHealth()
    health.next('ok')
    health.wait.should.equal(30_000)
  })

  it('comes at most a tenth sooner or later', () => {
    for (const [fraction, wait] of [
      [0, 27_000],
      [1, 33_000],
    ] as const) {
      const health = new PlayedHealth()
      health.fraction = fraction
      health.next('ok')
      health.wait.should.equal(wait)
    }
  })

  it('comes after 3 s while one more result may change the verdict', () => {
    for (const results of ['f', 'of', 'os', 'fffo', 'sf', 'so']) {
      const health = new PlayedHealth()
      finds(health, results)
      health.wait.should.equal(3000, results)
    }
  })

  it('comes after the interval again while it stays bad', () => {
    for (const results of ['fff', 'ffff', 's', 'ss']) {
      const health = new PlayedHealth()
      finds(health, results)
      health.wait.should.equal(30_000, results)
    }
  })

  it('never comes later than the interval, however near a change is', () => {
    const health = new PlayedHealth({ interval: ms(1000) })
    finds(health, 'of')
    health.wait.should.equal(1000)
  })

  it('is skipped and counted while the last one is under way', () => {
    const health = new PlayedHealth()
    const [first] = health.tell({ is: 'time', fraction: 0.5 }).start
    for (let i = 0; i < 3; i++) {
      health.passes(30_000)
      health.tell({ is: 'time', fraction: 0.5 }).start.should.eql([])
    }
    should(figuresOf(health.check.record).skipped).equal(3)
    health.finds(0, first?.run ?? 0, 'ok')
    health.passes(30_000)
    health.tell({ is: 'time', fraction: 0.5 }).start.length.should.equal(1)
  })

  it('is begun at once by an order, unless it is under way', () => {
    const health = new PlayedHealth()
    health.next('ok')
    health.tell({ is: 'check', fraction: 0.5 }).start.length.should.equal(1)
    health.tell({ is: 'check', fraction: 0.5 }).start.should.eql([])
  })
})

describe('a system that flaps', () => {
  it('is named at the fourth change within minutes, and believed more slowly', () => {
    const health = new PlayedHealth()
    finds(health, 'offfoofff')
    should(health.check.flap).containEql({ isFlapping: false, changes: 3 })
    should(told(health, 'oo')).eql(['begun'])
    should(health.check.flap).containEql({ isFlapping: true, changes: 4 })
    finds(health, 'fff')
    finds(health, 'o'.repeat(9))
    should(health.state.status).equal('unhealthy')
    health.next('ok')
    should(health.state.status).equal('healthy')
  })

  it('goes down as soon as any other', () => {
    const health = new PlayedHealth()
    finds(health, 'offfooffffoo')
    finds(health, 'fff')
    should(health.state.status).equal('unhealthy')
  })

  it('is calm again when it has kept still for some minutes', () => {
    const health = new PlayedHealth()
    finds(health, 'offfoofffoo')
    const from = health.now
    should(told(health, 'o'.repeat(20))).eql(['over'])
    should(health.check.flap.isFlapping).be.false()
    should(health.now - from).be.within(300_000, 900_000)
  })

  it('is none where changes are hours apart', () => {
    const health = new PlayedHealth()
    for (let i = 0; i < 10; i++) {
      health.passes(3_600_000)
      finds(health, i % 2 === 0 ? 'oo' : 'fff')
      should(health.check.flap.isFlapping).be.false()
      health.check.flap.changes.should.be.belowOrEqual(1)
    }
  })
})

describe('orders of a person', () => {
  it('pause it: nothing is checked and nothing is known, until it resumes', () => {
    const health = new PlayedHealth()
    finds(health, 'offf')
    should(health.tell({ is: 'pause', fraction: 0 }).turn).eql({ from: 'unhealthy', to: 'unknown' })
    should(health.last?.wakeAt).be.undefined()
    health.tell({ is: 'check', fraction: 0 }).start.should.eql([])
    health.tell({ is: 'resume', fraction: 0 })
    should(health.last?.wakeAt).equal(health.now)
    finds(health, 'o')
    should(health.state.status).equal('healthy')
    should(figuresOf(health.check.record)).containEql({ checks: 5, failures: 3 })
  })

  it('make a result late that was under way', () => {
    for (const is of ['pause', 'reset'] as const) {
      const health = new PlayedHealth()
      const [first] = health.tell({ is: 'time', fraction: 0 }).start
      health.tell({ is, fraction: 0 })
      should(health.finds(0, first?.run ?? 0, 'ok').ended).be.undefined()
      should(health.state.status).equal('unknown')
    }
  })

  it('clear its history', () => {
    const health = new PlayedHealth()
    finds(health, 'offf')
    health.tell({ is: 'reset', fraction: 0 })
    should(figuresOf(health.check.record)).containEql({ checks: 0, successRate: undefined })
    should(health.state.status).equal('unknown')
  })
})

describe('the record of a check', () => {
  it('has rates and times of the last 100, and counts of all', () => {
    const health = new PlayedHealth({ slowAfter: ms(10_000) })
    finds(health, 'f'.repeat(50) + 'o'.repeat(95) + 's'.repeat(5))
    const figures = figuresOf(health.check.record)
    should(figures).containEql({ checks: 150, successes: 100, failures: 50, successRate: 1 })
    should(figures).containEql({ averageMs: (95 * 12 + 5 * 1000) / 100, p95Ms: 12 })
    should(lastOf(health.check.record)).containEql({ is: 'ok', latencyMs: 1000 })
    resultsOf(health.check.record).length.should.equal(100)
  })

  it('has its results oldest first, with why they failed', () => {
    const health = new PlayedHealth()
    finds(health, `${'o'.repeat(100)}fs`)
    const results = resultsOf(health.check.record).map(({ is }) => is)
    results.slice(-3).should.eql(['ok', 'failed', 'slow'])
    should(resultsOf(health.check.record).at(-2)?.why?.code).equal('CHECK_FAILED')
  })
})

const findings: Readonly<Record<string, Finding>> = {
  ...{ o: 'ok', s: 'slow', p: 'poor', f: 'failed', i: 'ignored' },
}

/** One letter for each result: ok, slow, poor, failed, ignored. */
function finds(health: PlayedHealth, results: string): void {
  for (const letter of results) health.next(findings[letter] ?? 'ok')
}

/** What is said about flapping meanwhile. */
function told(health: PlayedHealth, results: string): string[] {
  const from = health.decisions.length
  finds(health, results)
  return health.decisions.slice(from).flatMap(({ flapping }) => flapping ?? [])
}
