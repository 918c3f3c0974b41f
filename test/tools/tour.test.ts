/**
 * The counting inside the tour's function nodes, run as Node-RED would run it but without
 * Node-RED: what is missing must be neither hidden nor invented.
 */

import should from 'should'
import { tourFlow } from '../../tools/start/tour.js'

type Message = Readonly<Record<string, unknown>>
type Side = 'core' | 'resilient'

const run = 1764000000000
let compare: (msg: Message) => unknown
let figures: () => unknown

describe('the count of the tour', () => {
  beforeEach(() => {
    const flow = context()
    const side = () => ({
      sent: 0,
      arrived: 0,
      last: 0,
      mark: 0,
      open: new Set(),
      early: new Set(),
    })
    flow.set('tally', { run, n: 0, core: side(), resilient: side() })
    compare = functionOf('tour-compare', flow)
    figures = () => flow.get('figures')
  })

  it('is zero before anything was sent', () => {
    tick()
    should(figures()).eql({ core: counted(0, 0, 0), resilient: counted(0, 0, 0) })
  })

  it('leaves a message a second before it calls it missing', () => {
    sent('core', 1)
    tick()
    should(figures()).eql({ core: counted(1, 0, 0), resilient: counted(0, 0, 0) })
    tick()
    should(figures()).eql({ core: counted(1, 0, 1), resilient: counted(0, 0, 0) })
  })

  it('counts a late arrival as arrived', () => {
    for (const n of [1, 2, 3]) sent('resilient', n)
    arrived('resilient', 1)
    tick()
    tick()
    should(figures()).eql({ core: counted(0, 0, 0), resilient: counted(3, 1, 2) })
    for (const n of [2, 3]) arrived('resilient', n)
    tick()
    should(figures()).eql({ core: counted(0, 0, 0), resilient: counted(3, 3, 0) })
  })

  it('counts a duplicate once', () => {
    sent('resilient', 1)
    for (const n of [1, 1, 1]) arrived('resilient', n)
    tick()
    should(figures()).eql({ core: counted(0, 0, 0), resilient: counted(1, 1, 0) })
  })

  it('counts a message that arrives before its acceptance is told', () => {
    arrived('resilient', 1)
    sent('resilient', 1)
    tick()
    tick()
    should(figures()).eql({ core: counted(0, 0, 0), resilient: counted(1, 1, 0) })
  })

  it('takes no notice of an earlier run or of foreign messages', () => {
    compare({ topic: 'tour/core', payload: { run: run - 1, n: 1 } })
    compare({ topic: 'tour/core', payload: 'hello' })
    tick()
    should(figures()).eql({ core: counted(0, 0, 0), resilient: counted(0, 0, 0) })
  })

  it('tells a line for each node once the figures have settled', () => {
    sent('core', 1)
    should(tick()).eql(null)
    should(tick()).eql(null)
    should(tick()).eql([
      [
        { topic: 'core mqtt out', payload: '1 missing of 1' },
        { topic: 'resilient mqtt', payload: '0 missing of 0' },
      ],
    ])
    should(tick()).eql(null)
  })
})

function counted(sentCount: number, arrivedCount: number, missing: number) {
  return { sent: sentCount, arrived: arrivedCount, missing }
}

function sent(side: Side, n: number): void {
  compare({ sent: side, payload: { run, n } })
}

function arrived(side: Side, n: number): void {
  compare({ topic: `tour/${side}`, payload: { run, n } })
}

function tick(): unknown {
  return compare({ topic: 'tick' })
}

function functionOf(id: string, flow: ReturnType<typeof context>): (msg: Message) => unknown {
  const code = tourFlow().find((node) => node.id === id)?.['func']
  const body = new Function('msg', 'node', 'context', 'flow', String(code))
  const own = context()
  return (msg) => body(msg, { status: () => undefined }, own, flow)
}

function context() {
  const values = new Map<string, unknown>()
  return {
    get: (key: string) => values.get(key),
    set: (key: string, value: unknown) => void values.set(key, value),
  }
}
