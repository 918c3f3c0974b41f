/**
 * The circuit breaker between people, a monitor and a gate: what they may order, what they may
 * know, and what comes of it.
 */

import should from 'should'
import { gateOf } from '../../src/policy/circuit-breaker-state.js'
import { failed, PlayedBreaker } from './played-breaker.js'

const ignored = { is: 'ignored' } as const

describe('a circuit breaker in the hands of a person', () => {
  it('refuses everything while isolated, until it is reset', () => {
    const breaker = new PlayedBreaker().order('isolate', 'ann').after(86_400_000)
    breaker
      .ask()
      .should.eql({ is: 'refuse', state: 'isolated', retryAt: undefined, cause: 'person' })
    should(breaker.state).containEql({ is: 'isolated', by: 'ann' })
    should(breaker.order('reset').is).equal('closed')
    breaker.permit()
  })

  it('lets everything pass while disabled, and learns nothing', () => {
    const breaker = new PlayedBreaker().order('disable')
    breaker.calls(times(100, failed))
    should(breaker.is).equal('disabled')
    should(breaker.order('reset').calls(times(4, failed)).is).equal('closed')
  })

  it('opens on demand and comes back by itself', () => {
    const breaker = new PlayedBreaker().order('open')
    breaker
      .ask()
      .should.containEql({ is: 'refuse', cause: 'person', retryAt: breaker.now + 30_000 })
    should(breaker.after(30_000).calls(['ok', 'ok']).is).equal('closed')
  })

  it('stays open for what is left when it is opened again', () => {
    const breaker = new PlayedBreaker().trip().after(10_000)
    const { state } = breaker
    breaker.order('open').state.should.equal(state)
  })

  it('does not take results of before a reset', () => {
    const breaker = new PlayedBreaker()
    const permits = times(5, 0).map(() => breaker.permit())
    breaker.order('reset')
    permits.map((permit) => breaker.report(permit, failed)).should.eql(times(5, 'late'))
    should(breaker.is).equal('closed')
  })

  it('begins with the shortest cool-down after a reset', () => {
    const breaker = new PlayedBreaker().trip().after(30_000).calls([failed, failed]).order('reset')
    should(breaker.trip().wakeAt).equal(breaker.now + 30_000)
  })

  const orders: readonly [
    order: 'open' | 'isolate' | 'disable' | 'shadow' | 'reset',
    to: string,
  ][] = [
    ['open', 'open'],
    ['isolate', 'isolated'],
    ['disable', 'disabled'],
    ['shadow', 'shadow'],
    ['reset', 'closed'],
  ]
  for (const [order, to] of orders) {
    it(`goes to ${to} when told to ${order}, from isolated and disabled alike`, () => {
      for (const from of ['isolate', 'disable'] as const) {
        should(new PlayedBreaker().order(from).order(order).is).equal(to)
      }
    })
  }
})

describe('a circuit breaker that only reports', () => {
  for (const how of ['order', 'settings']) {
    const shadow = () =>
      how === 'order'
        ? new PlayedBreaker().order('shadow')
        : new PlayedBreaker({ reportOnly: true })

    it(`never refuses, by ${how}`, () => {
      const breaker = shadow().trip().calls(times(100, failed))
      should(breaker.is).equal('shadow')
      should(breaker.state.is === 'shadow' && breaker.state.would.is).equal('open')
    })

    it(`tells what it would have done, by ${how}`, () => {
      const breaker = shadow().trip().after(30_000).calls(['ok', 'ok'])
      const told = breaker.changes.filter(({ isShadow }) => isShadow).map(({ to }) => to)
      told.should.eql(['open', 'half-open', 'closed'])
    })
  }

  it('learns only from the messages that would have passed', () => {
    const breaker = new PlayedBreaker({ reportOnly: true }).trip().after(30_000)
    const probe = breaker.permit()
    const other = breaker.permit()
    probe.isProbe.should.be.true()
    breaker.report(other, failed).should.equal('returned')
    breaker.report(probe, 'ok').should.equal('counted')
  })

  it('goes back to shadow by a reset when the settings say so', () => {
    const breaker = new PlayedBreaker({ reportOnly: true }).order('isolate').order('reset')
    should(breaker.is).equal('shadow')
  })
})

describe('a circuit breaker that follows a monitor', () => {
  it('opens when the monitor says unhealthy', () => {
    const breaker = new PlayedBreaker().health(false)
    breaker.ask().should.containEql({ is: 'refuse', cause: 'monitor' })
  })

  it('stays open while the monitor says so, and probes when it falls silent', () => {
    const breaker = new PlayedBreaker().health(false)
    for (let i = 0; i < 50; i++) should(breaker.after(20_000).health(false).is).equal('open')
    should(breaker.after(30_000).is).equal('half-open')
  })

  it('starts its probes when the monitor says healthy', () => {
    const breaker = new PlayedBreaker().trip().health(true)
    should(breaker.is).equal('half-open')
    should(breaker.calls(['ok', 'ok']).is).equal('closed')
  })

  it('waits for the cool-down when a person opened it', () => {
    should(new PlayedBreaker().order('open').health(true).is).equal('open')
  })

  it('closes by the checks of the monitor when there is no traffic', () => {
    const breaker = new PlayedBreaker().health(false).health(true)
    should(breaker.health(true).is).equal('half-open')
    should(breaker.health(true).is).equal('closed')
  })

  it('believes its probes more than the monitor while there is traffic', () => {
    const breaker = new PlayedBreaker().health(false).health(true)
    const probe = breaker.permit()
    for (let i = 0; i < 10; i++) should(breaker.health(true).is).equal('half-open')
    breaker.report(probe, 'ok')
    should(breaker.calls(['ok']).is).equal('closed')
  })

  it('closes by the checks again when the traffic has ceased', () => {
    const breaker = new PlayedBreaker().health(false).health(true).calls([ignored])
    for (let i = 0; i < 2; i++) should(breaker.health(true).is).equal('half-open')
    should(breaker.health(true).is).equal('closed')
  })

  it('opens again when the monitor says unhealthy during the probes', () => {
    should(halfOpen().health(false).is).equal('open')
  })

  it('does nothing while a person holds it', () => {
    for (const order of ['isolate', 'disable'] as const) {
      const breaker = new PlayedBreaker().order(order)
      const { state } = breaker
      breaker.health(false).health(true).state.should.equal(state)
    }
  })
})

describe('a gate in front of a circuit breaker', () => {
  const rows: readonly [
    title: string,
    breaker: PlayedBreaker,
    free: number,
    inMs: number | undefined,
  ][] = [
    ['a closed one', new PlayedBreaker(), Number.POSITIVE_INFINITY, undefined],
    ['an open one', new PlayedBreaker().trip(), 0, 30_000],
    ['a half-open one', halfOpen(), 1, undefined],
    ['an isolated one', new PlayedBreaker().order('isolate'), 0, undefined],
    ['a disabled one', new PlayedBreaker().order('disable'), Number.POSITIVE_INFINITY, undefined],
    [
      'one in shadow',
      new PlayedBreaker().order('shadow').trip(),
      Number.POSITIVE_INFINITY,
      undefined,
    ],
  ]
  for (const [title, breaker, free, inMs] of rows) {
    it(`lets ${free} through to ${title}, and takes no permit`, () => {
      const retryAt = inMs === undefined ? undefined : breaker.now + inMs
      should(gateOf(breaker.state, breaker.now)).eql({ free, retryAt })
      should(gateOf(breaker.state, breaker.now)).eql({ free, retryAt })
    })
  }

  it('waits while the probe is out', () => {
    const breaker = halfOpen()
    breaker.permit()
    gateOf(breaker.state, breaker.now).should.eql({ free: 0, retryAt: breaker.now + 1000 })
  })
})

function times<T>(count: number, value: T): T[] {
  return Array(count).fill(value)
}

function halfOpen(): PlayedBreaker {
  return new PlayedBreaker().trip().after(30_000)
}
