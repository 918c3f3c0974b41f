/** What holds of a circuit breaker whatever happens: over random runs, beside a simple model. */

import fc from 'fast-check'
import should from 'should'
import { instant, ms } from '../../src/base/units.js'
import { restored, saved } from '../../src/policy/circuit-breaker-saved.js'
import { type Breaker, fresh, type Permit } from '../../src/policy/circuit-breaker-state.js'
import { testSeed } from '../world/seeded-random.js'
import { type Action, act, anything, byItself, settings } from './breaker-actions.js'
import { ListedBreaker } from './listed-breaker.js'
import { failed, minute, PlayedBreaker, usual } from './played-breaker.js'

describe('a circuit breaker, whatever happens', () => {
  it('does what the simple model does', () => {
    const run = fc.array(byItself, { maxLength: 120 })
    holds(
      fc.property(settings, run, (given, actions) => {
        const breaker = new PlayedBreaker({ ...given, reportOnly: false })
        const model = new ListedBreaker(breaker.settings, breaker.now)
        const out: Permit[] = []
        const eras = new Map<Permit, number>()
        for (const action of actions) {
          if (action.is === 'health') continue
          // The model has no timer: time is told to both at the end of a span.
          const step: Action = action.is === 'time' ? { ...action, isTold: false } : action
          const { verdict, permit } = act(breaker, step, out)
          if (action.is === 'ask') {
            model.asks(breaker.now).should.equal(verdict?.is === 'permit')
            if (permit !== undefined) eras.set(permit, model.era)
          } else if (action.is === 'report' && permit !== undefined) {
            const isOfNow = eras.get(permit) === model.era
            const { ended, fraction } = action
            if (isOfNow) model.ends(permit.at, ended, breaker.now, fraction)
            should(verdict?.is === 'late').equal(!isOfNow)
          } else if (action.is === 'time' && action.isTold) {
            breaker.tell({ is: 'time', fraction: 0.25 })
            model.time(breaker.now, 0.25)
          }
          should(breaker.is).equal(model.is)
          should(breaker.state.memory.trips).equal(model.trips)
          if (breaker.state.is === 'open') should(breaker.state.until).equal(model.until)
        }
      }),
    )
  })

  it('has one probe out at most, and permits nothing else while half-open or open', () => {
    played((breaker, action, before, { verdict }) => {
      if (action.is !== 'ask' || verdict === undefined) return
      if (breaker.state.is === 'half-open' && verdict.is === 'permit') {
        verdict.permit.isProbe.should.be.true()
        if (before.is === 'half-open') should(breaker.state.probe?.id).equal(verdict.permit.id)
      }
      if (breaker.is === 'open' || breaker.is === 'isolated') should(verdict.is).equal('refuse')
    })
  })

  it('sends no more probes than it may before it closes or opens', () => {
    played((breaker) => {
      if (breaker.state.is !== 'half-open') return
      const { good, bad, probe } = breaker.state
      const { probes, probeSuccesses } = breaker.settings
      good.should.be.below(probeSuccesses)
      bad.should.be.belowOrEqual(probes - probeSuccesses)
      should(good + bad + (probe === undefined ? 0 : 1)).be.belowOrEqual(probes)
    })
  })

  it('closes from half-open, or because a person says so, and in no other way', () => {
    played((breaker, action, before) => {
      if (breaker.is !== 'closed' || before.is === 'closed') return
      if (action.is !== 'order') should(before.is).equal('half-open')
    })
  })

  it('is never moved by a late result', () => {
    played((breaker, _, before, { verdict }, written) => {
      if (verdict?.is !== 'late') return
      breaker.state.should.equal(before)
      JSON.stringify(saved(breaker.state, breaker.now)).should.equal(written)
    })
  })

  it('asks to be woken only for what is still to come', () => {
    played((breaker, action) => {
      if (action.is !== 'time' || !action.isTold || breaker.wakeAt === undefined) return
      breaker.wakeAt.should.be.above(breaker.now)
    })
  })

  it('never hangs: once the other side is well it closes, however the run began', () => {
    holds(
      fc.property(
        settings,
        fc.array(byItself, { maxLength: 80 }),
        fc.boolean(),
        (given, run, told) => {
          const calm = {
            ...given.trip,
            slowRate: 'off',
            failureRate: 'off',
            consecutive: 5,
          } as const
          const breaker = new PlayedBreaker({ ...given, reportOnly: false, trip: calm })
          const out: Permit[] = []
          for (const action of run) act(breaker, action, out)
          // Nothing that is out ever comes back.
          const longest = 20 * minute
          if (told) breaker.after(longest)
          else breaker.skip(longest)
          for (let i = 0; i < 40 && breaker.is !== 'closed'; i++) {
            const verdict = breaker.ask()
            if (verdict.is === 'permit') breaker.report(verdict.permit, 'ok')
            else breaker.skip(longest)
          }
          should(breaker.is).equal('closed')
        },
      ),
    )
  })

  it('is bounded, and as large after ten thousand calls as after a thousand', () => {
    const grown = (calls: number) => {
      const breaker = new PlayedBreaker({
        trip: { ...usual.trip, consecutive: 'off', failureRate: 'off' },
      })
      breaker.calls(Array(calls).fill(failed), 1)
      const { state } = breaker
      return state.is === 'closed' ? [state.memory.recent.length, Object.keys(state).length] : []
    }
    grown(10_000).should.eql(grown(1000))
  })
})

describe('a circuit breaker that is written and read', () => {
  it('decides on as if what was out had been ignored, at any moment', () => {
    const run = fc.array(anything, { maxLength: 60 })
    holds(
      fc.property(settings, run, run, (given, before, after) => {
        const logs = [true, false].map((isRestarted) => {
          const breaker = new PlayedBreaker(given)
          const out: Permit[] = []
          for (const action of before) act(breaker, action, out)
          if (isRestarted) act(breaker, { is: 'restart' }, out)
          else
            for (const permit of out.splice(0)) {
              breaker.tell({ is: 'report', permit, ended: { is: 'ignored' }, fraction: 0 })
            }
          breaker.tell({ is: 'time', fraction: 0 })
          return after.map((action) => [act(breaker, action, out), breaker]).map(relative)
        })
        should(logs[0]).eql(logs[1])
      }),
    )
  })

  it('starts closed when what was written is older than its limit', () => {
    const breaker = new PlayedBreaker().trip()
    breaker.restart(10 * minute + 1).should.be.false()
    should(breaker.is).equal('closed')
  })

  it('is open for what is left when it is not', () => {
    const breaker = new PlayedBreaker().trip().after(10_000)
    breaker.restart(5000).should.be.true()
    should(breaker.wakeAt).equal(breaker.now + 15_000)
  })

  it('starts closed when nothing shall be remembered', () => {
    new PlayedBreaker().trip().restart(0, 'off').should.be.false()
  })

  for (const order of ['isolate', 'disable', 'shadow'] as const) {
    it(`keeps what a person ordered (${order}) for ever`, () => {
      for (const limit of [10 * minute, 'off'] as const) {
        const breaker = new PlayedBreaker().trip().order(order, 'ann')
        breaker.restart(365 * 86_400_000, limit).should.be.true()
        should(breaker.state).containEql({ by: 'ann' })
      }
    })
  }

  it('takes a wrong clock for no time at all', () => {
    const breaker = new PlayedBreaker().trip()
    breaker.restart(-86_400_000).should.be.true()
    should(breaker.wakeAt).equal(breaker.now + 30_000)
  })

  it('refuses nothing any more when reporting only was chosen meanwhile, and the other way', () => {
    const breaker = new PlayedBreaker().trip()
    breaker.restart(0, 10 * minute, { ...usual, reportOnly: true })
    should(breaker.is).equal('shadow')
    breaker.ask().is.should.equal('permit')
    breaker.restart(0, 10 * minute, usual)
    should(breaker.is).equal('open')
  })

  it('is not open for longer than its new settings allow', () => {
    const breaker = new PlayedBreaker({
      backOff: { ...usual.backOff, initial: ms(3_600_000), max: ms(3_600_000) },
    })
    breaker.trip().restart(0, 10 * minute, usual)
    should(breaker.wakeAt).equal(breaker.now + 15 * minute)
  })

  it('makes a fresh one of whatever cannot be read', () => {
    const limits = { ...usual, stateMaxAge: ms(minute) }
    const whole = [new PlayedBreaker().trip(), new PlayedBreaker(), halfOpen()].map((breaker) =>
      saved(breaker.state, breaker.now),
    )
    const broken = fc.constantFrom(...whole).chain((document) =>
      fc.record({
        document: fc.constant(document),
        field: fc.constantFrom(...Object.keys(document)),
        value: fc.oneof(fc.anything(), fc.constantFrom(-1, 1e308, Number.NaN, 'closed', 'shadow')),
      }),
    )
    holds(
      fc.property(fc.oneof(fc.anything(), broken.map(mixed)), (document) => {
        const read = restored(document, 0, instant(1000), limits)
        const breaker = new PlayedBreaker()
        breaker.state = read ?? fresh(usual, breaker.now)
        breaker.ask().is.should.match(/permit|refuse/)
        breaker.after(20 * minute)
      }),
    )
  })
})

const mixed = (parts: { document: object; field: string; value: unknown }) => {
  return { ...parts.document, [parts.field]: parts.value }
}

const halfOpen = () => new PlayedBreaker().trip().after(30_000)

/** What an outsider sees, with moments as spans from now. */
function relative([acted, breaker]: (ReturnType<typeof act> | PlayedBreaker)[]): unknown {
  if (!(breaker instanceof PlayedBreaker) || acted === undefined || !('verdict' in acted)) return []
  const { verdict } = acted
  const wakeMs = breaker.wakeAt === undefined ? undefined : breaker.wakeAt - breaker.now
  const { is } = breaker
  if (verdict?.is === 'permit') return { is, wakeMs, verdict: [verdict.permit.isProbe] }
  if (verdict?.is !== 'refuse') return { is, wakeMs, verdict: verdict?.is }
  const { state, cause, retryAt } = verdict
  return { is, wakeMs, verdict: [state, cause, retryAt === undefined ? -1 : retryAt - breaker.now] }
}

/** Looks at every step of random runs; `written` is the state as it was saved before the step. */
function played(
  look: (
    breaker: PlayedBreaker,
    action: Action,
    before: Breaker,
    acted: ReturnType<typeof act>,
    written: string,
  ) => void,
): void {
  holds(
    fc.property(settings, fc.array(anything, { maxLength: 80 }), (given, actions) => {
      const breaker = new PlayedBreaker(given)
      const out: Permit[] = []
      for (const action of actions) {
        const before = breaker.state
        const written = JSON.stringify(saved(before, breaker.now))
        look(breaker, action, before, act(breaker, action, out), written)
      }
    }),
  )
}

/** Over 1,000 runs, the same ones every time. */
const holds = <T>(property: fc.IProperty<T>) => {
  fc.assert(property, { seed: testSeed, numRuns: 1000 })
}
