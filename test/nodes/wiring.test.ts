/**
 * Which nodes downstream cannot be trusted, from the wiring alone: table of core nodes and of what
 * functions do, and the way through branches and back.
 */

import should from 'should'
import { type WiredNode, type Wiring, warningsOf } from '../../nodes/common/wiring.js'

type Drawn = readonly [id: string, type: string, next: readonly string[], func?: string]

function wiringOf(...drawn: readonly Drawn[]): Wiring {
  const nodes = new Map<string, WiredNode>(
    drawn.map(([id, type, , func]) => [id, { id, type, ...(func === undefined ? {} : { func }) }]),
  )
  const next = new Map(drawn.map(([id, , behind]) => [id, behind]))
  return { node: (id) => nodes.get(id), next: (id) => next.get(id) ?? [] }
}

describe('a warning from the wiring', () => {
  const doubts: ReadonlyArray<readonly [string, string | undefined]> = [
    ['trigger', 'early'],
    ['tcp request', 'early'],
    ['tcp out', 'says-nothing'],
    ['websocket out', 'says-nothing'],
    ['mqtt out', 'says-nothing'],
    ['http request', 'slow'],
    ['join', 'slow'],
    ['delay', 'slow'],
    ['persistent-queue', 'ends-here'],
    ['change', undefined],
    ['debug', undefined],
    ['resilience-retry', undefined],
    ['dlq', undefined],
    ['subflow:a1', undefined],
    ['some third-party node', 'unknown'],
    ['constructor', 'unknown'],
  ]
  for (const [type, doubt] of doubts) {
    it(`of ${type} is ${doubt ?? 'none'}`, () => {
      const found = warningsOf('us', wiringOf(['us', 'us', ['a']], ['a', type, []]))
      found.map((each) => each.doubt).should.eql(doubt === undefined ? [] : [doubt])
      found.every(({ watch }) => watch.length === 0 || doubt === 'early').should.be.true()
    })
  }

  const sources: ReadonlyArray<readonly [string, boolean]> = [
    ['return msg', false],
    ['setTimeout(() => node.send(msg), 10)', true],
    ['setInterval(poll, 10)', true],
    ['fetch(u).then((r) => node.send(r))', true],
    ['socket.on("data", (d) => node.send(d))', true],
    ['setTimeout(() => { node.send(msg); node.done() }, 10)', false],
    ['await new Promise((go) => setTimeout(go, 10)); return msg', false],
    ['// setTimeout(\nreturn msg', false],
    ['/* .then( */ return msg', false],
  ]
  for (const [func, isDoubted] of sources) {
    it(`${isDoubted ? 'is given' : 'is not given'} of a function: ${func}`, () => {
      const found = warningsOf('us', wiringOf(['us', 'us', ['f']], ['f', 'function', [], func]))
      found.map((each) => each.doubt).should.eql(isDoubted ? ['timer'] : [])
    })
  }

  it('names the last nodes behind one that lies, or it alone', () => {
    const branches = wiringOf(
      ['us', 'us', ['t']],
      ['t', 'trigger', ['a', 'b']],
      ['a', 'change', ['c']],
      ['b', 'debug', []],
      ['c', 'file', []],
    )
    should(warningsOf('us', branches)[0]?.watch).eql(['b', 'c'])
    const alone = wiringOf(['us', 'us', ['t']], ['t', 'trigger', []])
    should(warningsOf('us', alone)[0]?.watch).eql(['t'])
  })

  it('ends where the wiring comes back, and tells each node once', () => {
    const loop = wiringOf(
      ['us', 'us', ['a', 'b']],
      ['a', 'trigger', ['b', 'us']],
      ['b', 'delay', ['a']],
    )
    const told = warningsOf('us', loop).map(({ doubt, id }) => [doubt, id])
    told.should.eql([
      ['early', 'a'],
      ['loop', 'a'],
      ['slow', 'b'],
    ])
  })

  it('tells of a way back to where it began, and of no other loop', () => {
    const inner = wiringOf(['us', 'us', ['a']], ['a', 'change', ['b']], ['b', 'switch', ['a']])
    warningsOf('us', inner).should.eql([])
    const back = wiringOf(['us', 'us', ['a']], ['a', 'change', ['b']], ['b', 'switch', ['us']])
    should(warningsOf('us', back)).eql([{ doubt: 'loop', id: 'b', watch: [] }])
  })
})
