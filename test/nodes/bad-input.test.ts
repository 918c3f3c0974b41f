/**
 * What no careful person would send or write: orders that there are not, outcomes for messages that
 * are not waiting, figures without sense, nodes to watch that are gone. Each is told clearly, and
 * the state of breaker, retry and bulkhead is the same as before.
 */

import should from 'should'
import { circuitBreaker } from '../../nodes/circuit-breaker/circuit-breaker.js'
import * as breaker from '../../nodes/circuit-breaker/circuit-breaker.settings.js'
import { resilienceBulkhead } from '../../nodes/resilience-bulkhead/resilience-bulkhead.js'
import * as bulkhead from '../../nodes/resilience-bulkhead/resilience-bulkhead.settings.js'
import { resilienceRetry } from '../../nodes/resilience-retry/resilience-retry.js'
import * as retry from '../../nodes/resilience-retry/resilience-retry.settings.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

const rooms = { circuitBreaker, resilienceRetry, resilienceBulkhead }
const guards = [
  { type: 'circuit-breaker', room: rooms.circuitBreaker },
  { type: 'resilience-retry', room: rooms.resilienceRetry },
  { type: 'resilience-bulkhead', room: rooms.resilienceBulkhead },
]

/** `msg.resilience`, and the code of the error; $ is the token of a message that is out. */
const badMessages: ReadonlyArray<readonly [string, object, string]> = [
  ['a command that there is not', { command: 'dance' }, 'COMMAND_UNKNOWN'],
  ['a command that every object has', { command: 'constructor' }, 'COMMAND_UNKNOWN'],
  ['a command that is no text', { command: { open: true } }, 'COMMAND_UNKNOWN'],
  [
    'a command with a field of the wrong kind',
    { command: 'drop', key: 7, count: -1 },
    'COMMAND_INVALID',
  ],
  ['a token that was never issued', { token: '%:1', outcome: 'failed' }, 'TOKEN_UNKNOWN'],
  ['a token without a number', { token: '%:x', outcome: 'failed' }, 'TOKEN_UNKNOWN'],
  ["another node's token", { token: 'other:1', outcome: 'failed' }, 'TOKEN_UNKNOWN'],
  ['a token that is no text', { token: 5, outcome: 'failed' }, 'TOKEN_UNKNOWN'],
  ['an outcome that there is not', { token: '$', outcome: 'fine' }, 'COMMAND_INVALID'],
]

for (const { type, room } of guards) {
  describe(`${type}, given what makes no sense`, () => {
    let flow: GuardedFlow

    beforeEach(() => {
      flow = new GuardedFlow()
    })

    afterEach(() => flow.stop())

    for (const [what, resilience, code] of badMessages) {
      it(`answers ${what} with an error, and stays as it is`, async () => {
        await start({ outcomeMode: 'manual' })
        const token = await out()
        const before = await state()
        const text = JSON.stringify(resilience).replace('%', flow.id).replace('$', token)
        await flow.send({ resilience: JSON.parse(text) })
        flow.caught.all.map(codeOf).should.eql([code])
        should(await state()).eql(before)
        flow.machine.given.length.should.equal(1)
      })
    }

    it('answers an outcome that is known already with an error', async () => {
      await start({ outcomeMode: 'manual' })
      const resilience = { token: await out(), outcome: 'ok' }
      await flow.send({ resilience })
      const before = await state()
      await flow.send({ resilience: { ...resilience, outcome: 'failed' } })
      flow.caught.all.map(codeOf).should.eql(['TOKEN_SETTLED'])
      should(await state()).eql(before)
    })

    it('takes a strange section of a message for none', async () => {
      await start()
      for (const resilience of [null, 'open', 7, [], { token: 'x' }, { outcome: 'failed' }]) {
        await flow.send({ resilience })
      }
      flow.caught.all.should.eql([])
      flow.machine.given.length.should.equal(6)
    })

    it('tells that a watched node is gone, and goes by what a message reaches', async () => {
      await start({ outcomeMode: 'watch', watchNodes: ['deleted'] })
      await flow.send({ payload: 1 })
      flow.completed.all.length.should.equal(1)
      flow.log.filter((text) => text.endsWith('errors.SETTINGS_INVALID')).length.should.equal(1)
    })

    it('takes a watched node that is disabled for gone', async () => {
      const off = { id: 'off', type: 'sick-machine', d: true }
      await start({ outcomeMode: 'watch', watchNodes: ['off'] }, [off])
      await flow.send({ payload: 1 })
      flow.completed.all.length.should.equal(1)
      flow.log.filter((text) => text.endsWith('errors.SETTINGS_INVALID')).length.should.equal(1)
    })

    it('watches the others when one of the watched nodes is gone', async () => {
      await start({ outcomeMode: 'watch', watchNodes: ['deleted', 'machine'] })
      flow.machine.state = 'silent'
      flow.give({ payload: 1 })
      await flow.turns()
      flow.completed.all.should.eql([])
      flow.machine.answer()
      await flow.completed.first(1)
    })

    const start = (fields: object = {}, more: object[] = []): Promise<void> =>
      flow.start([room], { type, backoffJitter: '0%', ...fields }, more)

    /** A message is out; its token. */
    const out = async (): Promise<string> => {
      flow.give({ payload: 1 })
      await flow.turns()
      return String(section(flow.machine.given[0])['token'])
    }

    const state = (): Promise<unknown> => flow.order('status')
  })
}

const unset = `\${PLANT}`
const forms = {
  'circuit-breaker': breaker,
  'resilience-retry': retry,
  'resilience-bulkhead': bulkhead,
}

for (const [type, { defaults, parse }] of Object.entries(forms)) {
  describe(`the settings of ${type}, written without sense`, () => {
    const figures = Object.entries(defaults).filter(
      ([name, value]) => typeof value === 'string' && /^\d/.test(value) && name !== 'failStatus',
    )

    it('are the defaults for the saved defaults and for nothing', () => {
      parse({ ...defaults }).should.eql(parse({}))
      parse({}).wrong.should.eql([])
    })

    for (const [field] of figures) {
      it(`name ${field} when it is negative, empty or no figure, and go on with the default`, () => {
        for (const value of ['-1', '', 'many', -1, Number.NaN, null, {}, ['1'], unset, true]) {
          const { settings, wrong } = parse({ [field]: value })
          const told = wrong.map((defect) => [defect.field, defect.required])
          const expected = value === null ? [] : [[field, false]]
          should(told).eql(expected, `${field} ${JSON.stringify(value)}`)
          should(settings).eql(parse({}).settings)
        }
      })
    }

    it('name a variable that is not set in any text', () => {
      for (const field of ['failStatus', 'outcomeTimeout']) {
        const { wrong } = parse({ [field]: unset })
        should(wrong[0]).containEql({ field, values: { name: 'PLANT' } })
        should(wrong[0]?.write).endWith('write.environment')
      }
    })
  })
}
