/**
 * The scenario table on the pure core: one line per manner of a flow, with the outcome and the
 * number of deliveries; then what happens beyond the limits.
 */

import should from 'should'
import type { Outcome } from '../../src/policy/outcome.js'
import { endOf, planOf, played, type Step } from './outcome-plans.js'
import { PlayedFlow } from './outcome-world.js'

const table: ReadonlyArray<readonly [string, readonly Step[], Outcome, number, boolean?]> = [
  [
    'same object',
    [
      ['sync', 'same', 1],
      ['sync', 'same'],
    ],
    'ok',
    2,
  ],
  [
    'new object',
    [
      ['async', 'new-id', 1],
      ['sync', 'same'],
    ],
    'ok',
    2,
  ],
  [
    'dropped',
    [
      ['drop', 'same', 1],
      ['sync', 'same'],
    ],
    'ok',
    1,
  ],
  [
    'legacy',
    [
      ['legacy', 'clone', 1],
      ['sync', 'same'],
    ],
    'ok',
    2,
  ],
  [
    'rate limit',
    [
      ['leak', 'clone', 1],
      ['async', 'same'],
    ],
    'ok',
    2,
  ],
  [
    'fan-out, one fails',
    [
      ['sync', 'same', 1, 2],
      ['async', 'same'],
      ['fail-done', 'same'],
    ],
    'failed',
    3,
  ],
  [
    'throws',
    [
      ['throw', 'same', 1],
      ['sync', 'same'],
    ],
    'failed',
    1,
  ],
  [
    'throws, caught',
    [
      ['throw', 'same', 1],
      ['sync', 'same'],
    ],
    'failed',
    2,
    true,
  ],
  ['error, then done', [['error-then-done', 'same']], 'failed', 1],
  ['error, then done, caught', [['error-then-done', 'same']], 'failed', 2, true],
  [
    'done, then done with an error',
    [
      ['done-then-fail', 'same', 1],
      ['sync', 'same'],
    ],
    'failed',
    2,
  ],
  [
    'done twice',
    [
      ['double-done', 'same', 1],
      ['sync', 'same'],
    ],
    'ok',
    2,
  ],
  ['legacy, fails', [['legacy-error', 'same']], 'failed', 1],
  [
    'never done',
    [
      ['sync', 'same', 1],
      ['never', 'same'],
    ],
    'timeout',
    2,
  ],
  [
    'done first, sends later: told too early',
    [
      ['early', 'new-id', 1],
      ['never', 'same'],
    ],
    'ok',
    1,
  ],
  [
    'legacy, sends later: told too early',
    [
      ['legacy-async', 'same', 1],
      ['sync', 'same'],
    ],
    'ok',
    1,
  ],
]

describe('the outcome of', () => {
  for (const [name, steps, outcome, deliveries, hasCatch = false] of table) {
    it(`${name} is ${outcome}, with ${deliveries} deliveries`, () => {
      const flow = played(steps, hasCatch)
      flow.follow(0)
      flow.run()
      should(endOf(flow)).containEql({ outcome, deliveries })
    })
  }

  it('nothing wired is ok, with no delivery to show for it', () => {
    const flow = played([])
    flow.follow(0, { to: [] })
    flow.run()
    should(endOf(flow)).containEql({ outcome: 'ok', deliveries: 0 })
  })

  it('a message beyond the limit of messages is unsure', () => {
    const flow = new PlayedFlow(planOf([['never', 'same']]), { tracesMax: 1, deliveriesMax: 10 })
    flow.follow(0)
    flow.follow(1)
    flow.run()
    should([flow.outcomeOf(0), flow.outcomeOf(1)]).eql(['timeout', 'unsure'])
  })

  it('a message with more deliveries than the limit is unsure', () => {
    const plan = planOf([['sync', 'same', 1, 2, 3], ...three])
    const flow = new PlayedFlow(plan, { tracesMax: 10, deliveriesMax: 2 })
    flow.follow(0)
    flow.run()
    should(flow.outcomeOf(0)).equal('unsure')
    should(flow.ledger.figures).containEql({ traces: 0, deliveries: 0, ids: 0 })
  })
})

const three: readonly Step[] = [
  ['never', 'same'],
  ['never', 'same'],
  ['never', 'same'],
]
