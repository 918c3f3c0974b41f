/** Retry as an integrator meets it. */

import should from 'should'
import { instant, ms } from '../../src/base/units.js'
import type { Ended } from '../../src/policy/ended.js'
import { freshBudget, retryingMax } from '../../src/policy/retry-budget.js'
import { openGate, type RetrySettings } from '../../src/policy/retry-state.js'
import { type Worth, worthOf } from '../../src/policy/retry-worth.js'
import { closedGate, failed, PlayedRetry, refused, usual } from './played-retry.js'

describe('what is worth another attempt', () => {
  const rows: readonly [title: string, ended: Ended, worth: Worth][] = [
    ['a success', { is: 'ok' }, 'settled'],
    ['one that shall not count', { is: 'ignored' }, 'settled'],
    ['a failure', failed, 'again'],
    ['a failure of which nothing is known', { is: 'failed' }, 'again'],
    ['a permanent one', why('NOT_AUTHORISED', 'permanent'), 'permanent'],
    ['a refusal on the way', refused(), 'unused'],
    ['a code of the list', why('ENOENT'), 'permanent'],
    ['a code of the list inside', why('NODE_ERROR', 'transient', { code: 'ENOENT' }), 'permanent'],
    ['a status of the list', why('HTTP_STATUS', 'transient', { status: 409 }), 'permanent'],
    ['another status', why('HTTP_STATUS', 'transient', { status: 503 }), 'again'],
    ['a time-out', { is: 'timeout' }, 'timeout'],
    ['a deploy', { is: 'interrupted' }, 'interrupted'],
    ['a doubt', { is: 'unsure' }, 'permanent'],
    ['a dead letter', { ...failed, isHandedOver: true }, 'settled'],
  ]
  for (const [title, ended, worth] of rows) {
    it(`makes ${title} ${worth}`, () => should(worthOf(ended, usual)).equal(worth))
  }

  it('makes a time-out worth it when asked', () => {
    should(worthOf({ is: 'timeout' }, { ...usual, retryTimeouts: true })).equal('again')
  })
})

describe('a retry', () => {
  it('sends the first attempt at once, and is done with a success', () => {
    const retry = new PlayedRetry()
    retry.accept().should.eql([{ is: 'attempt', message: 1, attempt: 1, number: 1 }])
    retry.ends(1, { is: 'ok' }).should.eql([{ is: 'settled', message: 1, attempts: 1 }])
    retry.state.trials.size.should.equal(0)
  })

  it('asks for no waking when nothing waits', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.ends(1, failed)
    should(retry.wakeAt).equal(retry.now + 500)
    retry.tell({ is: 'flush' })
    retry.ends(1, { is: 'ok' })
    should(retry.wakeAt).be.undefined()
  })

  it('waits longer each time, and gives up after the last attempt', () => {
    const retry = new PlayedRetry()
    retry.accept()
    const waits = [1, 2, 3, 4].map(() => retry.failsAndWaits(1))
    waits.should.eql([500, 1000, 2000, 4000])
    const [verdict] = retry.ends(1, failed)
    should(verdict).containEql({
      is: 'give-up',
      reason: 'max-attempts',
      attempts: 5,
      why: failed.why,
    })
  })

  it('waits at least as long as the other side asks', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.waitOf(retry.ends(1, { ...failed, retryAfter: ms(7000) })).should.equal(7000)
  })

  const reasons: readonly [reason: string, ended: Ended, settings: Partial<RetrySettings>][] = [
    ['permanent', why('NOT_AUTHORISED', 'permanent'), {}],
    ['timeout', { is: 'timeout' }, {}],
    ['deadline', failed, { deadline: ms(500) }],
    ['max-attempts', failed, { attempts: 1 }],
    ['overflow', failed, { maxWaiting: 0 }],
  ]
  for (const [reason, ended, settings] of reasons) {
    it(`gives up at once for the reason ${reason}`, () => {
      const retry = new PlayedRetry(settings)
      retry.accept()
      retry.ends(1, ended)[0]?.should.containEql({ is: 'give-up', reason })
    })
  }

  it('ends a message without giving it up when a deploy interrupted it', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry
      .ends(1, { is: 'interrupted' })
      .should.eql([{ is: 'interrupted', message: 1, attempts: 1 }])
  })

  it('lets no late end of one attempt settle the next', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.failsAndWaits(1)
    retry.endsAttempt(1, 1, { is: 'ok' }).should.eql([{ is: 'late' }])
    retry.ends(1, { is: 'ok' })[0]?.should.containEql({ is: 'settled', attempts: 2 })
    retry.endsAttempt(1, 2, failed).should.eql([{ is: 'late' }])
  })

  it('takes no end for a message that waits', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.ends(1, failed)
    retry.endsAttempt(1, 1, { is: 'ok' }).should.eql([{ is: 'late' }])
  })

  it('tries all that wait when a person asks, gate or not', () => {
    const retry = new PlayedRetry()
    retry.gate = closedGate()
    retry.accept()
    retry.accept()
    retry
      .tell({ is: 'flush' })
      .map(({ is }) => is)
      .should.eql(['attempt', 'attempt'])
  })

  it('sets the longest waiting aside when a person asks', () => {
    const retry = new PlayedRetry()
    retry.gate = closedGate()
    for (let i = 0; i < 3; i++) retry.accept()
    const dropped = retry.tell({ is: 'drop', count: 2 })
    dropped.map((each) => 'message' in each && each.message).should.eql([1, 2])
    should(dropped[0]).containEql({ is: 'give-up', reason: 'operator' })
    retry.state.waiting.should.equal(1)
  })

  it('ends everything as interrupted when it is closed', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.gate = closedGate()
    retry.accept()
    retry
      .tell({ is: 'close' })
      .map(({ is }) => is)
      .should.eql(['interrupted', 'interrupted'])
    retry.state.budget.should.eql(freshBudget())
  })
})

describe('a retry that watches a breaker', () => {
  it('waits while the breaker is open, and uses no attempt', () => {
    const retry = new PlayedRetry()
    retry.gate = closedGate(instant(retry.now + 30_000))
    retry.waitOf(retry.accept()).should.equal(30_000)
    retry.gate = openGate
    retry.passes(30_000).should.eql([{ is: 'attempt', message: 1, attempt: 1, number: 1 }])
  })

  it('waits on when the breaker opens meanwhile', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.ends(1, failed)
    retry.gate = closedGate(instant(retry.now + 30_000))
    retry
      .passes(500)
      .map(({ is }) => is)
      .should.eql(['wait'])
    should(retry.wakeAt).equal(retry.now + 29_500)
  })

  it('waits no longer than its deadline', () => {
    const retry = new PlayedRetry({ deadline: ms(10_000) })
    retry.gate = closedGate(instant(retry.now + 30_000))
    retry.waitOf(retry.accept()).should.equal(10_000)
    should(retry.passes(10_000)[0]).containEql({ is: 'give-up', reason: 'deadline', attempts: 0 })
  })

  it('does not count an attempt that the breaker refused', () => {
    const retry = new PlayedRetry()
    retry.accept()
    retry.waitOf(retry.ends(1, refused(30_000))).should.equal(30_000)
    should(retry.passes(30_000)[0]).containEql({ is: 'attempt', number: 1, attempt: 2 })
  })

  it('backs off from refusals that name no time', () => {
    const retry = new PlayedRetry()
    retry.accept()
    const waits = [1, 2, 3].map(() => {
      const span = retry.waitOf(retry.ends(1, refused()))
      retry.passes(span)
      return span
    })
    waits.should.eql([500, 1000, 2000])
    retry.failsAndWaits(1)
    retry.waitOf(retry.ends(1, refused())).should.equal(500)
  })

  it('sends one at a time while the breaker probes, the oldest first', () => {
    const retry = new PlayedRetry()
    retry.gate = closedGate()
    for (let i = 0; i < 3; i++) retry.accept()
    retry.gate = { free: 1, retryAt: undefined }
    const first = retry.tell({ is: 'gate', gate: retry.gate })
    first.should.eql([{ is: 'attempt', message: 1, attempt: 1, number: 1 }])
  })

  it('sends one of those that are due while the breaker probes, and lets the others look again', () => {
    const retry = new PlayedRetry()
    for (let i = 1; i <= 3; i++) {
      retry.accept()
      retry.ends(i, failed)
    }
    retry.gate = { free: 1, retryAt: undefined }
    retry
      .passes(500)
      .map(({ is }) => is)
      .should.eql(['attempt', 'wait', 'wait'])
  })

  it('spreads those that waited over the first wait when the breaker has closed', () => {
    const retry = new PlayedRetry()
    retry.gate = closedGate()
    for (let i = 0; i < 10; i++) retry.accept()
    retry.gate = openGate
    const counts = [
      retry.tell({ is: 'gate', gate: openGate }),
      retry.passes(100),
      retry.passes(400),
    ]
    counts.map(({ length }) => length).should.eql([1, 2, 7])
  })

  it('looks again from time to time, if nobody tells', () => {
    const retry = new PlayedRetry()
    retry.gate = closedGate()
    retry.waitOf(retry.accept()).should.equal(60_000)
  })
})

describe('a budget of retries', () => {
  it('is 20 % of what is under way, and 3 at least', () => {
    const rows = [0, 3, 14, 15, 20, 24, 25, 100].map((underWay) => {
      return retryingMax({ underWay, retrying: 0 }, 0.2)
    })
    rows.should.eql([3, 3, 3, 3, 4, 4, 5, 20])
  })

  it('gives up what is over it', () => {
    const retry = new PlayedRetry()
    for (let i = 0; i < 20; i++) retry.accept()
    const ends = Array.from({ length: 20 }, (_, i) => retry.ends(i + 1, failed)[0])
    ends.filter((verdict) => verdict?.is === 'wait').length.should.equal(4)
    should(ends.at(-1)).containEql({ is: 'give-up', reason: 'budget' })
  })

  it('is shared by all that guard the same target', () => {
    const budget = freshBudget()
    const [one, other] = [new PlayedRetry({}, budget), new PlayedRetry({}, budget)]
    for (let i = 1; i <= 3; i++) {
      one.accept()
      one.ends(i, failed)
    }
    other.accept()
    should(other.ends(1, failed)[0]).containEql({ reason: 'budget' })
    one.passes(500)
    one.ends(1, { is: 'ok' })
    other.accept()
    should(other.ends(2, failed)[0]?.is).equal('wait')
  })

  it('does not count those that only wait for the breaker', () => {
    const retry = new PlayedRetry()
    for (let i = 1; i <= 10; i++) {
      retry.accept()
      should(retry.ends(i, refused(1000))[0]?.is).equal('wait')
    }
    retry.state.budget.should.eql({ underWay: 10, retrying: 0 })
  })

  it('may be off', () => {
    const retry = new PlayedRetry({ budget: 'off' })
    for (let i = 1; i <= 100; i++) {
      retry.accept()
      should(retry.ends(i, failed)[0]?.is).equal('wait')
    }
  })
})

function why(
  code: string,
  kind: 'transient' | 'permanent' = 'transient',
  values: Record<string, string | number> = {},
): Ended {
  return { is: 'failed', why: { code, kind, values } }
}
