/** What the policies read out of the end of a message. */

import should from 'should'
import { epochMs, ms } from '../../src/base/units.js'
import { type Ended, endedFrom } from '../../src/policy/ended.js'
import type { Blame, Ending } from '../../src/policy/outcome.js'

describe('the end of a message', () => {
  const wall = epochMs(1_000_000)
  const busy = { code: 'HTTP_STATUS', values: { status: 503 }, kind: 'transient' } as const
  const open = { code: 'BREAKER_OPEN', values: {}, kind: 'transient' } as const
  const rows: readonly [title: string, ending: Ending, ended: Ended][] = [
    ['that went well', ending('ok'), { is: 'ok', isHandedOver: false }],
    [
      'that failed',
      ending('failed', busy),
      { is: 'failed', isHandedOver: false, why: { ...busy } },
    ],
    [
      'that was refused on the way has a kind of its own, and a wait',
      ending('failed', { ...open, retryAt: epochMs(1_030_000) }),
      {
        ...{ is: 'failed', isHandedOver: false, retryAfter: ms(30_000) },
        why: { ...open, kind: 'refusal' },
      },
    ],
    [
      'waits for the longer of two spans',
      ending('failed', { ...busy, retryAt: epochMs(1_001_000), retryAfterMs: ms(5000) }),
      { is: 'failed', isHandedOver: false, why: { ...busy }, retryAfter: ms(5000) },
    ],
    [
      'waits for nothing that is past',
      ending('failed', { ...busy, retryAt: epochMs(1) }),
      { is: 'failed', isHandedOver: false, why: { ...busy } },
    ],
    [
      'that a dead letter node keeps',
      { ...ending('failed', busy), isHandedOver: true },
      { is: 'failed', isHandedOver: true, why: { ...busy } },
    ],
  ]
  for (const [title, given, ended] of rows) {
    it(title, () => should(endedFrom(given, wall)).eql(ended))
  }
})

function ending(outcome: Ending['outcome'], blame?: Blame): Ending {
  return {
    ...{ outcome, deliveries: 1, stillOpen: [], isHandedOver: false, tookMs: ms(10) },
    ...(blame === undefined ? {} : { blame }),
  }
}
