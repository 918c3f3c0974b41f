/**
 * The road to the broker as a table: what the link is called, whom it tries and when, whatever ends
 * its attempts. Pure: time is a number here.
 */

import should from 'should'
import { instant } from '../../src/base/units.js'
import { atRest, decide, type RoadEvent, stateOf, wakeAt } from '../../src/mqtt/link-state.js'
import {
  backOff,
  badCertificate,
  badLogin,
  close,
  connectedAfter,
  hangUp,
  having,
  kicked,
  kinds,
  letIn,
  type Move,
  older,
  oneServer,
  open,
  pass,
  takenOver,
  travel,
  tried,
  twoServers,
  unreachable,
  versions,
  wait,
  waits,
} from './journey.js'

describe('road to the broker', () => {
  describe('state', () => {
    const rows: Array<[given: string, steps: Move[], then: string]> = [
      ['a link that was never opened', [], 'disconnected'],
      ['opened', [open], 'connecting'],
      ['let in', [open, letIn], 'connected'],
      ['not reached at first', [open, unreachable], 'reconnecting'],
      ['not reached, then let in', [open, unreachable, wait, letIn], 'connected'],
      ['lost', [open, letIn, hangUp], 'reconnecting'],
      ['trying again after a loss', [open, letIn, hangUp, wait], 'reconnecting'],
      ['turned away', [open, badLogin], 'failed'],
      ['trying again after it was turned away', [open, badLogin, wait], 'failed'],
      ['let in after all', [open, badLogin, wait, letIn], 'connected'],
      ['turned away, then not reached', [open, badLogin, wait, unreachable], 'reconnecting'],
      ['closed', [open, letIn, close], 'disconnected'],
      ['closed while waiting', [open, badLogin, close], 'disconnected'],
      ['opened again', [open, badLogin, close, open], 'connecting'],
    ]
    for (const [given, steps, then] of rows) {
      it(`is ${then} when ${given}`, () => {
        stateOf(having(...steps).road).should.equal(then)
      })
    }

    it('is connecting until every server has been tried', () => {
      const road = travel(twoServers)
      stateOf(road.go(open, unreachable).road).should.equal('connecting')
      stateOf(road.go(wait, unreachable).road).should.equal('reconnecting')
    })

    it('is failed only when every server turns it away', () => {
      const road = travel(twoServers)
      stateOf(road.go(open, unreachable, wait, badLogin).road).should.equal('reconnecting')
      stateOf(road.go(wait, badLogin).road).should.equal('failed')
    })
  })

  describe('wait', () => {
    it('doubles with every failure up to its maximum', () => {
      const road = travel(oneServer)
      road.go(open)
      waits(road, unreachable, 8).should.eql([1, 2, 4, 8, 16, 32, 60, 60])
    })

    it('grows only when all servers have been tried', () => {
      const road = travel(twoServers)
      road.go(open)
      waits(road, unreachable, 6).should.eql([1, 1, 2, 2, 4, 4])
    })

    it('is a minute, spread by the jitter, when it was turned away', () => {
      const road = travel({ ...oneServer, backOff: { ...backOff, jitter: 0.5 } })
      road.go(open)
      waits(road, badLogin, 2).should.eql([45, 45])
    })

    it('does not begin anew with a connection that does not hold', () => {
      const road = travel(oneServer)
      road.go(open, unreachable, wait, unreachable, wait, letIn, pass(29_000))
      waits(road, kicked, 1).should.eql([4])
    })

    it('begins anew after a connection that held for 30 s', () => {
      const road = travel(oneServer)
      road.go(open, unreachable, wait, unreachable, wait, letIn)
      should(wakeAt(road.road)).equal(road.now + 30_000)
      road.go(wait)
      road.road.memory.failures.should.equal(0)
      waits(road, kicked, 1).should.eql([1])
    })

    it('begins anew for a message that the broker hangs up on while it takes others', () => {
      const road = travel(oneServer)
      road.go(open)
      const struck = { ...hangUp, suspected: 'record among others' } as const
      const seconds = [hangUp, hangUp, struck, struck, hangUp].map((end) => {
        road.go(letIn)
        return waits(road, end, 1)[0]
      })
      seconds.should.eql([1, 2, 1, 1, 2])
    })

    it('is skipped when somebody asks for it', () => {
      const road = travel(oneServer)
      should(road.go(open, unreachable).connect).equal(undefined)
      should(road.go({ is: 'retry' }).connect).not.equal(undefined)
    })

    it('is not shortened by a wake that comes early', () => {
      const road = travel(oneServer)
      road.go(open, unreachable, pass(999))
      should(road.go({ is: 'time' }).connect).equal(undefined)
    })
  })

  describe('server', () => {
    it('changes with every failed attempt, and comes round', () => {
      const road = travel(twoServers)
      tried(road, open, unreachable, unreachable, unreachable).should.eql(['a', 'b', 'a', 'b'])
    })

    it('stays after a connection was lost', () => {
      const road = travel(twoServers)
      tried(road, open, unreachable, letIn, hangUp, unreachable, letIn).should.eql([
        'a',
        'b',
        'b',
        'a',
      ])
    })
  })

  describe('protocol version', () => {
    it('is 5, then at once 3.1.1 where 5 is refused, and stays so', () => {
      const road = travel(oneServer)
      should(road.go(open).connect?.version).equal(5)
      should(road.go(older).connect?.version).equal(4)
      road.go(letIn, hangUp)
      should(road.go(wait).connect?.version).equal(4)
    })

    it('is remembered for each server', () => {
      const road = travel(twoServers)
      should(road.go(open, older).connect?.version).equal(4)
      should(road.go(unreachable, wait).connect?.version).equal(5)
      should(road.go(unreachable, wait).connect?.version).equal(4)
    })

    it('changes after two attempts that the broker closed without a word, and back', () => {
      const road = travel(oneServer)
      versions(road, open, hangUp, hangUp, hangUp, hangUp).should.eql([5, 5, 4, 4, 5])
    })

    it('does not change when the silence was not twice in a row', () => {
      const road = travel(oneServer)
      versions(road, open, hangUp, unreachable, hangUp).should.eql([5, 5, 5, 5])
    })

    it('found by silence is doubted after the connection, and found again sooner', () => {
      const road = travel(oneServer)
      versions(road, open, hangUp, hangUp).should.eql([5, 5, 4])
      road.go(letIn, pass(6_000), hangUp)
      should(road.go(wait).connect?.version).equal(5)
      road.go(hangUp)
      should(road.go(wait).connect?.version).equal(4)
    })

    it('that was chosen by a person is never changed', () => {
      const road = travel({ ...oneServer, protocolVersion: 5 })
      versions(road, open, hangUp, hangUp, hangUp).should.eql([5, 5, 5, 5])
      stateOf(road.go(older).road).should.equal('failed')
    })

    it('refused in both forms needs a person', () => {
      stateOf(having(open, older, older).road).should.equal('failed')
    })
  })

  describe('client id', () => {
    const lives = (...ages: number[]): Move[] =>
      ages.flatMap((age) => [letIn, pass(age), hangUp, wait])
    const guess = { code: 'CLIENT_ID_IN_USE', values: { id: 'gw1', server: 'a:1883', closes: 5 } }

    for (const age of [0, 1_000, 15_000]) {
      it(`is perhaps taken by another when five connections in a row ended after ${age} ms`, () => {
        const road = travel(oneServer)
        road.go(open, ...lives(age, age, age, age + 100))
        stateOf(road.road).should.equal('reconnecting')
        road.go(letIn, pass(age + 200), hangUp)
        stateOf(road.road).should.equal('failed')
        should(road.road.memory.failure).eql(guess)
      })
    }

    it('is perhaps taken by another that waits as long as we do each time', () => {
      const road = travel(oneServer)
      road.go(open, ...lives(60_000, 700, 2_200, 2_900, 9_000))
      stateOf(road.road).should.equal('reconnecting')
      road.go(letIn, pass(14_000), hangUp)
      should(road.road.memory.failure).eql(guess)
    })

    it('that is perhaps taken is tried again after the usual waits', () => {
      const road = travel(oneServer)
      road.go(open, ...lives(10, 10, 10, 10), letIn, hangUp)
      should(wakeAt(road.road)).equal(road.now + 16_000)
    })

    const notTaken: Array<[given: string, moves: Move[]]> = [
      ['they ended at different ages', lives(2_000, 9_000, 4_000, 7_000, 1_000, 12_000, 3_000)],
      ['each lived longer than the one before', lives(100, 1_000, 5_000, 12_000, 25_000, 58_000)],
      ['one of them lived for long', [...lives(10, 10, 10), ...lives(20_000), ...lives(10, 10)]],
      ['the broker was away', [...lives(10, 10, 10, 10), unreachable, wait, ...lives(10)]],
      ['the broker gave a reason', [...lives(10, 10, 10, 10), letIn, kicked, wait, ...lives(10)]],
    ]
    for (const [given, moves] of notTaken) {
      it(`is not, when ${given}`, () => {
        stateOf(having(open, ...moves).road).should.equal('reconnecting')
      })
    }

    it('is not, when a message of ours may be why', () => {
      const road = travel(oneServer)
      road.go(open)
      for (let times = 0; times < 8; times++) {
        road.go(letIn, { ...hangUp, suspected: 'record' }, wait)
      }
      stateOf(road.road).should.equal('reconnecting')
    })

    it('is taken by another when the broker says so', () => {
      stateOf(having(open, letIn, pass(60_000), takenOver).road).should.equal('failed')
    })
  })

  describe('events', () => {
    it('tell how long there was no connection', () => {
      const road = travel(oneServer)
      road.go(open, pass(500))
      road.go(letIn).events.should.eql([connectedAfter(500)])
      road.go(pass(60_000), kicked, wait)
      road.go(letIn).events.should.eql([connectedAfter(1_000)])
    })

    it('tell a loss and the next attempt', () => {
      const road = travel(oneServer)
      road.go(open, letIn)
      const failure = kicked.how.failure
      road.go(kicked).events.should.eql([
        { kind: 'link.lost', server: 'a:1883', failure },
        { kind: 'link.reconnecting', server: 'a:1883', attempt: 1, waitMs: 1_000, failure },
      ])
    })

    it('tell a failure that needs a person once, until it changes', () => {
      const road = travel(oneServer)
      kinds(road.go(open, badLogin)).should.eql(['link.failed'])
      kinds(road.go(wait, badLogin)).should.eql([])
      kinds(road.go(wait, badCertificate)).should.eql(['link.failed'])
      kinds(road.go(wait, unreachable)).should.eql(['link.reconnecting'])
      kinds(road.go(wait, badLogin)).should.eql(['link.failed'])
    })
  })

  it('ignores what makes no sense where it stands', () => {
    const rest = atRest(oneServer, instant(0))
    const moves = ['retry', 'time', 'return'] as const
    for (const event of [letIn, hangUp, ...moves.map((is) => ({ is }))]) {
      decide(rest, event, instant(5), oneServer).road.should.equal(rest)
    }
    const { road } = having(open, letIn)
    for (const event of [open, letIn, { is: 'retry' }] as RoadEvent[]) {
      decide(road, event, instant(5), oneServer).road.should.equal(road)
    }
  })
})
