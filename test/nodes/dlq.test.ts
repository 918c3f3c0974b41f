/**
 * `dlq` in Node-RED, in front of a machine that falls sick: what is kept of a failed message and
 * why, what goes round again and what becomes of it, and what a flow may order.
 */

import should from 'should'
import { dlq } from '../../nodes/dlq/dlq.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

interface Line {
  readonly id: string
  readonly state: string
  readonly reason: string
  readonly cause: string
  readonly redrives: number
  readonly failure: { readonly code: string; readonly text: string; readonly node: object } | null
  readonly msg: object
}

describe('dlq', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([dlq], node())
  })

  afterEach(() => flow.stop())

  it('keeps a message as it was, with what a Catch node says of it', async () => {
    await flow.send(caught({ topic: 't', payload: { list: [1, new Date(5)] }, _error: 'own' }))
    flow.completed.all.length.should.equal(1)
    const [letter] = await letters()
    should(letter).containEql({ state: 'waiting', reason: 'max-attempts', redrives: 0 })
    should(letter?.failure).containEql({ code: 'TypeError', text: 'no such field' })
    should(letter?.failure?.node).eql({ id: 'f1', type: 'function', name: 'map' })
    const { _msgid, ...msg } = (letter?.msg ?? {}) as { _msgid?: string }
    should(msg).eql({ topic: 't', payload: { list: [1, new Date(5)] }, error: 'own' })
  })

  it('keeps any other message too', async () => {
    await flow.send({ payload: 1 })
    const [letter] = await letters()
    should(letter).containEql({ reason: 'operator', failure: null })
  })

  it('keeps why a node of ours gave it up', async () => {
    const failure = { code: 'HTTP_STATUS', kind: 'permanent', text: 'erp answered 404.', at: 5 }
    const resilience = { id: 'q-1', attempt: 1, token: 'q:1', reason: 'permanent', failure }
    await flow.send({ payload: 1, statusCode: 404, resilience })
    const [letter] = await letters()
    should(letter).containEql({ reason: 'permanent' })
    should(letter?.failure).containEql({ code: 'HTTP_STATUS 404', kind: 'permanent' })
    should(section(letter?.msg)).eql({ id: 'q-1', attempt: 1 })
  })

  it('groups by cause what failed alike', async () => {
    for (const n of [1, 2, 3]) await flow.send(caught({ payload: n }, `order ${n} is unknown`))
    await flow.send(caught({ payload: 4 }, 'timed out'))
    should(await status()).containEql({ waiting: 4, causes: 2, fresh: 4 })
  })

  it('sends letters round again on order, and forgets those that are done', async () => {
    for (const payload of [1, 2, 3]) await flow.send(caught({ payload }))
    await flow.order('redrive', { all: true })
    await passes(1000)
    flow.machine.given.map((msg) => msg['payload']).should.eql([1, 2, 3])
    should(flow.machine.given[0]?.['error']).be.undefined()
    const { attempt, deadLetter, token } = section(flow.machine.given[0])
    should(attempt).equal(1)
    should(deadLetter).containEql({ redrives: 1, hops: 1, editedFrom: null })
    should(token).be.a.String()
    should(await status()).match({ waiting: 0, balance: { accepted: 3, delivered: 3, waiting: 0 } })
  })

  it('keeps the same letter when it fails again', async () => {
    await flow.send(caught({ payload: 1 }))
    const [before] = await letters()
    flow.machine.state = 'sick'
    await flow.order('redrive', { all: true })
    await passes(1000)
    const [after, other] = await letters()
    should(other).be.undefined()
    should(after).containEql({ id: before?.id, redrives: 1, state: 'waiting' })
    should(after?.failure?.text).equal('out of order')
  })

  it('keeps the same letter when it fails again and comes back by wire', async () => {
    await flow.send(caught({ payload: 1 }))
    flow.machine.state = 'sick'
    await flow.order('redrive', { all: true })
    await flow.turns()
    const sent = flow.machine.given[0] ?? {}
    await flow.send(caught({ ...sent }, 'out of order'))
    await passes(1000)
    should(await status()).containEql({ waiting: 1 })
    const [letter, other] = await letters()
    should(other).be.undefined()
    should(letter?.redrives).equal(1)
  })

  it('sends letters round by itself, and gives them up after five times', async () => {
    await flow.send(caught({ payload: 1 }))
    flow.machine.state = 'sick'
    for (let i = 0; i < 7; i++) await passes(300_000)
    flow.machine.given.length.should.equal(5)
    should(await status()).containEql({ waiting: 0, givenUp: 1 })
    const { reason, deadLetter } = section(await flow.aside.nth(0))
    should(reason).equal('max-attempts')
    should(deadLetter).containEql({ redrives: 5, hops: 1 })
    should((deadLetter as { failures: object[] }).failures.length).equal(6)
  })

  it('gives up at once what went round often enough, or in a circle', async () => {
    const again = (deadLetter: object) => ({ ...caught({}), resilience: { deadLetter } })
    await flow.send(again({ id: 'gone-1', redrives: 5, hops: 1 }))
    await flow.send(again({ id: 'gone-2', redrives: 0, hops: 5 }))
    const reasons = [await flow.aside.nth(0), await flow.aside.nth(1)].map((msg) => section(msg))
    reasons.map(({ reason }) => reason).should.eql(['max-attempts', 'cycle'])
    should(await status()).containEql({ waiting: 0, givenUp: 2 })
  })

  it('sends nothing round by itself while a person has paused it', async () => {
    await flow.send(caught({ payload: 1 }))
    should(await flow.order('pause')).eql({ paused: true })
    for (let i = 0; i < 3; i++) await passes(300_000)
    flow.machine.given.should.eql([])
    await flow.order('resume')
    await passes(300_000)
    flow.machine.given.length.should.equal(1)
  })

  it('holds letters that nobody receives', async () => {
    await flow.stop()
    await flow.start([dlq], node({ wires: [[], ['aside']] }))
    await flow.send(caught({ payload: 1 }))
    for (let i = 0; i < 7; i++) await passes(300_000)
    should(await status()).containEql({ waiting: 1, givenUp: 0 })
  })

  it('learns the end of a letter from the flow in manual mode', async () => {
    await flow.stop()
    await flow.start([dlq], node({ outcomeMode: 'manual' }))
    await flow.send(caught({ payload: 1 }))
    await flow.order('redrive', { all: true })
    await flow.turns()
    const { token } = section(flow.machine.given[0])
    await flow.send({ resilience: { token, outcome: 'ok' } })
    await flow.turns()
    should(await status()).containEql({ waiting: 0 })
  })

  it('takes a letter that does not end in time for one that failed, whatever comes later', async () => {
    await flow.send(caught({ payload: 1 }))
    flow.machine.state = 'silent'
    await flow.order('redrive', { all: true })
    await passes(31_000)
    should((await letters())[0]).match({ redrives: 1, failure: { code: 'OUTCOME_TIMEOUT' } })
    flow.machine.answer()
    await flow.turns()
    should(await status()).match({ waiting: 1, balance: { delivered: 0 } })
  })

  it('puts letters back into the node where they failed', async () => {
    await flow.stop()
    await flow.start([dlq], node({ redriveTo: 'source', wires: [[], ['aside']] }))
    await flow.send(caught({ payload: 1 }, 'out of order', machine))
    await flow.order('redrive', { all: true })
    await passes(1000)
    flow.machine.given.map((msg) => msg['payload']).should.eql([1])
    should(await status()).containEql({ waiting: 0 })
    await flow.send(caught({ payload: 2 }, 'out of order', machine))
    flow.machine.state = 'sick'
    await flow.order('redrive', { all: true })
    await passes(1000)
    const [letter] = await letters()
    should(letter).containEql({ redrives: 1 })
  })

  it('refuses to send letters back to a node that is gone, and names it', async () => {
    await flow.stop()
    await flow.start([dlq], node({ redriveTo: 'source' }))
    await flow.send(caught({ payload: 1 }))
    await flow.send({ resilience: { command: 'redrive', all: true } })
    const [told] = flow.caught.all
    should(codeOf(told)).equal('SOURCE_GONE')
    should(await status()).containEql({ waiting: 1 })
  })

  it('goes on with a redrive after a restart, and keeps all letters', async () => {
    for (const payload of [1, 2, 3]) await flow.send(caught({ payload }))
    flow.machine.state = 'silent'
    await flow.order('redrive', { all: true, canary: false })
    await flow.turns()
    flow.machine.reset()
    await restart()
    await passes(5000)
    const payloads = new Set(flow.machine.given.map((msg) => msg['payload']))
    payloads.should.eql(new Set([1, 2, 3]))
    should(await status()).containEql({ waiting: 0 })
  })

  it('drops on order so that it can be undone, and empties for good', async () => {
    for (const payload of [1, 2, 3]) await flow.send(caught({ payload }))
    should(await flow.order('drop', { count: 1 })).eql({ dropped: 1 })
    should(await status()).containEql({ waiting: 2, deleted: 1 })
    const [{ cause = '' } = {}] = await letters()
    should(await flow.order('drop', { key: cause })).eql({ dropped: 2 })
    should(await flow.order('purge', { confirm: true })).eql({ dropped: 3 })
    should(await status()).containEql({ waiting: 0, deleted: 0 })
  })

  it('refuses orders that say too little', async () => {
    for (const order of ['redrive', 'drop', 'purge']) {
      await flow.send({ resilience: { command: order } })
    }
    await flow.send({ resilience: { command: 'redrive', all: true, rate: 'fast' } })
    flow.caught.all.map(codeOf).should.eql(new Array(4).fill('COMMAND_INVALID'))
  })

  const node = (fields: object = {}) => ({ type: 'dlq', backoffJitter: '0%', ...fields })

  const machine = { id: 'machine', type: 'sick-machine' }

  const status = async () => (await flow.order('status')) as Record<string, unknown>

  const letters = async () => (await flow.order('peek')) as Line[]

  async function passes(spanMs: number): Promise<void> {
    for (let left = spanMs; left > 0; left -= 1000) {
      flow.clock.advance(Math.min(left, 1000))
      if (left % 60_000 === 0 || spanMs <= 5000) await flow.turns()
    }
    await flow.turns()
  }

  async function restart(): Promise<void> {
    await flow.stop()
    await flow.start([dlq], node())
    await flow.turns()
  }
})

/** As a Catch node leaves it. */
function caught(
  msg: object,
  message = 'no such field',
  source: object = { id: 'f1', type: 'function', name: 'map' },
): object {
  const stack = `TypeError: ${message}\n    at Function [f1]:3:5`
  return { ...msg, error: { message, stack, source: { ...source, count: 1 } } }
}
