/** What holds of a bulkhead whatever happens: over random runs of messages, keys and time. */

import fc from 'fast-check'
import should from 'should'
import { ms } from '../../src/base/units.js'
import {
  type BulkheadSettings,
  type BulkheadVerdict,
  limitOf,
} from '../../src/policy/bulkhead-state.js'
import type { Ended } from '../../src/policy/ended.js'
import { testSeed } from '../world/seeded-random.js'
import { PlayedBulkhead } from './played-bulkhead.js'

describe('a bulkhead, whatever happens', () => {
  it('never has more at work under one key than its limit', () => {
    played(({ state, settings }) => {
      for (const [, { active, limit }] of state.lanes.entries()) {
        active.should.be.belowOrEqual(settings.maxInFlight)
        limit.value.should.be.within(1, settings.maxInFlight)
      }
    })
  })

  it('never lets in above a limit that it has found', () => {
    played(({ state, settings }, verdicts) => {
      for (const verdict of verdicts) {
        if (verdict.is !== 'admit') continue
        const lane = state.lanes.get(verdict.key)
        if (lane !== undefined) verdict.inFlight.should.be.belowOrEqual(limitOf(lane, settings))
      }
    })
  })

  it('keeps its counts, and its waiting room no fuller than it may be', () => {
    played(({ state, settings }) => {
      const lanes = [...state.lanes.entries()].map(([, lane]) => lane)
      const sum = (figure: (lane: (typeof lanes)[number]) => number) =>
        lanes.reduce((total, lane) => total + figure(lane), 0)
      state.waiting.should.equal(sum(({ line }) => line.size))
      state.out.size.should.equal(sum(({ active }) => active))
      state.waiting.should.be.belowOrEqual(settings.maxWaiting)
    })
  })

  it('lets nobody wait while a place of that key is free', () => {
    played(({ state, settings }) => {
      for (const [, lane] of state.lanes.entries()) {
        if (lane.line.size > 0) lane.active.should.be.aboveOrEqual(limitOf(lane, settings))
      }
    })
  })

  it('is first come, first served, for each key', () => {
    played(({ admitted }) => {
      for (const messages of admitted.values())
        messages.should.eql([...messages].sort((a, b) => a - b))
    })
  })

  it('refuses for want of room only a key that waits with as many as any other, but one', () => {
    played(({ state }, verdicts) => {
      for (const verdict of verdicts) {
        if (verdict.is !== 'refuse' || verdict.reason !== 'overflow') continue
        const sizes = [...state.lanes.entries()].map(([, { line }]) => line.size)
        verdict.waiting.should.be.aboveOrEqual(Math.max(...sizes) - 1)
      }
    })
  })

  it('asks to be woken in time for whoever waits', () => {
    played(({ state, settings, wakeAt }) => {
      for (const [, { line }] of state.lanes.entries()) {
        if (line.first === undefined) continue
        should(wakeAt ?? Number.POSITIVE_INFINITY).be.belowOrEqual(
          line.first.from + settings.maxWait,
        )
      }
    })
  })

  it('loses none: each message is let in once or turned away once', () => {
    played(undefined, (bulkhead) => {
      while (bulkhead.state.out.size > 0) {
        for (const message of [...bulkhead.state.out.keys()]) bulkhead.ends(message)
      }
      bulkhead.state.waiting.should.equal(0)
      for (let message = 1; message <= bulkhead.state.messages; message++) {
        const entered = bulkhead.entered.get(message) ?? 0
        should(entered + (bulkhead.turnedAway.get(message) ?? 0)).equal(1)
      }
    })
  })
})

type Step =
  | { readonly is: 'accept' | 'drop'; readonly key: string }
  | { readonly is: 'end'; readonly which: number; readonly ended: Ended }
  | { readonly is: 'time'; readonly spanMs: number }

const keys = fc.constantFrom('', 'a', 'b', 'c', 'd')
const endings = fc.constantFrom<Ended>(
  ...(['ok', 'ok', 'failed', 'timeout', 'unsure'] as const).map((is) => ({ is })),
)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: keys.map((key): Step => ({ is: 'accept', key })) },
  { weight: 1, arbitrary: keys.map((key): Step => ({ is: 'drop', key })) },
  {
    weight: 5,
    arbitrary: fc
      .record({ which: fc.nat(20), ended: endings })
      .map((fields): Step => ({ is: 'end', ...fields })),
  },
  { weight: 2, arbitrary: fc.nat(4000).map((spanMs): Step => ({ is: 'time', spanMs })) },
)
const settings: fc.Arbitrary<BulkheadSettings> = fc.record({
  maxInFlight: fc.integer({ min: 1, max: 5 }),
  maxWaiting: fc.nat(8),
  maxWait: fc.integer({ min: 10, max: 9000 }).map(ms),
  isAdaptive: fc.boolean(),
})

/** Looks at every step of random runs, and at their ends. */
function played(
  look?: (bulkhead: PlayedBulkhead, verdicts: readonly BulkheadVerdict[]) => void,
  atEnd?: (bulkhead: PlayedBulkhead) => void,
): void {
  fc.assert(
    fc.property(settings, fc.array(steps, { maxLength: 80 }), (given, run) => {
      const bulkhead = new PlayedBulkhead(given, 4)
      for (const step of run) {
        const verdicts = taken(bulkhead, step)
        look?.(bulkhead, verdicts)
      }
      atEnd?.(bulkhead)
    }),
    { seed: testSeed, numRuns: 500 },
  )
}

function taken(bulkhead: PlayedBulkhead, step: Step): readonly BulkheadVerdict[] {
  if (step.is === 'time') return bulkhead.passes(step.spanMs)
  if (step.is !== 'end') return bulkhead.tell(step)
  const out = [...bulkhead.state.out.keys()]
  return bulkhead.ends(out[step.which % Math.max(1, out.length)] ?? 0, step.ended)
}
