/**
 * The hooks themselves: one plain parameter each, nothing returned and nothing thrown, because a
 * flow waits for them; and what a person writes into the fields of the widget.
 */

import should from 'should'
import { Fields } from '../../nodes/common/fields.js'
import { noContexts } from '../../nodes/common/outcome-context.js'
import { stoppedBy } from '../../nodes/common/outcome-deploy.js'
import { type HookPorts, hookFunctions } from '../../nodes/common/outcome-hooks.js'
import {
  type OutcomeForm,
  outcomeDefaults,
  outcomeFrom,
} from '../../nodes/common/outcome-settings.js'
import { OutcomeLedger } from '../../src/policy/outcome-ledger.js'

describe('a hook of ours', () => {
  const node = { id: 'a', type: 'b' }
  const send = { msg: {}, source: { id: 's' }, destination: { id: 'a', node } }
  const events = {
    onSend: [send],
    preDeliver: send,
    onReceive: { msg: {}, destination: { id: 'a', node } },
    postReceive: { msg: {}, destination: { id: 'a', node } },
    onComplete: { msg: {}, error: new Error('x'), node: { id: 'a', node } },
  }

  for (const name of Object.keys(events) as (keyof typeof events)[]) {
    it(`${name} takes one parameter and returns nothing`, () => {
      const hook: (event: never) => unknown = hookFunctions(portsOf())[name]
      hook.length.should.equal(1)
      should(hook(events[name] as never)).equal(undefined)
    })

    it(`${name} says that it broke, and lets the message go on`, () => {
      const broken: unknown[] = []
      const ports = portsOf((error) => broken.push(error))
      const hook: (event: never) => unknown = hookFunctions(ports)[name]
      should(hook(null as never)).equal(undefined)
      broken.length.should.equal(1)
    })
  }

  function portsOf(broken: (error: unknown) => void = () => {}): HookPorts {
    const limits = { tracesMax: 9, deliveriesMax: 9, earlyTypes: new Set<string>() }
    const describe = ({ id }: { readonly id: string }) => ({ id, type: id })
    const { flow } = new OutcomeLedger({ ...limits, hasContexts: false, describe })
    const isOurs = () => false
    return { flow, contexts: noContexts, isIdle: () => false, isOurs, counted: () => {}, broken }
  }
})

describe('a deploy', () => {
  const diff = { changed: ['a', 'sub1'], removed: ['b'], linked: ['c'], rewired: ['d'], added: [] }
  const rows: ReadonlyArray<readonly [string, object | undefined, string, boolean]> = [
    ['full', diff, 'tab/x', true],
    ['nodes', diff, 'tab/a', true],
    ['nodes', diff, 'tab/b', true],
    ['nodes', diff, 'tab/c', false],
    ['flows', diff, 'tab/c', true],
    ['flows', diff, 'tab/x', false],
    ['nodes', diff, 'tab/sub1/inner', true],
    ['nodes', { ...diff, flowChanged: ['tab'] }, 'tab/x', true],
    ['nodes', { ...diff, globalConfigChanged: true }, 'tab/x', true],
    ['nodes', undefined, 'tab/x', true],
  ]
  for (const [type, changes, path, isStopped] of rows) {
    it(`of ${type}${changes === diff ? '' : ', changed,'} ${isStopped ? 'stops' : 'leaves'} ${path}`, () => {
      const stops = stoppedBy({ type, ...(changes === undefined ? {} : { diff: { ...changes } }) })
      stops({ id: path.split('/').at(-1) ?? '', type: 't', path }).should.equal(isStopped)
    })
  }
})

describe('the settings of outcomes', () => {
  const read = (form: OutcomeForm | Readonly<Record<string, unknown>>) => {
    const fields = new Fields<OutcomeForm>('circuit-breaker', form, outcomeDefaults)
    return { settings: outcomeFrom(fields), wrong: fields.defects.map(({ field }) => field) }
  }

  it('are the defaults for what is absent, silently', () => {
    read({}).should.eql({
      settings: {
        mode: 'downstream',
        watchNodes: [],
        timeoutMs: 30_000,
        failStatus: [
          { from: 400, to: 499 },
          { from: 500, to: 599 },
        ],
        failWhen: { is: 'none', text: '' },
      },
      wrong: [],
    })
  })

  it('take one watched node as text, as it comes in a subflow', () => {
    const { settings, wrong } = read({ outcomeMode: 'watch', watchNodes: 'n1' })
    should([settings.mode, settings.watchNodes, wrong]).eql(['watch', ['n1'], []])
  })

  const defects: ReadonlyArray<readonly [object, string, string]> = [
    [{ outcomeMode: 'watch', watchNodes: [] }, 'watchNodes', 'downstream'],
    [{ outcomeMode: 'released' }, 'outcomeMode', 'downstream'],
    [{ outcomeTimeout: '30' }, 'outcomeTimeout', 'downstream'],
    [{ outcomeTimeout: '25h' }, 'outcomeTimeout', 'downstream'],
    [{ failStatus: '6xx' }, 'failStatus', 'downstream'],
    [{ failWhenType: 'msg', failWhen: ' ' }, 'failWhen', 'downstream'],
  ]
  for (const [form, field, mode] of defects) {
    it(`name ${field} in ${JSON.stringify(form)}, and go on with the default`, () => {
      const { settings, wrong } = read({ ...form })
      wrong.should.eql([field])
      settings.mode.should.equal(mode)
      settings.timeoutMs.should.equal(30_000)
    })
  }
})
