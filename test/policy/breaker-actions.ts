/**
 * Everything that can happen to a circuit breaker, at random: for tests that ask what holds
 * whatever happens. Actions name a permit by its place among those that are out.
 */

import fc from 'fast-check'
import { ms } from '../../src/base/units.js'
import type { BreakerCommand, BreakerVerdict } from '../../src/policy/circuit-breaker-event.js'
import type { BreakerSettings, Permit } from '../../src/policy/circuit-breaker-state.js'
import type { Ended } from '../../src/policy/ended.js'
import type { WindowSpan } from '../../src/policy/window.js'
import type { PlayedBreaker } from './played-breaker.js'

export type Action =
  | { readonly is: 'ask' }
  | {
      readonly is: 'report'
      readonly which: number
      readonly ended: Ended
      readonly fraction: number
    }
  | { readonly is: 'time'; readonly spanMs: number; readonly isTold: boolean }
  | { readonly is: 'health'; readonly isHealthy: boolean }
  | { readonly is: 'order'; readonly command: BreakerCommand }
  | { readonly is: 'restart' }

export interface Acted {
  readonly verdict: BreakerVerdict | undefined
  /** The permit that was given or reported. */
  readonly permit: Permit | undefined
}

/** Does one of them; `out` holds the permits that were given and not yet reported. */
export function act(breaker: PlayedBreaker, action: Action, out: Permit[]): Acted {
  switch (action.is) {
    case 'ask': {
      const verdict = breaker.ask()
      const permit = verdict.is === 'permit' ? verdict.permit : undefined
      if (permit !== undefined) out.push(permit)
      return { verdict, permit }
    }
    case 'report': {
      const [permit] = out.length === 0 ? [] : out.splice(action.which % out.length, 1)
      if (permit === undefined) return { verdict: undefined, permit }
      const { ended, fraction } = action
      return { verdict: breaker.tell({ is: 'report', permit, ended, fraction }), permit }
    }
    case 'time':
      if (action.isTold) breaker.after(action.spanMs)
      else breaker.skip(action.spanMs)
      return none
    case 'health':
      breaker.health(action.isHealthy)
      return none
    case 'order':
      breaker.order(action.command)
      return none
    case 'restart':
      breaker.restart()
      out.length = 0
      return none
    default:
      return action satisfies never
  }
}

const none: Acted = { verdict: undefined, permit: undefined }

const endings: readonly Ended[] = [
  { is: 'ok' },
  { is: 'failed', why: { code: 'HTTP_STATUS', kind: 'transient' } },
  { is: 'failed', why: { code: 'NOT_AUTHORISED', kind: 'permanent' } },
  { is: 'failed', why: { code: 'BREAKER_OPEN', kind: 'refusal' }, retryAfter: ms(7000) },
  { is: 'failed', retryAfter: ms(45_000) },
  { is: 'timeout' },
  { is: 'interrupted' },
  { is: 'unsure' },
  { is: 'ignored' },
]

const fraction = fc.constantFrom(0, 0.25, 0.5, 0.999)
const asking = fc.constant<Action>({ is: 'ask' })
const reporting = fc
  .record({ which: fc.nat(20), ended: fc.constantFrom(...endings), fraction })
  .map((fields): Action => ({ is: 'report', ...fields }))
const passing = fc
  .record({
    spanMs: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 100_000 })),
    isTold: fc.boolean(),
  })
  .map((fields): Action => ({ is: 'time', ...fields }))
const checking = fc.boolean().map((isHealthy): Action => ({ is: 'health', isHealthy }))

/** What traffic and time do, and a monitor now and then. */
export const byItself: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: asking },
  { weight: 6, arbitrary: reporting },
  { weight: 3, arbitrary: passing },
  { weight: 1, arbitrary: checking },
)

/** And what people do. */
export const anything: fc.Arbitrary<Action> = fc.oneof(
  { weight: 16, arbitrary: byItself },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<BreakerCommand>('open', 'isolate', 'disable', 'shadow', 'reset')
      .map((command): Action => ({ is: 'order', command })),
  },
)

const rate = fc.constantFrom<number | 'off'>('off', 0, 0.3, 0.5, 1)
const spans: fc.Arbitrary<WindowSpan> = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map((tens) => ({ is: 'time', span: ms(tens * 10_000) }) as const),
  fc.integer({ min: 5, max: 20 }).map((count) => ({ is: 'calls', count }) as const),
)

/** What a dialog lets through, small enough for much to happen. */
export const settings: fc.Arbitrary<BreakerSettings> = fc
  .record({
    consecutive: fc.constantFrom<number | 'off'>('off', 1, 2, 5),
    rates: fc.tuple(rate, rate),
    slowAfter: fc.integer({ min: 1, max: 2000 }),
    minimumCalls: fc.integer({ min: 1, max: 12 }),
    window: spans,
    probes: fc.integer({ min: 1, max: 5 }),
    successes: fc.nat(4),
    growing: fc.record({ initial: fc.integer({ min: 10, max: 40_000 }), above: fc.nat(200_000) }),
    jitter: fc.constantFrom(0, 0.2, 1),
    reportOnly: fc.boolean(),
  })
  .map(({ consecutive, rates, slowAfter, minimumCalls, window, ...rest }) => {
    const { initial, above } = rest.growing
    return {
      trip: {
        ...{ consecutive, failureRate: rates[0], slowRate: rates[1], minimumCalls, window },
        slowAfter: ms(slowAfter),
      },
      backOff: { initial: ms(initial), factor: 2, max: ms(initial + above), jitter: rest.jitter },
      probes: rest.probes,
      probeSuccesses: 1 + (rest.successes % rest.probes),
      probeTimeout: ms(60_000),
      reportOnly: rest.reportOnly,
    }
  })
