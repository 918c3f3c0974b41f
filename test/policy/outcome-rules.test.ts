/**
 * What stands beside the outcome ledger's core: rules that call a message failed, suspicions about
 * nodes, and the heap of deadlines against a sorted list.
 */

import fc from 'fast-check'
import should from 'should'
import { instant } from '../../src/base/units.js'
import type { Blame } from '../../src/policy/outcome.js'
import { Deadlines, type Due } from '../../src/policy/outcome-deadlines.js'
import { failedStatus, nodeError } from '../../src/policy/outcome-rules.js'
import { endOf, played } from './outcome-plans.js'

describe('nodes that are not what they seem', () => {
  it('are named when they send after they were done', () => {
    const flow = played([
      ['early', 'new-id', 1],
      ['sync', 'same'],
    ])
    flow.follow(0)
    flow.run()
    const [suspicion] = flow.ledger.takeNews()
    should(suspicion).containEql({ kind: 'late-sender', count: 1 })
    should(suspicion?.node.id).equal('n0')
    flow.ledger.suspicions().length.should.equal(1)
  })

  it('are named when they alone were open in three time-outs in a row', () => {
    const flow = played([['never', 'same']])
    const named = [0, 1, 2].map((owner) => {
      flow.follow(owner)
      flow.run()
      return flow.ledger.takeNews().map(({ kind, node }) => `${kind} ${node.id}`)
    })
    named.should.eql([[], [], ['never-completes n0']])
  })

  it('are named when what is sent to them never arrives', () => {
    const flow = played([['sync', 'same']])
    flow.follow(0)
    const { wakeAt } = flow.ledger
    flow.ledger.tick(wakeAt ?? instant(0))
    flow.ledger
      .takeNews()
      .map(({ kind }) => kind)
      .should.eql(['halted'])
  })
})

describe('the rules', () => {
  const rules = {
    failStatus: [
      { from: 400, to: 499 },
      { from: 503, to: 503 },
    ],
  }
  const node = { id: 'a', type: 'http request', name: 'ERP' }
  const statuses: ReadonlyArray<readonly [unknown, Blame['kind'] | undefined]> = [
    [200, undefined],
    [399, undefined],
    [400, 'permanent'],
    [404, 'permanent'],
    [408, 'transient'],
    [425, 'transient'],
    [429, 'transient'],
    [500, undefined],
    [503, 'transient'],
    ['404', undefined],
    ['ECONNREFUSED', undefined],
  ]
  for (const [statusCode, kind] of statuses) {
    it(`call status ${JSON.stringify(statusCode)} ${kind ?? 'fine'}`, () => {
      should(failedStatus(rules, { statusCode }, node, undefined)?.kind).equal(kind)
    })
  }

  it('name the node and the status, and how long to wait', () => {
    const msg = { statusCode: 503, headers: { 'retry-after': '120' } }
    should(failedStatus(rules, msg, node, undefined)).containEql({
      code: 'HTTP_STATUS',
      values: { node: 'ERP', status: 503 },
      retryAfterMs: 120_000,
    })
  })

  it('do not count the status that a message brought along', () => {
    const msg = { statusCode: 404 }
    should(failedStatus(rules, msg, { id: 'b', type: 'change' }, 404)).equal(undefined)
    should(failedStatus(rules, msg, node, 404)?.code).equal('HTTP_STATUS')
  })

  it('keep the meaning of our own codes, and call all others transient', () => {
    should(nodeError(node, { code: 'NOT_AUTHORISED', text: 'no' })).containEql({
      kind: 'permanent',
    })
    should(nodeError(node, { code: 'LOGIN_REFUSED', text: 'no' })).containEql({ kind: 'permanent' })
    should(nodeError(node, { code: 'ECONNREFUSED', text: 'no' })).containEql({
      code: 'NODE_ERROR',
      kind: 'transient',
      values: { node: 'ERP', text: 'no' },
    })
  })

  it('may answer later, and the end waits for them', () => {
    const flow = played([['sync', 'same']])
    const answers: ((isFailed: boolean) => void)[] = []
    const judge = (_msg: object, answer: (isFailed: boolean) => void) => answers.push(answer)
    flow.follow(0, { rules: { failStatus: [], judge, judgeText: 'bad' } })
    while (flow.step()) {}
    should(flow.outcomeOf(0)).equal(undefined)
    for (const answer of answers) answer(true)
    flow.run()
    should(endOf(flow)?.blame).containEql({ code: 'RULE_MATCHED', values: { rule: 'bad' } })
  })
})

describe('deadlines', () => {
  it('come in order of time, whatever is added and removed', () => {
    const moves = fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 60 })
    fc.assert(
      fc.property(moves, (all) => {
        const deadlines = new Deadlines<Due>()
        const inside: Due[] = []
        for (const [at, isRemoval] of all) {
          const removed = isRemoval ? inside.splice(at % (inside.length || 1), 1) : []
          for (const due of removed) deadlines.remove(due)
          if (isRemoval) continue
          const due = { deadlineAt: instant(at), place: -1 }
          inside.push(due)
          deadlines.add(due)
        }
        const order: number[] = []
        for (let { first } = deadlines; first !== undefined; { first } = deadlines) {
          order.push(first.deadlineAt)
          deadlines.remove(first)
        }
        order.should.eql(inside.map(({ deadlineAt }) => Number(deadlineAt)).sort((a, b) => a - b))
      }),
    )
  })
})
