/**
 * How a persistent queue learns in each mode what became of a message, and what an end is worth
 * that comes after the time-out.
 */

import should from 'should'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('persistent-queue, told of outcomes', () => {
  let flow: GuardedFlow

  beforeEach(() => {
    flow = new GuardedFlow()
  })

  afterEach(() => flow.stop())

  it('settles by the outcome that comes back in manual mode, after the time-out too', async () => {
    await flow.start([persistentQueue], queue({ outcomeMode: 'manual', outcomeTimeout: '1s' }))
    await flow.send({ payload: 1 })
    await flow.turns()
    const token = section(flow.machine.given[0])['token']
    await passes(1000)
    should(await status()).containEql({ waiting: 1, out: 0 })
    await flow.send({ resilience: { token, outcome: 'ok' } })
    should(await status()).containEql({ waiting: 0 })
    await flow.send({ resilience: { token, outcome: 'ok' } })
    flow.caught.all.map(codeOf).should.eql(['TOKEN_SETTLED'])
  })

  for (const [mode, fields] of [
    ['downstream', {}],
    ['watch', { watchNodes: ['machine'] }],
  ] as const) {
    it(`takes what finishes after its time-out for done, in mode ${mode}`, async () => {
      await flow.start(
        [persistentQueue],
        queue({ outcomeMode: mode, outcomeTimeout: '1s', ...fields }),
      )
      flow.machine.state = 'silent'
      await flow.send({ payload: 1 })
      await flow.send({ payload: 2 })
      await passes(1000)
      should(await status()).containEql({ waiting: 2, out: 0 })
      flow.machine.answer()
      await flow.turns()
      should(await status()).containEql({ waiting: 1, out: 1 })
      payloads().should.eql([1, 2])
      await passes(1000)
      await passes(1000)
      flow.machine.state = 'well'
      flow.machine.answer()
      await flow.turns()
      should(await status()).containEql({ waiting: 0 })
    })
  }

  it('is content with handing over, if that counts', async () => {
    await flow.start([persistentQueue], queue({ outcomeMode: 'released' }))
    flow.machine.state = 'silent'
    for (const payload of [1, 2]) await flow.send({ payload })
    await flow.turns()
    payloads().should.eql([1, 2])
    should(await status()).containEql({ waiting: 0 })
  })

  for (const [what, wires] of [
    ['nothing is wired', [[], ['aside']]],
    ['a disabled node alone is wired', [['off'], ['aside']]],
    ['a node that is gone is wired', [['gone'], ['aside']]],
  ] as const) {
    it(`holds what is handed to nobody, where ${what}`, async () => {
      const off = { id: 'off', type: 'helper', d: true }
      await flow.start([persistentQueue], queue({ outcomeMode: 'released', wires }), [off])
      await flow.send({ payload: 1 })
      for (let i = 0; i < 3; i++) await passes(300_000)
      should(await status()).containEql({ waiting: 1, out: 0 })
    })
  }

  it('finds who is handed a message beside nodes that are not', async () => {
    const off = { id: 'off', type: 'helper', d: true }
    const wires = [['off', 'machine'], ['aside']]
    await flow.start([persistentQueue], queue({ outcomeMode: 'released', wires }), [off])
    await flow.send({ payload: 1 })
    await flow.turns()
    should(await status()).containEql({ waiting: 0 })
    payloads().should.eql([1])
  })

  const status = async () => (await flow.order('status')) as Record<string, unknown>

  /** Of what the machine was given. */
  const payloads = () => flow.machine.given.map((msg) => msg['payload'])

  const passes = async (spanMs: number): Promise<void> => {
    await flow.turns()
    flow.clock.advance(spanMs)
    await flow.turns()
  }
})

const queue = (fields: object = {}) => ({
  ...{ type: 'persistent-queue', backoffJitter: '0%', freeDisk: '0B' },
  ...fields,
})
