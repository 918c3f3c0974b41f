/**
 * Messages that reach a dead letter node, with a wire and without one: who gives up forgets a
 * message only when its letter is safe, and whoever holds it outside lets go of it.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { dlq } from '../../nodes/dlq/dlq.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

interface Line {
  readonly id: string
  readonly reason: string
  readonly failure: { readonly code: string; readonly text: string; readonly node: object } | null
  readonly msg: Readonly<Record<string, unknown>>
}

const rooms = [persistentQueue, resilienceRetry, circuitBreaker, dlq]

describe('a message that is given up', () => {
  let flow: GuardedFlow
  let letterBox = ''
  let count = 0

  beforeEach(() => {
    flow = new GuardedFlow()
    letterBox = `letters-${++count}`
  })

  afterEach(() => flow.stop())

  it('by a queue becomes a letter under the id that it had there', async () => {
    await start({ type: 'persistent-queue' })
    flow.machine.sickOf = (msg) => msg['payload'] === 1
    for (const payload of [1, 2]) await flow.send({ payload, topic: 't' })
    for (let i = 0; i < 20; i++) await passes(1000)
    const [letter, other] = await letters()
    should(other).be.undefined()
    should(letter).containEql({ reason: 'max-attempts' })
    should(letter?.failure).containEql({ code: 'NODE_ERROR', text: 'out of order' })
    should(letter?.id).equal(section(flow.machine.given[0])['id'])
    should(letter?.msg).containEql({ payload: 1, topic: 't' })
    const { balance } = (await flow.order('status')) as { balance: object }
    should(balance).containEql({ accepted: 2, delivered: 1, deadLettered: 1, dropped: {} })
    flow.aside.all.filter((msg) => section(msg)['reason'] !== undefined).should.eql([])
  })

  it('by a queue stays there while no dead letter node takes it', async () => {
    await start({ type: 'persistent-queue' }, [])
    flow.machine.sickOf = (msg) => msg['payload'] === 1
    for (const payload of [1, 2]) await flow.send({ payload })
    for (let i = 0; i < 20; i++) await passes(300_000)
    const { balance } = (await flow.order('status')) as { balance: object }
    should(balance).containEql({ accepted: 2, waiting: 2, dropped: {} })
  })

  it('because the queue is full becomes a letter, and is not counted as dropped', async () => {
    await start({ type: 'persistent-queue', maxMessages: '2', wires: [[], ['aside']] })
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    await passes(2000)
    const [letter] = await letters()
    should(letter).containEql({ reason: 'overflow' })
    // The first one is out, and what is out is never dropped.
    should(letter?.msg).containEql({ payload: 2 })
    should(letter?.failure).containEql({ code: 'MESSAGE_DROPPED' })
    const { balance } = (await flow.order('status', {})) as { balance: object }
    should(balance).containEql({ accepted: 3, waiting: 2, deadLettered: 1, dropped: {} })
  })

  it('by a person becomes a letter with that reason', async () => {
    await start({ type: 'persistent-queue' })
    flow.machine.state = 'sick'
    for (const payload of [1, 2]) await flow.send({ payload })
    await flow.turns()
    should(await flow.order('drop', { count: 2 })).eql({ dropped: 2 })
    await flow.turns()
    const reasons = (await letters()).map(({ reason }) => reason)
    reasons.should.eql(['operator', 'operator'])
  })

  it('by a retry becomes a letter with each of its failures', async () => {
    await start({ type: 'resilience-retry', attempts: '3', backoffJitter: '0%' })
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    for (let i = 0; i < 5; i++) await passes(1000)
    const [letter] = await letters()
    should(letter).containEql({ reason: 'max-attempts' })
    should(letter?.msg).containEql({ payload: 1 })
    flow.completed.all.length.should.equal(1)
    flow.caught.all.should.eql([])
    flow.aside.all.filter((msg) => section(msg)['reason'] !== undefined).should.eql([])
  })

  it('by a retry leaves as ever when no dead letter node takes it', async () => {
    await start({ type: 'resilience-retry', attempts: '2', backoffJitter: '0%' }, [])
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    for (let i = 0; i < 3; i++) await passes(1000)
    should(section(flow.aside.all[0])['reason']).equal('max-attempts')
  })

  it('behind a queue ends there as handed over', async () => {
    await startBehind('persistent-queue', { deadLetter: letterBox, wires: [['machine'], []] })
    flow.machine.state = 'sick'
    await flow.send({ payload: 1 })
    for (let i = 0; i < 5; i++) await passes(1000)
    should((await letters()).length).equal(1)
    const { balance } = (await flow.order('status')) as { balance: object }
    should(balance).containEql({ accepted: 1, delivered: 0, waiting: 0, deadLettered: 1 })
    flow.machine.given.length.should.equal(2)
  })

  it('that comes to a dead letter node by wire ends the work of a queue too', async () => {
    await startBehind('persistent-queue', { wires: [['machine'], [letterBox]] })
    flow.machine.state = 'sick'
    await flow.send({ payload: 1 })
    for (let i = 0; i < 5; i++) await passes(1000)
    const [letter] = await letters()
    should(letter).containEql({ reason: 'max-attempts' })
    should(letter?.failure?.node).containEql({ id: 'machine', type: 'sick-machine' })
    const { balance } = (await flow.order('status')) as { balance: object }
    should(balance).containEql({ accepted: 1, waiting: 0, deadLettered: 1 })
  })

  it('counts as a failure for a breaker all the same', async () => {
    await startBehind('circuit-breaker', { deadLetter: letterBox, wires: [['machine'], []] })
    flow.machine.state = 'sick'
    flow.give({ payload: 1 })
    for (let i = 0; i < 5; i++) await passes(1000)
    flow.completed.all.length.should.equal(1)
    flow.give({ payload: 2 })
    await flow.turns()
    should(section(flow.aside.all.at(-1))['reason']).equal('refused')
    flow.caught.all.map(codeOf).should.eql([])
  })

  it('goes back into the queue that gave it up', async () => {
    await start({ type: 'persistent-queue', attempts: '1' }, [letterNode({ redriveTo: 'source' })])
    flow.machine.sickOf = (msg) => msg['payload'] === 1
    for (const payload of [1, 2]) await flow.send({ payload })
    for (let i = 0; i < 10; i++) await passes(1000)
    should((await letters()).length).equal(1)
    flow.machine.reset()
    await orderLetters('redrive', { all: true })
    for (let i = 0; i < 3; i++) await passes(1000)
    flow.machine.given.map((msg) => msg['payload']).should.eql([1])
    should((await letters()).length).equal(0)
  })

  const letterNode = (fields: object = {}) => ({
    ...{ id: letterBox, type: 'dlq', redriveSchedule: 'off', wires: [['machine'], ['aside']] },
    ...fields,
  })

  const start = (guard: object, more: readonly object[] = [letterNode()]) =>
    flow.start(rooms, { deadLetter: letterBox, ...guard }, more)

  /** A retry of two attempts, behind another node that holds the message meanwhile. */
  const startBehind = (outer: string, retry: object) => {
    const inner = { id: 'inner', type: 'resilience-retry', attempts: '2', backoffJitter: '0%' }
    const guard = { type: outer, deadLetter: '', wires: [['inner'], ['aside']] }
    return start({ ...guard, consecutiveFailures: '1' }, [letterNode(), { ...inner, ...retry }])
  }

  async function orderLetters(command: string, fields: object = {}): Promise<unknown> {
    const before = flow.aside.all.length
    flow.giveTo(letterBox, { resilience: { command, ...fields } })
    await flow.aside.first(before + 1)
    await flow.turns()
    return flow.aside.all.findLast((msg) => section(msg)['answer'] !== undefined)?.['payload']
  }

  const letters = async () => (await orderLetters('peek')) as Line[]

  async function passes(spanMs: number): Promise<void> {
    flow.clock.advance(spanMs)
    await flow.turns()
  }
})
