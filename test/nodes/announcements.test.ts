/**
 * First and last words and the last will as a person writes them: text, JSON, expressions and
 * variables, worked out by a real Node-RED's own functions for each connect.
 */

import 'should'
import { evaluator } from '../../nodes/common/expression.js'
import type { FlowNode, NodeRed } from '../../nodes/common/node-red.js'
import type { Announcement } from '../../nodes/common/rows.js'
import { announceWith, isAnything } from '../../nodes/resilient-mqtt-broker/announcements.js'
import type { Failure } from '../../src/base/fault.js'

const util: { util: NodeRed['util'] } = require('@node-red/util')

describe('first and last words', () => {
  it('are nothing where nothing is written', () => {
    isAnything(none).should.be.false()
    isAnything({ ...none, close: [row({})] }).should.be.true()
  })

  const rows: ReadonlyArray<readonly [string, Partial<Announcement>, string]> = [
    ['text as it is', { payload: ' on ' }, ' on '],
    ['JSON as it is', { payload: '{ "a" : 1 }', payloadType: 'json' }, '{ "a" : 1 }'],
    ['the text of an expression', { payload: '"n" & $connects', payloadType: 'jsonata' }, 'n7'],
    ['an object of an expression as JSON', expression('{"seq": $connects % 5}'), '{"seq":2}'],
    ['a number of an expression', expression('$connects + 1'), '8'],
    ['a variable', { payload: 'HOLDFAST_WORD', payloadType: 'env' }, 'of the environment'],
  ]
  for (const [name, written, payload] of rows) {
    it(`are ${name}`, async () => {
      process.env['HOLDFAST_WORD'] = 'of the environment'
      const packets = await announced(row(written))
      packets.map((packet) => packet.payload).should.eql([payload])
    })
  }

  it('keep their topic, QoS and retain, and their order', async () => {
    const packets = await announced(row({ topic: 'a', qos: 0 }), row({ topic: 'b', retain: true }))
    packets.should.eql([
      { topic: 'a', payload: '', qos: 0, retain: false },
      { topic: 'b', payload: '', qos: 1, retain: true },
    ])
  })

  for (const text of ['$unknown(', '$nowhere', 'missing', '$error("no")', 'function($x){$x}']) {
    it(`leave out and tell what cannot be worked out: ${text}`, async () => {
      warned.length = 0
      const packets = await announced(row(expression(text)), row({ topic: 'b' }))
      packets.map(({ topic }) => topic).should.eql(['b'])
      warned.length.should.equal(1)
    })
  }
})

function expression(payload: string): Partial<Announcement> {
  return { payload, payloadType: 'jsonata' }
}

const none = { birth: [], close: [], will: [] }
const warned: Failure[] = []

const row = (change: Partial<Announcement>): Announcement => ({
  ...{ topic: 't', payload: '', payloadType: 'str', qos: 1, retain: false },
  ...change,
})

function announced(...birth: Announcement[]) {
  const node: Partial<FlowNode> = { id: 'b', type: 'resilient-mqtt-broker' }
  const evaluate = evaluator(util, node as FlowNode)
  const announce = announceWith({ ...none, birth }, evaluate, (failure) => warned.push(failure))
  return announce('birth', 7)
}
