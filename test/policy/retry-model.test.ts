/** What holds of a retry whatever happens: over random runs of messages, gates and time. */

import fc from 'fast-check'
import should from 'should'
import { after, type Instant, ms } from '../../src/base/units.js'
import type { Ended } from '../../src/policy/ended.js'
import { freshBudget, retryingMax } from '../../src/policy/retry-budget.js'
import { openGate, type RetrySettings, type RetryVerdict } from '../../src/policy/retry-state.js'
import { testSeed } from '../world/seeded-random.js'
import { failed, PlayedRetry, refused } from './played-retry.js'

describe('a retry, whatever happens', () => {
  it('never makes more attempts than it may, and settles each message once', () => {
    played((retry, _, verdicts) => {
      for (const verdict of verdicts) {
        if (verdict.is === 'late') continue
        const { attempts, settled } = retry.historyOf(verdict.message)
        should(settled).be.belowOrEqual(1)
        if (retry.settings.attempts !== 'unlimited')
          attempts.should.be.belowOrEqual(retry.settings.attempts)
      }
    })
  })

  it('never goes over its budget by a message that it tries again', () => {
    played((retry, before) => {
      const { budget } = retry.state
      if (budget.retrying <= before.retrying) return
      const { underWay } = before
      const max = retryingMax({ underWay, retrying: 0 }, retry.settings.budget)
      budget.retrying.should.be.belowOrEqual(max)
    })
  })

  it('keeps its counts: under way, waiting and trying again', () => {
    played(({ state, settings }) => {
      const trials = [...state.trials.values()]
      state.budget.underWay.should.equal(trials.length)
      state.waiting.should.equal(trials.filter(({ at }) => at.is === 'waiting').length)
      state.budget.retrying.should.equal(trials.filter(({ isRetrying }) => isRetrying).length)
      state.waiting.should.be.belowOrEqual(settings.maxWaiting)
    })
  })

  it('starts no attempt against the gate, unless a person asks', () => {
    played((retry, { event }, verdicts) => {
      if (event.is === 'flush') return
      const started = verdicts.filter(({ is }) => is === 'attempt').length
      started.should.be.belowOrEqual(retry.gate.free)
    })
  })

  it('starts no attempt after the deadline, unless a person asks', () => {
    played((retry, { event, deadlines }, verdicts) => {
      if (event.is === 'flush') return
      for (const verdict of verdicts) {
        if (verdict.is !== 'attempt') continue
        const deadline = deadlines.get(verdict.message)
        if (deadline !== undefined) retry.now.should.be.below(deadline)
      }
    })
  })

  it('asks to be woken in time for whatever waits', () => {
    played(({ state, wakeAt }) => {
      for (const { at } of state.trials.values()) {
        if (at.is === 'waiting')
          should(wakeAt ?? Number.POSITIVE_INFINITY).be.belowOrEqual(at.until)
      }
    })
  })

  it('loses none: with the gate open and time passing, every message comes to its end', () => {
    played(undefined, (retry) => {
      retry.gate = openGate
      for (let turn = 0; turn < 2000 && retry.state.trials.size > 0; turn++) {
        for (const { message, at } of [...retry.state.trials.values()]) {
          if (at.is === 'out') retry.endsAttempt(message, at.attempt, { is: 'ok' })
        }
        if (retry.wakeAt !== undefined) retry.passes(Math.max(0, retry.wakeAt - retry.now))
      }
      retry.state.trials.size.should.equal(0)
      retry.state.budget.should.eql(freshBudget())
      for (let message = 1; message <= retry.state.messages; message++)
        should(retry.historyOf(message).settled).equal(1)
    })
  })
})

type Step =
  | { readonly is: 'accept' }
  | { readonly is: 'flush' }
  | { readonly is: 'gate' }
  | {
      readonly is: 'ended'
      readonly which: number
      readonly ended: Ended
      readonly fraction: number
    }
  | { readonly is: 'late'; readonly which: number }
  | { readonly is: 'time'; readonly spanMs: number }
  | { readonly is: 'gate moves'; readonly free: number; readonly inMs: number }
  | { readonly is: 'drop'; readonly count: number }

const endings: readonly Ended[] = [
  ...[failed, failed, failed, refused(3000), refused(), { is: 'ok' } as const],
  ...[{ is: 'timeout' } as const, { ...failed, retryAfter: ms(5000) }, { is: 'unsure' } as const],
]

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ is: 'accept' }) },
  {
    weight: 8,
    arbitrary: fc
      .record({
        which: fc.nat(50),
        ended: fc.constantFrom(...endings),
        fraction: fc.constantFrom(0, 0.5, 0.99),
      })
      .map((fields): Step => ({ is: 'ended', ...fields })),
  },
  { weight: 5, arbitrary: fc.nat(20_000).map((spanMs): Step => ({ is: 'time', spanMs })) },
  { weight: 1, arbitrary: fc.nat(50).map((which): Step => ({ is: 'late', which })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>({ is: 'flush' }, { is: 'gate' }, { is: 'drop', count: 2 }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ free: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY), inMs: fc.nat(40_000) })
      .map((fields): Step => ({ is: 'gate moves', ...fields })),
  },
)

const settings: fc.Arbitrary<Partial<RetrySettings>> = fc.record({
  attempts: fc.constantFrom<number | 'unlimited'>(1, 2, 5, 'unlimited'),
  deadline: fc.constantFrom<RetrySettings['deadline']>('unlimited', ms(1000), ms(30_000)),
  maxWaiting: fc.constantFrom(0, 3, 1000),
  retryTimeouts: fc.boolean(),
  budget: fc.constantFrom<number | 'off'>('off', 0, 0.2, 1),
})

interface Before {
  readonly event: Step
  readonly underWay: number
  readonly retrying: number
  readonly deadlines: ReadonlyMap<number, Instant | undefined>
}

/** Looks at every step of random runs, and at their ends. */
function played(
  look?: (retry: PlayedRetry, before: Before, verdicts: readonly RetryVerdict[]) => void,
  atEnd?: (retry: PlayedRetry) => void,
): void {
  fc.assert(
    fc.property(settings, fc.array(steps, { maxLength: 80 }), (given, run) => {
      const retry = new PlayedRetry(given)
      for (const event of run) {
        const deadlines = new Map(
          [...retry.state.trials].map(([id, { deadline }]) => [id, deadline]),
        )
        const before = { event, ...retry.state.budget, deadlines }
        const verdicts = step(retry, event)
        look?.(retry, before, verdicts)
      }
      atEnd?.(retry)
    }),
    { seed: testSeed, numRuns: 500 },
  )
}

function step(retry: PlayedRetry, event: Step): readonly RetryVerdict[] {
  switch (event.is) {
    case 'accept':
      return retry.accept()
    case 'gate':
      return retry.tell({ is: 'gate', gate: retry.gate })
    case 'gate moves':
      retry.gate = {
        free: event.free,
        retryAt: event.free > 0 ? undefined : after(retry.now, ms(event.inMs)),
      }
      return retry.tell({ is: 'gate', gate: retry.gate })
    case 'time':
      return retry.passes(event.spanMs)
    case 'late':
      return retry.endsAttempt(event.which, event.which, { is: 'ok' })
    case 'ended': {
      const out = [...retry.state.trials.values()].filter(({ at }) => at.is === 'out')
      const trial = out[event.which % Math.max(1, out.length)]
      return trial === undefined ? [] : retry.ends(trial.message, event.ended, event.fraction)
    }
    default:
      return retry.tell(event)
  }
}
