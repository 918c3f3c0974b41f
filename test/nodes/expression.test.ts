/**
 * An expression that is worked out for many messages, by a real Node-RED's own functions: each sees
 * its own message and variables, however many are asked for at once, and none waits for ever.
 */

import should from 'should'
import { expression } from '../../nodes/common/expression.js'
import type { FlowNode, NodeRed } from '../../nodes/common/node-red.js'
import { codeOf } from '../world/store-ground.js'
import { testWorld } from '../world/test-world.js'

const util: { util: NodeRed['util'] } = require('@node-red/util')

describe('an expression', () => {
  it('sees the message and its variables', async () => {
    const work = expressionOf('{"x": payload.x, "n": $n, "all": $$.topic}')
    const value = await work({ topic: 't', payload: { x: 1 } }, { n: 7 })
    should(value).eql({ x: 1, n: 7, all: 't' })
  })

  it('may name the message, as in other nodes', async () => {
    should(await expressionOf('msg.payload & "!"')({ payload: 'a' }, {})).equal('a!')
  })

  it('does not mix up messages that are asked for at once', async () => {
    const work = expressionOf('$sum([1..20].($ * 0)) & payload & $n & $$.payload & $n')
    const all = Array.from({ length: 50 }, (_, n) => work({ payload: `p${n}-` }, { n }))
    const values = await Promise.all(all)
    values.should.eql(values.map((_, n) => `0p${n}-${n}p${n}-${n}`))
  })

  it('tells the time in UTC, to the millisecond', async () => {
    const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
    should(await expressionOf('$now()')({}, {})).match(stamp)
  })

  for (const text of ['{"a": ', '', '$x(']) {
    it(`that is none is refused at once: ${JSON.stringify(text)}`, () => {
      should(() => expressionOf(text)).throw({ code: 'EXPRESSION_FAILED' })
    })
  }

  for (const text of ['missing', '$error("no")', '$nowhere()', '"a" + 1']) {
    it(`without a value fails alone: ${text}`, async () => {
      const work = expressionOf(`payload = "good" ? "fine" : (${text})`)
      const [code, value] = await Promise.all([
        codeOf(work({ payload: 'bad' }, {})),
        work({ payload: 'good' }, {}),
      ])
      should(code).equal('EXPRESSION_FAILED')
      should(value).equal('fine')
    })
  }

  it('that waits for ever fails after 5 s, and the next one goes on', async () => {
    const { clock } = testWorld()
    const flow = {
      get: (key: string, _store: string, done: (error: unknown, value: string) => void) => {
        if (key === 'quick') done(null, 'fine')
      },
    }
    const node = { ...nobody, context: () => ({ flow }) }
    const text = '$flowContext(payload, "far")'
    const { value: work } = expression(util, node, clock, { field: 'f', text })
    const stuck = codeOf(work({ payload: 'stuck' }, {}))
    const next = work({ payload: 'quick' }, {})
    await clock.settle()
    await clock.advance(5000)
    should(await stuck).equal('EXPRESSION_FAILED')
    should(await next).equal('fine')
  })
})

const nobody = { id: 'n', type: 'resilient-mqtt-out' } as FlowNode

const expressionOf = (text: string) =>
  expression(util, nobody, testWorld().clock, { field: 'f', text }).value
