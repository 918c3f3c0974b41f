/**
 * `resilience-bulkhead` in Node-RED, in front of a machine that takes its time: who is let in, who
 * waits, who is turned away with which words, and that every end frees a place.
 */

import should from 'should'
import { resilienceBulkhead } from '../../nodes/resilience-bulkhead/resilience-bulkhead.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('resilience-bulkhead', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([resilienceBulkhead], bulkhead())
    flow.machine.state = 'silent'
  })

  afterEach(() => flow.stop())

  it('lets in as many as it has places, and the next in their order', async () => {
    await give(5)
    payloads().should.eql([0, 1])
    flow.machine.answer()
    await flow.turns()
    payloads().should.eql([0, 1, 2, 3])
    flow.machine.answer()
    await flow.turns()
    payloads().should.eql([0, 1, 2, 3, 4])
    const { token, bulkhead } = section(flow.machine.given[4])
    should(token).match(/^guard-/)
    should(bulkhead).eql({ inFlight: 2, waiting: 0, waitedMs: 0 })
  })

  it('turns away who finds the waiting room full, and who waits too long', async () => {
    await give(6)
    const first = section(await flow.aside.nth(0))
    should(first).eql({ reason: 'overflow', bulkhead: { inFlight: 2, waiting: 3, waitedMs: 0 } })
    flow.clock.advance(5000)
    await flow.turns()
    const reasons = flow.aside.all.map((msg) => section(msg)['reason'])
    reasons.should.eql(['overflow', 'expired', 'expired', 'expired'])
    flow.caught.all.should.eql([])
    flow.completed.all.length.should.equal(4)
  })

  it('frees the place of work that does not answer in time', async () => {
    await give(2)
    flow.clock.advance(30_000)
    await flow.turns()
    await give(1)
    flow.machine.given.length.should.equal(3)
  })

  it('ends with an error where nothing is wired to its second output', async () => {
    await flow.stop()
    await flow.start([resilienceBulkhead], bulkhead({ maxWaiting: '0', wires: [['machine'], []] }))
    flow.machine.state = 'silent'
    await give(3)
    flow.caught.all.map(codeOf).should.eql(['BULKHEAD_FULL'])
  })

  it('tells for each key what is at work, what waits and what was refused', async () => {
    await flow.stop()
    await flow.start([resilienceBulkhead], bulkhead({ key: 'topic', keyType: 'msg' }))
    flow.machine.state = 'silent'
    for (const topic of ['a', 'a', 'a', 'b']) flow.give({ topic })
    await flow.turns()
    const figures = { limit: 2, refused: 0, timedOut: 0 }
    should(await flow.order('status')).eql([
      { key: 'a', inFlight: 2, waiting: 1, total: 3, ...figures },
      { key: 'b', inFlight: 1, waiting: 0, total: 1, ...figures },
    ])
    should(await flow.order('drop', { key: 'a' })).eql({ dropped: 1 })
  })

  it('ends what waits as interrupted when it is closed', async () => {
    await give(4)
    await flow.stop()
    await flow.start([resilienceBulkhead], bulkhead())
    should(await flow.order('status')).eql([])
  })

  const give = async (count: number): Promise<void> => {
    for (let payload = 0; payload < count; payload++) flow.give({ payload })
    await flow.turns()
  }
  const payloads = () => flow.machine.given.map(({ payload }) => payload)
})

const bulkhead = (fields: object = {}) => ({
  ...{ type: 'resilience-bulkhead', maxInFlight: '2', maxWaiting: '3' },
  ...fields,
})
