/** What holds of every verdict about health: over random runs of results, orders and time. */

import fc from 'fast-check'
import should from 'should'
import { ms } from '../../src/base/units.js'
import type { HealthDecision } from '../../src/policy/health.js'
import { resultsMax } from '../../src/policy/health-record.js'
import { type HealthSettings, statusOf } from '../../src/policy/health-state.js'
import { testSeed } from '../world/seeded-random.js'
import { type Finding, PlayedHealth } from './played-health.js'

describe('a verdict about health, whatever happens', () => {
  it('is never unhealthy before so many failures in a row', () => {
    played((health, _decision, results) => {
      const { downAfter } = health.settings
      for (const [at, { status }] of health.state.checks.entries()) {
        if (status !== 'unhealthy') continue
        const failed = results[at]?.slice(-downAfter - 1000) ?? []
        should(longestRow(failed, 'failed')).be.aboveOrEqual(downAfter)
      }
    })
  })

  it('leaves unhealthy only after so many good results in a row', () => {
    played((health, { turn, ended = 0 }, results) => {
      if (turn?.from !== 'unhealthy' || turn.to === 'unknown') return
      const row = results[ended]?.slice(-health.settings.upAfter) ?? []
      if (health.state.checks.length === 1) {
        row.length.should.equal(health.settings.upAfter)
        row.should.not.containEql('failed')
      }
    })
  })

  it('never has two checks of a kind under way, and forgets none', () => {
    played((health, { start }) => {
      for (const { check, run } of start) should(health.checkAt(check).run?.id).equal(run)
      const runs = health.state.checks.flatMap(({ run }) => run?.id ?? [])
      new Set(runs).size.should.equal(runs.length)
    })
  })

  it('asks to be woken at the next check, never in the past once it was told the time', () => {
    played((health, { wakeAt }) => {
      if (health.state.isPaused) should(wakeAt).be.undefined()
      else should(wakeAt).equal(Math.min(...health.state.checks.map(({ due }) => due)))
      const longest = health.settings.interval * 1.1 + 1
      for (const { due } of health.state.checks) due.should.be.belowOrEqual(health.now + longest)
    })
  })

  it('keeps at most 100 results of each check', () => {
    played((health) => {
      for (const { record } of health.state.checks) {
        record.results.length.should.be.belowOrEqual(resultsMax)
        const kept = record.results.filter(({ is }) => is === 'failed').length
        kept.should.be.belowOrEqual(record.failures)
      }
    })
  })

  it('tells every change of the verdict about all, and no other', () => {
    let before = 'unknown'
    played(
      (health, { turn }) => {
        if (turn === undefined) should(health.state.status).equal(before)
        else {
          should(turn.from).equal(before)
          turn.to.should.not.equal(turn.from)
        }
        before = health.state.status
        should(before).equal(statusOf(health.state, health.settings))
      },
      () => {
        before = 'unknown'
      },
    )
  })

  it('is plain data', () => {
    played((health) => {
      should(JSON.parse(JSON.stringify(health.state))).eql(
        JSON.parse(JSON.stringify(structuredClone(health.state))),
      )
    })
  })
})

type Step =
  | { readonly is: 'time'; readonly spanMs: number }
  | { readonly is: 'found'; readonly which: number; readonly finding: Finding }
  | { readonly is: 'check' | 'pause' | 'resume' | 'reset' }

const finding = fc.constantFrom<Finding>('ok', 'ok', 'failed', 'failed', 'slow', 'poor', 'ignored')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.nat(5000).map((spanMs): Step => ({ is: 'time', spanMs })),
  },
  {
    weight: 8,
    arbitrary: fc
      .record({ which: fc.nat(3), finding })
      .map((fields): Step => ({ is: 'found', ...fields })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('check' as const, 'pause' as const, 'resume' as const, 'reset' as const)
      .map((is): Step => ({ is })),
  },
)

const settings: fc.Arbitrary<HealthSettings> = fc.record({
  interval: fc.integer({ min: 1000, max: 10_000 }).map(ms),
  slowAfter: fc.constant(ms(1000)),
  downAfter: fc.integer({ min: 1, max: 4 }),
  upAfter: fc.integer({ min: 1, max: 3 }),
  checks: fc.array(fc.record({ isCritical: fc.boolean() }), { minLength: 1, maxLength: 3 }),
})

/** Looks at every decision of random runs; `results` are those that counted, for each check. */
function played(
  look: (
    health: PlayedHealth,
    decision: HealthDecision,
    results: readonly (readonly Finding[])[],
  ) => void,
  begin = () => {},
): void {
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 120 }), (given, run) => {
      begin()
      const health = new PlayedHealth(given)
      const results: Finding[][] = given.checks.map(() => [])
      for (const each of run) look(health, taken(health, each, results), results)
    }),
    { seed: testSeed, numRuns: 400 },
  )
}

function taken(health: PlayedHealth, step: Step, results: Finding[][]): HealthDecision {
  if (step.is === 'time') {
    health.passes(step.spanMs)
    return health.tell({ is: 'time', fraction: 0.5 })
  }
  if (step.is !== 'found') return health.tell({ is: step.is, fraction: 0.5 })
  const check = step.which % health.state.checks.length
  const run = health.checkAt(check).run?.id ?? 0
  if (run !== 0 && step.finding !== 'ignored') results[check]?.push(step.finding)
  return health.finds(check, run, step.finding)
}

function longestRow(of: readonly Finding[], finding: Finding): number {
  let [longest, row] = [0, 0]
  for (const each of of) {
    row = each === finding ? row + 1 : 0
    longest = Math.max(longest, row)
  }
  return longest
}
