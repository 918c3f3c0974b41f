/**
 * `persistent-queue` in Node-RED, in front of a machine that falls sick: what is kept, released and
 * tried again, what leaves when it is given up, and what a person may order.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('persistent-queue', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([persistentQueue], queue())
  })

  afterEach(() => flow.stop())

  it('accepts a message when it is on disk, and forgets it when the work is done', async () => {
    flow.machine.state = 'silent'
    await flow.send({ topic: 't', payload: { list: [1, Number.NaN, new Date(5)] } })
    flow.completed.all.length.should.equal(1)
    await flow.turns()
    should(flow.machine.given[0]).match({ topic: 't', payload: { list: [1, NaN, new Date(5)] } })
    should(await status()).containEql({ waiting: 1, inFlight: 1, out: 1 })
    flow.machine.answer()
    await flow.turns()
    should(await status()).containEql({ waiting: 0 })
    should((await status())['balance']).containEql({ accepted: 1, delivered: 1, waiting: 0 })
  })

  it('hands on one after another, with an id that stays and an attempt that counts', async () => {
    flow.machine.state = 'sick'
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    await flow.turns()
    payloads().should.eql([1])
    flow.machine.state = 'well'
    await passes(1000)
    payloads().should.eql([1, 1, 2, 3])
    const [first, second] = flow.machine.given.map(section)
    should([first?.['attempt'], second?.['attempt']]).eql([1, 2])
    should(second?.['id']).equal(first?.['id'])
    should(second?.['token']).not.equal(first?.['token'])
    should([first?.['historical'], second?.['historical']]).eql([false, true])
    flow.caught.all.should.eql([])
  })

  it('never empties itself while the road is down', async () => {
    flow.machine.state = 'sick'
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    for (let minute = 0; minute < 60; minute++) await passes(60_000)
    flow.aside.all.should.eql([])
    flow.machine.given.length = 0
    flow.machine.state = 'well'
    await passes(300_000)
    payloads().should.eql([1, 2, 3])
    should((await status())['balance']).containEql({ accepted: 3, delivered: 3, dropped: {} })
  })

  it('gives up a message that fails while the next one passes', async () => {
    flow.machine.sickOf = (msg) => msg['payload'] === 1
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    for (const span of [1000, 2000, 4000]) await passes(span)
    flow.machine.given.length.should.equal(4)
    await passes(8000)
    payloads().should.eql([1, 1, 1, 1, 1, 2, 3])
    const { reason, attempt, failure, id, token } = section(await flow.aside.nth(0))
    should({ reason, attempt, token }).eql({ reason: 'max-attempts', attempt: 5, token: undefined })
    should(failure).containEql({ code: 'NODE_ERROR', kind: 'transient', text: 'out of order' })
    should(id).equal(section(flow.machine.given[0])['id'])
    const { balance } = await status()
    should(balance).containEql({ accepted: 3, delivered: 2, dropped: { 'max-attempts': 1 } })
  })

  it('never gives up where nothing is wired to its second output', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ wires: [['machine'], []] }))
    flow.machine.sickOf = (msg) => msg['payload'] === 1
    for (const payload of [1, 2]) await flow.send({ payload })
    for (let i = 0; i < 20; i++) await passes(300_000)
    should(payloads().includes(2)).be.false()
    flow.machine.reset()
    await passes(300_000)
    payloads().should.eql([1, 2])
  })

  it('holds what nobody receives', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ wires: [[], ['aside']] }))
    await flow.send({ payload: 1 })
    for (let i = 0; i < 20; i++) await passes(300_000)
    should(await status()).containEql({ waiting: 1 })
  })

  it('goes on after a restart where it stopped, with the attempt raised', async () => {
    flow.machine.state = 'silent'
    for (const payload of [1, 2]) await flow.send({ payload })
    flow.machine.state = 'well'
    await restart()
    payloads().should.eql([1, 1, 2])
    flow.machine.given.map((msg) => section(msg)['attempt']).should.eql([1, 2, 1])
  })

  it('stays paused over a restart', async () => {
    await flow.order('pause')
    await flow.send({ payload: 1 })
    await restart()
    payloads().should.eql([])
    should(await flow.order('resume')).eql({ paused: false })
    await flow.turns()
    payloads().should.eql([1])
  })

  it('shows, drops and empties on order, what waits for another attempt included', async () => {
    flow.machine.state = 'sick'
    for (const payload of [1, 2, 3, 4]) await flow.send({ payload })
    await flow.turns()
    const shown = (await flow.order('peek', { count: 2 })) as { payload: number }[]
    shown.map(({ payload }) => payload).should.eql([1, 2])
    should(await flow.order('drop', { count: 2 })).eql({ dropped: 2 })
    const reasons = flow.aside.all.map((msg) => section(msg)['reason']).filter((each) => each)
    reasons.should.eql(['operator', 'operator'])
    await flow.turns()
    should(payloads().at(-1)).equal(3)
    should(await flow.order('purge', { confirm: true })).eql({ dropped: 2 })
    should(await status()).containEql({ waiting: 0 })
    await flow.send({ resilience: { command: 'purge' } })
    await flow.send({ resilience: { command: 'open' } })
    flow.caught.all.map(codeOf).should.eql(['COMMAND_INVALID', 'COMMAND_UNKNOWN'])
  })

  it('empties one key for good, and refuses to do to all what was meant for one', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ key: 'topic', keyType: 'msg' }))
    await flow.order('pause')
    for (const topic of ['a', 'b', 'a']) await flow.send({ topic, payload: topic })
    should(await flow.order('purge', { confirm: true, key: 'a' })).eql({ dropped: 2 })
    for (const command of ['resume', 'flush', 'peek', 'pause']) {
      await flow.send({ resilience: { command, key: 'b' } })
    }
    const codes = flow.caught.all.map(codeOf)
    codes.should.eql(Array(4).fill('COMMAND_INVALID'))
    should(await status()).containEql({ waiting: 1, paused: true })
  })

  it('tries at once when it is flushed', async () => {
    flow.machine.state = 'sick'
    await flow.send({ payload: 1 })
    await flow.turns()
    flow.machine.state = 'well'
    await flow.order('flush')
    await flow.turns()
    payloads().should.eql([1, 1])
  })

  it('releases only while the breaker that it follows permits', async () => {
    await flow.stop()
    const breaker = { id: 'watched', type: 'circuit-breaker', backoffJitter: '0%', wires: [[], []] }
    await flow.start([persistentQueue, circuitBreaker], queue({ breaker: 'watched' }), [breaker])
    flow.giveTo('watched', { resilience: { command: 'isolate' } })
    await flow.turns()
    await flow.send({ payload: 1 })
    await passes(600_000)
    payloads().should.eql([])
    flow.giveTo('watched', { resilience: { command: 'reset' } })
    await flow.turns()
    payloads().should.eql([1])
  })

  it('keeps lanes apart: one that waits holds back none but its own', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ key: 'topic', keyType: 'msg' }))
    flow.machine.sickOf = (msg) => msg['topic'] === 'a'
    for (const payload of [1, 2]) await flow.send({ topic: 'a', payload })
    for (const payload of [3, 4]) await flow.send({ topic: 'b', payload })
    await flow.turns()
    payloads().should.eql([1, 3, 4])
    should(section(flow.machine.given[1])['key']).equal('b')
    flow.machine.reset()
    await passes(1000)
    payloads().should.eql([1, 2])
  })

  it('keeps the order of messages whose key is an expression', async () => {
    await flow.stop()
    const fields = { key: 'payload > 2 ? $string(topic) : "x"', keyType: 'jsonata' }
    await flow.start([persistentQueue], queue({ ...fields, maxInFlight: '10' }))
    await flow.order('pause')
    for (const payload of [1, 2, 3, 4]) flow.give({ topic: 'x', payload })
    await flow.completed.first(4)
    await flow.order('resume')
    await flow.turns()
    payloads().should.eql([1, 2, 3, 4])
  })

  it('lets urgent messages go first', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ priority: 'prio', priorityType: 'msg' }))
    await flow.order('pause')
    await flow.send({ payload: 'low', prio: 0 })
    await flow.send({ payload: 'normal' })
    await flow.send({ payload: 'high', prio: 'High' })
    await flow.order('resume')
    await flow.turns()
    payloads().should.eql(['high', 'normal', 'low'])
  })

  it('refuses what cannot be kept by the name of the property, or leaves it out', async () => {
    await flow.send({ payload: 1, req: { go: () => {} } })
    flow.caught.all.map(codeOf).should.eql(['PAYLOAD_UNSTORABLE'])
    await flow.stop()
    await flow.start([persistentQueue], queue({ leaveOutUnstorable: true }))
    await flow.send({ payload: [1, () => {}], req: { go: () => {}, url: '/' } })
    await flow.turns()
    should(flow.machine.given.at(-1)).match({ payload: [1, undefined], req: { url: '/' } })
  })

  it('turns the newest away to the second output when it is full', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ maxMessages: '1', overflow: 'drop-newest' }))
    flow.machine.state = 'silent'
    await flow.send({ payload: 1 })
    await flow.send({ payload: 2 })
    const aside = await flow.aside.nth(0)
    should(aside).containEql({ payload: 2 })
    should(section(aside)['reason']).equal('overflow')
    flow.caught.all.should.eql([])
  })

  it('refuses what it has no room for, if it is to', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ maxMessages: '1', overflow: 'reject' }))
    flow.machine.state = 'silent'
    for (const payload of [1, 2]) await flow.send({ payload })
    flow.caught.all.map(codeOf).should.eql(['QUEUE_FULL'])
  })

  it('sets the oldest aside when it is full', async () => {
    await flow.stop()
    await flow.start([persistentQueue], queue({ maxMessages: '1' }))
    await flow.order('pause')
    for (const payload of [1, 2]) await flow.send({ payload })
    const aside = await flow.aside.first(2)
    should(aside.at(-1)).containEql({ payload: 1 })
    should(section(aside.at(-1))['reason']).equal('overflow')
    should(await status()).containEql({ waiting: 1 })
  })

  const status = async () => (await flow.order('status')) as Record<string, unknown>

  /** Of what the machine was given since the last reset. */
  const payloads = () => flow.machine.given.map((msg) => msg['payload'])

  const restart = async (): Promise<void> => {
    const stopping = flow.stop()
    await passes(300)
    await stopping
    await flow.start([persistentQueue], queue())
    await flow.turns()
  }

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
