/**
 * An ok that comes after the time-out: told a second time to whoever asked for it, in every mode,
 * and only while nobody has let go of the message. Nothing else that comes late is ever told.
 */

import fc from 'fast-check'
import should from 'should'
import { instant } from '../../src/base/units.js'
import type { TraceSpec } from '../../src/policy/outcome.js'
import { honest, type Kinds, planOf, plans, type Step } from './outcome-plans.js'
import { PlayedFlow } from './outcome-world.js'

const timeoutMs = 1_000_000

describe('a message that hears of a late end', () => {
  const slow: readonly Step[] = [['async', 'same']]

  it('is told timeout, and ok when all behind it has finished', () => {
    const flow = timedOut(slow)
    outcomes(flow).should.eql(['timeout'])
    runs(flow)
    outcomes(flow).should.eql(['timeout', 'ok'])
    isForgotten(flow)
  })

  it('is told ok when the watched node has finished', () => {
    const steps: readonly Step[] = [
      ['never', 'same', 1],
      ['async', 'same'],
    ]
    const flow = timedOut(steps, { mode: 'watch', watched: new Set(['n1']) })
    runs(flow)
    outcomes(flow).should.eql(['timeout', 'ok'])
    isForgotten(flow)
  })

  it('is told ok when that is reported, in mode manual, and once', () => {
    const flow = timedOut(slow, { mode: 'manual' })
    runs(flow)
    flow.ledger.conclude('t0', 'ok').should.equal(true)
    runs(flow)
    outcomes(flow).should.eql(['timeout', 'ok'])
    flow.ledger.conclude('t0', 'ok').should.equal(false)
    isForgotten(flow)
  })

  for (const outcome of ['failed', 'ignored'] as const) {
    it(`is told nothing more when ${outcome} is reported, which is refused`, () => {
      const flow = timedOut(slow, { mode: 'manual' })
      flow.ledger.conclude('t0', outcome).should.equal(false)
      runs(flow)
      outcomes(flow).should.eql(['timeout'])
      isForgotten(flow)
    })
  }

  for (const [what, manner] of [
    ['an error', 'fail-done'],
    ['an error without completion', 'legacy-error'],
  ] as const) {
    it(`is told nothing more after ${what}`, () => {
      const flow = timedOut([
        ['async', 'same', 1],
        [manner, 'same'],
      ])
      runs(flow)
      outcomes(flow).should.eql(['timeout'])
      isForgotten(flow)
    })
  }

  it('is told nothing more when a deploy stops the node that had it', () => {
    const flow = timedOut(slow)
    flow.deploy(new Set(['n0']))
    runs(flow)
    outcomes(flow).should.eql(['timeout'])
    isForgotten(flow)
  })

  it('is told nothing more when it had failed before its time was up', () => {
    const flow = new PlayedFlow(
      planOf([
        ['sync', 'same', 1, 2],
        ['throw', 'same'],
        ['never', 'same'],
      ]),
    )
    flow.follow(0, { hearsLate: true })
    runs(flow)
    tick(flow)
    outcomes(flow).should.eql(['timeout'])
    isForgotten(flow)
  })

  it('ends silently for the others, and no deadline is left', () => {
    const flow = new PlayedFlow(planOf(slow))
    flow.follow(0)
    tick(flow)
    runs(flow)
    outcomes(flow).should.eql(['timeout'])
    isForgotten(flow)
  })

  it('is told the truth, and never before it is all', () => {
    const kinds: Kinds = { manners: honest }
    fc.assert(
      fc.property(plans(kinds), fc.nat(20), (plan, patience) => {
        const flow = new PlayedFlow(plan)
        flow.follow(0, { hearsLate: true })
        for (let step = 0; step < patience; step++) flow.step()
        tick(flow)
        runs(flow)
        const [first, second, ...more] = flow.told.get(0) ?? []
        more.should.eql([])
        if (first?.ending.outcome !== 'timeout') should(second).equal(undefined)
        else if (second !== undefined) {
          should(second.ending.outcome).equal('ok')
          should(second.pending).equal(0)
          should(flow.truthOf(0).failed).equal(false)
        } else should(flow.truthOf(0).failed).equal(true)
        isForgotten(flow)
      }),
      { numRuns: 300 },
    )
  })

  it('is forgotten when its holder lets go of it, whatever comes then', () => {
    fc.assert(
      fc.property(plans({ manners: [...honest, 'never'] }), fc.nat(20), (plan, patience) => {
        const flow = new PlayedFlow(plan)
        flow.follow(0, { hearsLate: true })
        for (let step = 0; step < patience; step++) flow.step()
        tick(flow)
        const told = flow.told.get(0)?.length
        flow.ledger.conclude('t0', 'ignored')
        runs(flow)
        should(flow.told.get(0)?.length).equal(told)
        isForgotten(flow)
      }),
      { numRuns: 300 },
    )
  })
})

function timedOut(steps: readonly Step[], spec: Partial<TraceSpec> = {}): PlayedFlow {
  const flow = new PlayedFlow(planOf(steps))
  flow.follow(0, { hearsLate: true, ...spec })
  tick(flow)
  return flow
}

/** The time is up. */
function tick(flow: PlayedFlow): void {
  const then = instant(flow.now() + timeoutMs)
  for (const { settled, ending } of flow.ledger.tick(then)) settled(ending)
}

function runs(flow: PlayedFlow): void {
  while (flow.step()) {}
  for (const { settled, ending } of flow.ledger.drain(flow.now())) settled(ending)
}

const outcomes = (flow: PlayedFlow) => (flow.told.get(0) ?? []).map(({ ending }) => ending.outcome)

function isForgotten({ ledger }: PlayedFlow): void {
  const { traces, deliveries, ids } = ledger.figures
  should({ traces, deliveries, ids }).eql({ traces: 0, deliveries: 0, ids: 0 })
  should(ledger.wakeAt).equal(undefined)
}
