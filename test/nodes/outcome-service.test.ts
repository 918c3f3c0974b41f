/**
 * The service around the ledger: attached only while it is needed, nothing sent while flows are
 * stopped, outcomes that come back by token, and certainty given up rather than a message. The
 * runtime is played: it has hooks, events and nothing behind them.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import 'should'
import type { Deploy, HookNode, NodeRed, SendEvent } from '../../nodes/common/node-red.js'
import { type Follower, tokenBefore } from '../../nodes/common/outcome-follower.js'
import { type OutcomeSettings, outcomeDefaults } from '../../nodes/common/outcome-settings.js'
import { Outcomes } from '../../nodes/common/outcomes.js'
import type { Event } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import type { Ending } from '../../src/policy/outcome.js'
import { type TestWorld, testWorld } from '../world/test-world.js'

const node = { id: 'us', type: 'circuit-breaker', _path: 'tab/us' }

class PlayedRuntime {
  readonly world: TestWorld = testWorld()
  readonly hooks = new Map<string, (event: never) => void>()
  readonly emitted: Event[] = []
  readonly sent: string[] = []
  readonly ended: string[] = []
  readonly outcomes: Outcomes
  readonly follower: Follower
  readonly #heard = new Map<string, (deploy: Deploy) => void>()

  constructor({ mode = 'downstream', hasHooks = true, us = node }: Partial<Played> = {}) {
    this.outcomes = new Outcomes(this.#RED(hasHooks), this.world)
    const settings: OutcomeSettings = {
      ...{ mode, watchNodes: ['b'], timeoutMs: ms(30_000), failStatus: [] },
      failWhen: { is: outcomeDefaults.failWhenType, text: '' },
    }
    const emit = (event: Event) => this.emitted.push(event)
    this.follower = this.outcomes.follower(us, settings, { emit, failed: () => {} })
  }

  started(): this {
    this.#heard.get('flows:started')?.({ type: 'full' })
    return this
  }

  stopping(deploy: Deploy = { type: 'full' }): void {
    this.#heard.get('flows:stopping')?.(deploy)
  }

  follow(): string {
    const settled = ({ outcome }: Ending) => this.ended.push(outcome)
    return this.follower.follow({ send: (token) => this.sent.push(token), settled })
  }

  /** Of the labelled hook of this name. */
  hook(name: string): (event: never) => void {
    const [, found] = [...this.hooks].find(([key]) => key.startsWith(`${name}.`)) ?? []
    return found ?? (() => {})
  }

  #RED(hasHooks: boolean): NodeRed {
    const hooks = {
      add: (name: string, hook: (event: never) => void) => void this.hooks.set(name, hook),
      remove: () => this.hooks.clear(),
    }
    return {
      nodes: { createNode: () => {}, registerType: () => {}, getNode: () => undefined },
      settings: {},
      ...(hasHooks ? { hooks } : {}),
      log: {
        ...{ ERROR: 20, debug() {}, info() {}, warn() {}, error() {} },
        ...{ addHandler: () => {}, removeHandler: () => {} },
      },
      events: {
        on: (name, heard) => void this.#heard.set(name, heard),
        removeListener: () => {},
      },
      util: {
        cloneMessage: (msg) => structuredClone(msg),
        getMessageProperty: () => undefined,
        prepareJSONataExpression: () => ({ assign: () => {} }),
        evaluateJSONataExpression: (_expression, _msg, done) => done(null),
        evaluateNodeProperty: (_value, _type, _node, _msg, done) => done(null),
      },
      _: (key) => key,
    }
  }
}

interface Played {
  readonly mode: OutcomeSettings['mode']
  readonly hasHooks: boolean
  readonly us: HookNode
}

describe('the outcome service', () => {
  it('is attached at the first message and detached a minute after the last end', async () => {
    const runtime = new PlayedRuntime().started()
    runtime.hooks.size.should.equal(0)
    runtime.follow()
    runtime.hooks.size.should.equal(5)
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['ok'])
    await runtime.world.clock.advance(59_000)
    runtime.hooks.size.should.equal(5)
    runtime.follow()
    await runtime.world.clock.advance(59_000)
    runtime.hooks.size.should.equal(5)
    await runtime.world.clock.advance(2_000)
    runtime.hooks.size.should.equal(0)
    runtime.follow()
    runtime.hooks.size.should.equal(5)
  })

  for (const mode of ['downstream', 'watch', 'manual', 'released'] as const) {
    it(`uses ${mode === 'released' ? 'no' : 'an'} asynchronous context where ${mode} counts`, () => {
      const { run } = AsyncLocalStorage.prototype
      let count = 0
      AsyncLocalStorage.prototype.run = (_store: unknown, call: () => unknown) => {
        count++
        return call()
      }
      try {
        new PlayedRuntime({ mode }).started().follow()
      } finally {
        AsyncLocalStorage.prototype.run = run
      }
      count.should.equal(mode === 'released' ? 0 : 1)
    })
  }

  it('needs no hooks where handing over is all that counts', async () => {
    const runtime = new PlayedRuntime({ mode: 'released' }).started()
    runtime.follow()
    runtime.hooks.size.should.equal(0)
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['ok'])
  })

  it('sends nothing before the flows run, nor while a deploy has stopped them', async () => {
    const runtime = new PlayedRuntime({ mode: 'manual' })
    const first = runtime.follow()
    runtime.sent.should.eql([])
    runtime.started()
    runtime.sent.should.eql([first])
    runtime.stopping({ type: 'nodes', diff: { changed: ['other'] } })
    const second = runtime.follow()
    runtime.sent.should.eql([first])
    runtime.started()
    runtime.sent.should.eql([first, second])
    await runtime.world.clock.settle()
    runtime.ended.should.eql([])
  })

  it('ends what a deploy of its own node interrupts, and sends none of it later', async () => {
    const runtime = new PlayedRuntime({ mode: 'manual' }).started()
    runtime.follow()
    runtime.stopping({ type: 'nodes', diff: { changed: ['us'] } })
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['interrupted'])
    const late = runtime.follow()
    runtime.stopping()
    runtime.started()
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['interrupted', 'interrupted'])
    runtime.sent.should.not.containEql(late)
  })

  it('times out once, with one timer for all', async () => {
    const runtime = new PlayedRuntime({ mode: 'manual' }).started()
    for (let i = 0; i < 100; i++) runtime.follow()
    await runtime.world.clock.settle()
    runtime.world.clock.pending.should.equal(1)
    await runtime.world.clock.advance(30_000)
    runtime.ended.length.should.equal(100)
    new Set(runtime.ended).should.eql(new Set(['timeout']))
  })

  it('takes an outcome by the token of this node, among those of nested ones', async () => {
    const runtime = new PlayedRuntime({ mode: 'manual' }).started()
    const token = runtime.follow()
    const nested = tokenBefore('inner:7', { resilience: { token } })
    nested.should.equal(`inner:7 ${token}`)
    const report = { resilience: { token: nested, outcome: 'failed', reason: 'permanent' } }
    runtime.follower.isReport(report).should.equal(true)
    runtime.follower.report(report)
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['failed'])
    codeOf(() => runtime.follower.report(report)).should.equal('TOKEN_SETTLED')
  })

  for (const [what, section, code] of [
    ['a token that was never issued', { token: 'us:5', outcome: 'ok' }, 'TOKEN_UNKNOWN'],
    ["another node's token", { token: 'them:1', outcome: 'ok' }, 'TOKEN_UNKNOWN'],
    ['no token', { outcome: 'ok' }, 'TOKEN_UNKNOWN'],
    ['an outcome that there is not', { outcome: 'fine' }, 'COMMAND_INVALID'],
  ] as const) {
    it(`refuses ${what}, and nothing ends by it`, async () => {
      const runtime = new PlayedRuntime({ mode: 'manual' }).started()
      const token = runtime.follow()
      const own = what.startsWith('an outcome') ? { token } : {}
      const report = () => runtime.follower.report({ resilience: { ...section, ...own } })
      codeOf(report).should.equal(code)
      await runtime.world.clock.settle()
      runtime.ended.should.eql([])
    })
  }

  it('is unsure in a runtime without hooks, says so once, and sends all the same', async () => {
    const runtime = new PlayedRuntime({ hasHooks: false }).started()
    runtime.follow()
    runtime.follow()
    await runtime.world.clock.settle()
    runtime.sent.length.should.equal(2)
    runtime.ended.should.eql(['unsure', 'unsure'])
    runtime.emitted.map(({ kind }) => kind).should.eql(['outcome.unavailable'])
  })

  it('gives up certainty, and not the message, when a hook of ours breaks', async () => {
    const runtime = new PlayedRuntime().started()
    const broken = { source: null } as unknown as SendEvent
    const settled = ({ outcome }: Ending) => runtime.ended.push(outcome)
    runtime.follower.follow({ send: () => runtime.hook('onSend')([broken] as never), settled })
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['unsure'])
    runtime.hooks.size.should.equal(0)
    runtime.emitted.map(({ kind }) => kind).should.eql(['outcome.unavailable'])
  })

  it('watches, inside a subflow, the node of its own instance', async () => {
    const us = { id: 'inst1-us', type: 'circuit-breaker', _alias: 'us' }
    const runtime = new PlayedRuntime({ mode: 'watch', us }).started()
    const settled = ({ outcome }: Ending) => runtime.ended.push(outcome)
    const hand = (id: string) => {
      const [msg, destination] = [{ _msgid: id }, { id, node: { id, type: 'b' } }]
      const event = { msg, source: { id: us.id }, destination }
      runtime.hook('onSend')([event] as never)
      runtime.hook('preDeliver')(event as never)
      runtime.hook('onReceive')(event as never)
      runtime.hook('onComplete')({ msg, node: destination } as never)
    }
    runtime.follower.follow({ send: () => hand('inst2-b'), settled })
    await runtime.world.clock.settle()
    runtime.ended.should.eql([])
    runtime.follower.follow({ send: () => hand('inst1-b'), settled })
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['ok'])
  })

  it('goes on when one node throws on learning an end', async () => {
    const runtime = new PlayedRuntime().started()
    const settled = () => {
      throw new Error('in a room')
    }
    runtime.follower.follow({ send: () => {}, settled })
    runtime.follow()
    await runtime.world.clock.settle()
    runtime.ended.should.eql(['ok'])
  })
})

function codeOf(call: () => void): string {
  try {
    call()
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'))
  }
  return 'nothing was thrown'
}
