/** What holds of the release of a queue whatever happens: over random ends, gates and time. */

import fc from 'fast-check'
import should from 'should'
import type { ReleaseSettings } from '../../src/policy/release-state.js'
import { testSeed } from '../world/seeded-random.js'
import { type End, ends, PlayedRelease } from './played-release.js'

type Step =
  | { readonly is: 'end'; readonly which: number; readonly end: End }
  /** An ok comes for one that waits. */
  | { readonly is: 'late'; readonly which: number }
  | { readonly is: 'time'; readonly ms: number }
  | { readonly is: 'gate'; readonly free: number }
  | { readonly is: 'add'; readonly count: number }
  | { readonly is: 'wiring'; readonly canGiveUp: boolean }
  | { readonly is: 'flush' }

const all = Object.keys(ends) as End[]
const bad = all.filter((end) => !['ok', 'ignored', 'handedOver', 'permanent'].includes(end))

describe('the release of a queue, whatever happens', () => {
  it('has no more out than it may, and counts them', () => {
    playing(all, (played) => {
      const { state, settings, out } = played
      state.out.should.equal(out.length)
      state.out.should.be.belowOrEqual(settings.maxInFlight)
    })
  })

  it('ends each message once, and loses none', () => {
    playing(all, ({ settled, givenUp, waiting, state }) => {
      const ended = [...settled, ...givenUp]
      new Set(ended).size.should.equal(ended.length)
      waiting.should.be.aboveOrEqual(state.held.size)
    })
  })

  it('delivers in order where only one is out and there are no lanes', () => {
    const check: Check = ({ delivered, canGiveUp }) => {
      // Where nobody takes it any more, what is judged stays behind its control.
      if (canGiveUp) delivered.should.eql([...delivered].sort((a, b) => a - b))
    }
    playing(all, check, undefined, strict)
  })

  it('gives nothing up while no message ends well, however long that lasts', () => {
    playing(bad, ({ givenUp }) => givenUp.should.eql([]))
  })

  it('gives nothing up where nobody takes it', () => {
    playing(all, ({ givenUp }, step, before) => {
      if (!before.canGiveUp) givenUp.length.should.equal(before.givenUp, JSON.stringify(step))
    })
  })

  it('gives up for its attempts only what has used them up, and only when another ended well', () => {
    playing(all, (played, step, before) => {
      if (played.givenUp.length === before.givenUp) return
      const isOwn = step.is === 'end' && step.end === 'permanent'
      if (isOwn) return
      should(step).containEql({ is: 'end', end: 'ok' })
      should(before.failures.get(played.givenUp.at(-1) ?? -1)).be.aboveOrEqual(
        Number(played.settings.attempts),
      )
    })
  })

  it('knows when to go on: something is out, or due, or waits for the gate', () => {
    playing(all, ({ state, wakeAt, waiting, free, now }) => {
      if (waiting === 0 || state.out > 0 || free === 0) return
      should(wakeAt).not.equal(undefined)
      should(wakeAt).be.aboveOrEqual(now)
    })
  })

  it('empties when all is well again', () => {
    playing(all, undefined, (played) => {
      played.free = Number.POSITIVE_INFINITY
      played.pump()
      for (let turn = 0; turn < 5000 && played.waiting > 0; turn++) {
        for (const message of played.out) played.ends('ok', message)
        if (played.wakeAt !== undefined) played.passes(Math.max(0, played.wakeAt - played.now))
      }
      played.waiting.should.equal(0)
      played.state.held.size.should.equal(0)
      played.state.out.should.equal(0)
    })
  })
})

interface Before {
  readonly givenUp: number
  readonly canGiveUp: boolean
  readonly failures: ReadonlyMap<number, number>
}

type Check = (played: PlayedRelease & { delivered: number[] }, step: Step, before: Before) => void

function playing(
  possible: readonly End[],
  check?: Check,
  atEnd?: (played: PlayedRelease) => void,
  among = settings,
): void {
  const property = fc.property(
    among,
    fc.integer({ min: 1, max: 3 }),
    stepsOf(possible),
    (set, backlog, steps) => {
      const played = Object.assign(new PlayedRelease(backlog, set), { delivered: [] as number[] })
      for (const step of steps) {
        const failures = new Map([...played.state.held].map(([key, held]) => [key, held.failures]))
        const before = { givenUp: played.givenUp.length, canGiveUp: played.canGiveUp, failures }
        take(played, step)
        check?.(played, step, before)
      }
      atEnd?.(played)
    },
  )
  fc.assert(property, { seed: testSeed, numRuns: 2000 })
}

function take(played: PlayedRelease & { delivered: number[] }, step: Step): void {
  switch (step.is) {
    case 'end': {
      const { out } = played
      const message = out[step.which % Math.max(1, out.length)]
      if (message === undefined) return
      const verdicts = played.ends(step.end, message)
      for (const verdict of verdicts) {
        if (verdict.is === 'settle' && verdict.as === 'delivered') {
          played.delivered.push(verdict.message)
        }
      }
      break
    }
    case 'late': {
      const waiting = [...played.state.held.values()].filter(({ at }) => at.is === 'waiting')
      const { message = -1 } = waiting[step.which % Math.max(1, waiting.length)] ?? {}
      played.ends('ok', message)
      break
    }
    case 'time':
      played.passes(step.ms)
      break
    case 'gate':
      played.free = step.free
      played.pump()
      break
    case 'add':
      played.add(step.count)
      break
    case 'wiring':
      played.canGiveUp = step.canGiveUp
      break
    case 'flush':
      played.flush()
      break
    default:
      step satisfies never
  }
}

const settings: fc.Arbitrary<Partial<ReleaseSettings>> = fc.record({
  attempts: fc.constantFrom(1, 1, 2, 5),
  maxInFlight: fc.constantFrom(1, 1, 2, 4),
  hasLanes: fc.boolean(),
})

const strict = fc.record({
  attempts: fc.constantFrom(1, 1, 2),
  maxInFlight: fc.constant(1),
  hasLanes: fc.constant(false),
})

const good = (possible: readonly End[]): End[] => possible.filter((end) => end === 'ok')

/** Somewhere on the way the second output may be unwired. */
const stepsOf = (possible: readonly End[]): fc.Arbitrary<Step[]> => {
  const some = fc.array(stepOf(possible), { maxLength: 60 })
  const unwired = fc.constantFrom<Step[]>([], [], [{ is: 'wiring', canGiveUp: false }])
  return fc.tuple(some, unwired, some).map((parts) => parts.flat())
}

const stepOf = (possible: readonly End[]): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        is: fc.constant('end' as const),
        which: fc.nat(1),
        // Mostly failures, so that attempts are used up, and then what may follow.
        end: fc.oneof(
          { weight: 2, arbitrary: fc.constant('failed' as const) },
          { weight: 2, arbitrary: fc.constantFrom(...good(possible), 'failed' as const) },
          { weight: 3, arbitrary: fc.constantFrom(...possible) },
        ),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        is: fc.constant('time' as const),
        ms: fc.constantFrom(1000, 4000, 300_000, 300_000),
      }),
    },
    fc.record({
      is: fc.constant('gate' as const),
      free: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
    }),
    fc.record({ is: fc.constant('add' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ is: fc.constant('flush' as const) }),
    fc.record({ is: fc.constant('late' as const), which: fc.nat(1) }),
  )
