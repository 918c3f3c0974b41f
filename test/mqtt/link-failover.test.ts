/**
 * The road to the broker when it is long: attempts that run out, silence that grows, brokers that
 * send their clients elsewhere, and the way back to the first server. Pure.
 */

import should from 'should'
import { type RoadSettings, stateOf, wakeAt } from '../../src/mqtt/link-state.js'
import {
  ended,
  hangUp,
  kinds,
  letIn,
  oneServer,
  open,
  pass,
  travel,
  tried,
  twoServers,
  unreachable,
  wait,
} from './journey.js'

describe('long road to the broker', () => {
  describe('attempts', () => {
    it('after the last of which it is failed, and tries once a minute', () => {
      const road = travel({ ...oneServer, attempts: 3 })
      kinds(road.go(open, unreachable, wait, unreachable, wait, unreachable)).should.eql([
        'link.failed',
      ])
      stateOf(road.road).should.equal('failed')
      should(wakeAt(road.road)).equal(road.now + 60_000)
      kinds(road.go(wait, unreachable)).should.eql([])
      stateOf(road.go(wait, letIn).road).should.equal('connected')
    })

    it('are counted anew after every connection', () => {
      const road = travel({ ...oneServer, attempts: 2 })
      road.go(open, unreachable, wait, letIn, hangUp, wait, unreachable)
      stateOf(road.road).should.equal('reconnecting')
      stateOf(road.go(wait, unreachable).road).should.equal('failed')
    })

    it('are as many as there are servers, at least', () => {
      const road = travel({ ...twoServers, attempts: 1 })
      stateOf(road.go(open, unreachable).road).should.equal('connecting')
      stateOf(road.go(wait, unreachable).road).should.equal('failed')
    })
  })

  describe('silence', () => {
    it('grows while the same trouble goes on', () => {
      const road = travel(oneServer)
      road.go(open)
      const told = Array.from({ length: 16 }, () => {
        const { events } = road.go(unreachable)
        road.go(wait)
        return events.length > 0
      })
      const when = told.flatMap((each, index) => (each ? [index + 1] : []))
      when.should.eql([1, 2, 4, 8, 16])
    })

    it('is broken by another trouble', () => {
      const road = travel(oneServer)
      road.go(open, unreachable, wait, unreachable, wait)
      kinds(road.go(unreachable)).should.eql([])
      kinds(road.go(wait, ended('transient', 'BROKER_BUSY'))).should.eql(['link.reconnecting'])
    })
  })

  describe('reference to another server', () => {
    const other = { scheme: 'mqtt', host: 'c', port: 1884, path: '' } as const
    const referred = (kind: 'transient' | 'permanent') => {
      const { how, ...event } = ended(kind, 'BROKER_UNREACHABLE')
      return { ...event, how: { ...how, reference: other } }
    }

    it('in a refusal is followed at once', () => {
      const road = travel(oneServer)
      should(road.go(open, referred('permanent')).connect?.server).equal(other)
      const { events } = road.go(letIn)
      events.should.eql([{ kind: 'link.connected', server: 'c:1884', downMs: 0 }])
    })

    it('in a goodbye is followed at once', () => {
      const road = travel(oneServer)
      road.go(open, letIn, pass(60_000))
      const step = road.go(referred('transient'))
      kinds(step).should.eql(['link.lost'])
      should(step.connect?.server).equal(other)
      road.go(letIn).events.should.eql([
        { kind: 'link.connected', server: 'c:1884', downMs: 0 },
        { kind: 'link.switched', from: 'a:1883', to: 'c:1884' },
      ])
    })

    it('is followed once: two that name each other come to an end', () => {
      const road = travel(twoServers)
      tried(road, open, referred('transient'), referred('transient')).should.eql(['a', 'c', 'b'])
    })

    it('is forgotten when that server does not answer either', () => {
      const road = travel(oneServer)
      tried(road, open, referred('transient'), unreachable).should.eql(['a', 'c', 'a'])
    })
  })

  describe('first server', () => {
    const returning = { ...twoServers, returnToFirst: true }
    const onSecond = (settings: RoadSettings) => {
      const road = travel(settings)
      road.go(open, unreachable, wait, letIn, pass(30_000), { is: 'time' })
      return road
    }

    it('is looked for once a minute while another serves', () => {
      const road = onSecond(returning)
      const look = { server: twoServers.servers[0], version: 5 }
      for (let minutes = 0; minutes < 3; minutes++) should(road.go(wait).look).eql(look)
      stateOf(road.road).should.equal('connected')
    })

    it('is tried when it was found, and the change is told', () => {
      const road = onSecond(returning)
      should(road.go({ is: 'return' }).connect?.server.host).equal('a')
      kinds(road.go(letIn)).should.eql(['link.connected', 'link.switched'])
      should(wakeAt(road.road)).equal(undefined)
    })

    it('that fails after all makes way for the next', () => {
      const road = onSecond(returning)
      tried(road, { is: 'return' }, unreachable).should.eql(['a', 'b'])
    })

    it('is not looked for by those who stay where they are', () => {
      should(wakeAt(onSecond(twoServers).road)).equal(undefined)
    })
  })
})
