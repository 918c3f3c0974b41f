/**
 * The four ways to know how a message ended, and what nodes of ours do about it: hold a delivery,
 * charge it, hand it over.
 */

import should from 'should'
import { ms } from '../../src/base/units.js'
import type { Blame, Ending, Outcome } from '../../src/policy/outcome.js'
import { specOf } from './outcome-cast.js'
import { endOf, played, type Step } from './outcome-plans.js'

describe('a watched node', () => {
  const watching = (...ids: string[]) => ({ mode: 'watch' as const, watched: new Set(ids) })
  const rows: ReadonlyArray<readonly [string, readonly Step[], readonly string[], Outcome]> = [
    [
      'ends it when it is done',
      [
        ['never', 'same', 1],
        ['async', 'same'],
      ],
      ['n1'],
      'ok',
    ],
    [
      'alone counts for errors',
      [
        ['sync', 'same', 1, 2],
        ['async', 'same'],
        ['throw', 'same'],
      ],
      ['n1'],
      'ok',
    ],
    [
      'fails it',
      [
        ['sync', 'same', 1],
        ['fail-done', 'same'],
      ],
      ['n1'],
      'failed',
    ],
    [
      'may be one of several that the flow chooses from',
      [
        ['sync', 'same', 1],
        ['async', 'same'],
      ],
      ['n1', 'n9'],
      'ok',
    ],
    [
      'that is never reached is no answer',
      [
        ['drop', 'same', 1],
        ['async', 'same'],
      ],
      ['n1'],
      'timeout',
    ],
    [
      'waits for the others',
      [
        ['sync', 'same', 1, 2],
        ['sync', 'same'],
        ['never', 'same'],
      ],
      ['n1', 'n2'],
      'timeout',
    ],
  ]
  for (const [name, steps, ids, outcome] of rows) {
    it(name, () => {
      const flow = played(steps)
      flow.follow(0, watching(...ids))
      flow.run()
      should(flow.outcomeOf(0)).equal(outcome)
    })
  }
})

describe('a message that is followed', () => {
  it('is done when it was handed over, in mode released', () => {
    const flow = played([['never', 'same']])
    flow.follow(0, { mode: 'released' })
    flow.run()
    should(endOf(flow)).containEql({ outcome: 'ok', deliveries: 1 })
  })

  for (const outcome of ['ok', 'failed', 'ignored'] as const) {
    it(`ends ${outcome} as it is reported, in mode manual, and once`, () => {
      const flow = played([['sync', 'same']])
      flow.follow(0, { mode: 'manual' })
      while (flow.step()) {}
      should(flow.outcomeOf(0)).equal(undefined)
      flow.ledger.conclude('t0', outcome).should.equal(true)
      flow.run()
      should(flow.outcomeOf(0)).equal(outcome)
      flow.ledger.conclude('t0', 'failed').should.equal(false)
    })
  }

  it('does not time out while all that is open is held', () => {
    const flow = played([['never', 'same']])
    flow.follow(0, { timeoutMs: ms(50) })
    while (!flow.handled.has('n0')) flow.step()
    const msg = flow.handled.get('n0') ?? {}
    flow.ledger.hold(msg, 'n0')
    while (flow.step()) {}
    flow.ledger.drain(flow.now())
    should(flow.ledger.wakeAt).equal(undefined)
    flow.ledger.flow.completed({ msg, id: 'm0', node: { id: 'n0' } }, false)
    flow.run()
    should(flow.outcomeOf(0)).equal('ok')
  })

  it('times out again when something else of it is open', () => {
    const flow = played([
      ['sync', 'same', 1, 2],
      ['never', 'same'],
      ['never', 'same'],
    ])
    flow.follow(0)
    while (flow.step()) {}
    flow.ledger.hold(flow.handled.get('n1') ?? {}, 'n1')
    flow.ledger.drain(flow.now())
    should(flow.ledger.wakeAt).not.equal(undefined)
    flow.run()
    should(flow.outcomeOf(0)).equal('timeout')
  })

  for (const outcome of ['failed', 'timeout', 'interrupted', 'unsure'] as const) {
    it(`ends ${outcome} when its holder says so and completes without error`, () => {
      const flow = played([['never', 'same']])
      flow.follow(0)
      while (flow.step()) {}
      const msg = flow.handled.get('n0') ?? {}
      flow.ledger.charge(msg, 'n0', outcome, refusal)
      flow.ledger.flow.completed({ msg, id: 'm0', node: { id: 'n0' } }, false)
      flow.run()
      should(endOf(flow)).containEql({ outcome, blame: refusal })
    })
  }

  it('ends as handed over, in every trace around it, when a dead letter is kept', () => {
    const flow = played([
      ['never', 'same'],
      ['never', 'same'],
    ])
    flow.follow(0)
    while (flow.step()) {}
    const done = (nodeId: string) => {
      const msg = flow.handled.get(nodeId) ?? {}
      flow.ledger.flow.completed({ msg, id: 'm0', node: { id: nodeId } }, false)
    }
    const [outer, source] = [flow.handled.get('n0') ?? {}, { id: 'n0', type: 'n0' }]
    flow.follow(1, { outer, source, to: [1], settled: () => done('n0') })
    while (flow.step()) {}
    flow.ledger.handOver(flow.handled.get('n1') ?? {}, 'n1', refusal)
    done('n1')
    flow.run()
    for (const owner of [0, 1]) {
      should(endOf(flow, owner)).containEql({ outcome: 'failed', isHandedOver: true })
    }
  })

  it('knows the way that it has come, through every trace around it', () => {
    const flow = played([
      ['never', 'same'],
      ['never', 'same'],
    ])
    flow.follow(0)
    while (flow.step()) {}
    const [outer, source] = [flow.handled.get('n0') ?? {}, { id: 'n0', type: 'n0' }]
    flow.follow(1, { outer, source, to: [1] })
    while (flow.step()) {}
    const [from = ''] = flow.ledger.pathOf(outer, 'n0')
    flow.ledger.pathOf(flow.handled.get('n1') ?? {}, 'n1').should.eql([from, 'n0'])
    flow.ledger.pathOf({}, 'n1').should.eql([])
  })
})

describe('a message that is put into the input of a node', () => {
  const node = { id: 'n5', type: 'n5' }
  const msg = { _msgid: 'm5' }
  const arrival = { msg, id: 'm5', node }

  it('is followed from there', () => {
    const flow = played([['never', 'same']])
    const ends: Ending[] = []
    const spec = { ...specOf('letters'), settled: (ending: Ending) => ends.push(ending) }
    const ref = flow.ledger.open(spec, 't5', flow.now())
    flow.ledger.release(ref, () => {
      flow.ledger.flow.received(arrival, { is: 'work' })
      flow.ledger.flow.handled(msg, node.id, true)
    })
    flow.ledger.flow.completed(arrival, false, { text: 'out of order' })
    flow.ledger.flow.endTurn()
    for (const { settled, ending } of flow.ledger.drain(flow.now())) settled(ending)
    should(ends[0]).containEql({ outcome: 'failed', deliveries: 1, path: ['n5'] })
  })

  for (const mode of ['downstream', 'watch', 'manual', 'released'] as const) {
    const isAsked = mode !== 'released'
    it(`is ${isAsked ? '' : 'not '}followed beyond it in a context when ${mode} counts`, () => {
      const flow = played([['never', 'same']])
      const ref = flow.ledger.open({ ...specOf('letters'), mode }, 't5', flow.now())
      flow.ledger.release(ref, () => {
        const context = flow.ledger.flow.received(arrival, { is: 'work' })
        should(context).equal(isAsked ? ref : undefined)
      })
    })
  }

  it('by somebody else is not', () => {
    const flow = played([['never', 'same']])
    should(flow.ledger.flow.received(arrival, { is: 'work' })).be.undefined()
  })
})

const refusal: Blame = { code: 'QUEUE_FULL', values: {}, kind: 'transient' }
