/**
 * The reference of circuit breaker, retry and bulkhead (REFERENCE.md) compared with what they write
 * and answer: the same fields with values of the same kind, no more and no fewer, and all commands.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import { resilienceBulkhead } from '../../nodes/resilience-bulkhead/resilience-bulkhead.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import { textOf } from '../house/sources.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'
import { isLike, written } from '../world/reference-json.js'

const rooms = [circuitBreaker, resilienceRetry, resilienceBulkhead]
const byKey = { key: 'topic', keyType: 'msg' }

describe('the reference', () => {
  let flow: GuardedFlow

  beforeEach(() => {
    flow = new GuardedFlow()
  })

  afterEach(() => flow.stop())

  it('has what a circuit breaker permits, refuses and answers', async () => {
    await start({ type: 'circuit-breaker', consecutiveFailures: '1', ...byKey })
    await flow.send(order)
    isLike(flow.machine.given[0], written('Permitted by `circuit-breaker`'))
    isLike(await status(), written('`circuit-breaker`, closed'))
    flow.machine.state = 'sick'
    await flow.send(order)
    await flow.send(order)
    const refused = flow.aside.all.find((msg) => section(msg)['reason'] !== undefined)
    isLike(refused, written('Refused by `circuit-breaker`'))
    isLike(await withTwoRules(), written('`circuit-breaker`, open'))
  })

  it('has what a retry sends, gives up and answers', async () => {
    await start({ type: 'resilience-retry', attempts: '2', backoffJitter: '0%' })
    flow.machine.state = 'sick'
    flow.give(order)
    await flow.turns()
    isLike(flow.machine.given[0], written('Attempt of `resilience-retry`'))
    isLike(await status(), written('`resilience-retry`:'))
    flow.clock.advance(500)
    await flow.completed.first(1)
    await flow.turns()
    isLike(flow.aside.all.at(-1), written('Given up by `resilience-retry`'))
  })

  it('has what a bulkhead admits, refuses and answers', async () => {
    await start({ type: 'resilience-bulkhead', maxInFlight: '1', maxWaiting: '0', ...byKey })
    flow.machine.state = 'silent'
    flow.give(order)
    await flow.send(order)
    isLike(flow.machine.given[0], written('Admitted by `resilience-bulkhead`'))
    isLike(flow.aside.all[0], written('Refused by `resilience-bulkhead`'))
    isLike(await status(), written('`resilience-bulkhead`:'))
  })

  const commands = {
    'circuit-breaker': ['status', 'open', 'isolate', 'disable', 'shadow', 'reset', 'drop'],
    'resilience-retry': ['status', 'flush', 'drop'],
    'resilience-bulkhead': ['status', 'drop'],
  }
  for (const [type, names] of Object.entries(commands)) {
    it(`lists every command of ${type}, and no other`, async () => {
      await start({ type })
      for (const name of names) should(await flow.order(name, { key: 'a', count: 1 })).be.ok()
      await flow.send({ resilience: { command: '?' } })
      flow.caught.all.map(codeOf).should.eql(['COMMAND_UNKNOWN'])
      const [, reference = ''] = textOf('REFERENCE.md').split('\n## Reference of `circuit-breaker`')
      const row = new RegExp(`^\\| \`${type}\` \\| (.*)$`, 'm').exec(reference)?.[1] ?? ''
      const told = [...row.matchAll(/`([a-z]+)`/g)].map(([, word = '']) => word)
      told.filter((word) => !fields.includes(word)).should.eql(names)
    })
  }

  const start = (guard: object): Promise<void> => flow.start(rooms, guard)
  /** As it is written there, with the first two of the other rules. */
  const withTwoRules = async (): Promise<unknown> => {
    const answer = (await status()) as { result: [{ lastOpened: { whatIf: object[] } }] }
    answer.result[0].lastOpened.whatIf.splice(2)
    return answer
  }

  const status = async (): Promise<unknown> => {
    await flow.order('status')
    return section(flow.aside.all.findLast((msg) => section(msg)['answer'] !== undefined))['answer']
  }
})

const fields = ['by', 'key', 'count']
const order = { topic: 'press-3', payload: { order: 4710 } }
