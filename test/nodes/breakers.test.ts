/**
 * The breakers of one node by themselves: orders that come before any message, and what still comes
 * in after they were closed, when those of the next deploy have taken over their state.
 */

import should from 'should'
import { Breakers } from '../../nodes/circuit-breaker/breakers.js'
import { parse } from '../../nodes/circuit-breaker/circuit-breaker.settings.js'
import { ms } from '../../src/base/units.js'
import { SteppedClock } from '../world/stepped-clock.js'
import { testWorld } from '../world/test-world.js'

describe('breakers that have seen no message', () => {
  for (const command of ['isolate', 'disable', 'shadow', 'open'] as const) {
    it(`tell that a person has ordered ${command}`, () => {
      const heard: string[] = []
      const breakers = new Breakers(testWorld(), parse({}).settings, {
        changed: () => heard.push('changed'),
        ticked: () => {},
      })
      breakers.order(command, 'admin')
      should(heard).eql(['changed'])
      const [first] = breakers.cells
      should(first?.state.is).equal(states[command])
    })
  }

  const states = { isolate: 'isolated', disable: 'disabled', shadow: 'shadow', open: 'open' }
})

describe('breakers that are closed', () => {
  it('learn nothing from a probe that comes back late, and wake nobody', () => {
    const clock = new SteppedClock()
    const heard: string[] = []
    const breakers = new Breakers({ ...testWorld(), clock }, parse({}).settings, {
      changed: ({ to }) => heard.push(to),
      ticked: () => heard.push('tick'),
    })
    breakers.order('open', '')
    clock.advance(ms(60_000))
    const { cell, verdict } = breakers.ask('')
    if (verdict.is !== 'permit') throw new Error(`expected a permit, got ${verdict.is}`)
    breakers.close()
    const [written, before] = [breakers.written(), heard.length]
    breakers.report(cell, verdict.permit, { is: 'timeout' })
    breakers.report(cell, verdict.permit, { is: 'ok' })
    should(breakers.written()).eql(written)
    clock.advance(ms(600_000))
    should(heard.slice(before)).eql([])
  })
})
