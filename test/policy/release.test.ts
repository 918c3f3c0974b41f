/**
 * What a queue does after each outcome, row by row (dialogs.md 3.1, design.md 9.13 and 9.14).
 */

import should from 'should'
import { type End, PlayedRelease } from './played-release.js'

describe('the release of a queue, after an outcome', () => {
  const rows: readonly [End, then: string][] = [
    ['ok', 'removed'],
    ['ignored', 'removed'],
    ['handedOver', 'removed'],
    ['permanent', 'given up'],
    ['interrupted', 'again at once'],
    ['failed', 'again after 1000 ms for back-off'],
    ['timeout', 'again after 1000 ms for back-off'],
    ['silent', 'again after 1000 ms for back-off'],
    ['unsure', 'again after 1000 ms for back-off'],
    ['nobody', 'again after 1000 ms for no-receiver'],
    ['refused', 'again after 1000 ms for refusal'],
    ['login', 'again after 1000 ms for login'],
    ['certificate', 'again after 1000 ms for login'],
  ]
  for (const [end, then] of rows) {
    it(`"${end}" is ${then}`, () => {
      const played = new PlayedRelease(1)
      played.ends(end)
      const wait = played.waitOf(1)
      const waits =
        wait === undefined ? 'again at once' : `again after ${wait.ms} ms for ${wait.for}`
      const [removed, gone] = [played.settled.includes(1), played.givenUp.includes(1)]
      should(removed ? 'removed' : gone ? 'given up' : waits).equal(then)
    })
  }

  it('waits longer each time', () => {
    const played = new PlayedRelease(1, { attempts: 'unlimited' })
    const waits = Array.from({ length: 11 }, () => {
      played.ends('failed')
      const wait = played.waitOf(1)?.ms ?? -1
      played.passes(wait)
      return wait / 1000
    })
    waits.should.eql([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  })

  it('leaves the other side alone for as long as it asks', () => {
    const played = new PlayedRelease(1)
    played.ends('refused', 1, { retryAfter: 30_000 as never })
    should(played.waitOf(1)?.ms).equal(30_000)
    played.passes(30_000)
    played.ends('failed', 1, { retryAfter: 10 as never })
    should(played.waitOf(1)?.ms).equal(1000)
  })

  it('uses no attempt for what is refused, interrupted, unsure or received by nobody', () => {
    const played = new PlayedRelease(2)
    for (const end of ['refused', 'interrupted', 'unsure', 'nobody', 'login'] as const) {
      for (let i = 0; i < 6; i++) {
        played.ends(end)
        played.passes(300_000)
      }
    }
    should(played.state.held.get(1)).containEql({ failures: 0 })
    played.givenUp.should.eql([])
  })

  it('tells a second end of one attempt to be late', () => {
    const played = new PlayedRelease(1)
    played.ends('failed')
    should(played.ends('ok', 1)).eql([{ is: 'late' }])
  })

  it('removes a message whose ok comes after its time-out, before it goes again', () => {
    const played = new PlayedRelease(2)
    played.ends('timeout')
    should(played.ends('failed', 1)).eql([{ is: 'late' }])
    should(played.ends('ok', 1)).eql([{ is: 'settle', message: 1, as: 'delivered' }])
    should(played.ends('ok', 1)).eql([{ is: 'late' }])
    played.out.should.eql([2])
  })

  it('learns from a late ok that a silent node does finish, and that the road is up', () => {
    const played = new PlayedRelease(4, { maxInFlight: 3 })
    for (const message of [1, 2, 3]) played.ends('silent', message)
    should(played.waitOf(3)?.for).equal('silence')
    played.ends('ok', 3)
    should(played.state).containEql({ hold: undefined, silent: undefined })
    played.settled.should.eql([3])
    played.out.should.eql([4])
  })
})

describe('the release of a queue, when attempts are used up', () => {
  let played: PlayedRelease

  beforeEach(() => {
    played = new PlayedRelease(3)
  })

  it('tries the next one as a control, and gives the first up when that ends well', () => {
    exhaust()
    played.released.should.eql([1, 1, 1, 1, 1, 2])
    played.ends('ok', 2)
    played.givenUp.should.eql([1])
    played.settled.should.eql([2])
    played.released.at(-1)?.should.equal(3)
  })

  it('gives nothing up when the control fails as well: the road is down', () => {
    exhaust()
    played.ends('failed', 2)
    played.out.should.eql([])
    should(played.waitOf(1)).eql({ ms: 300_000, for: 'road' })
    for (let i = 0; i < 50; i++) {
      played.passes(300_000)
      should(played.out).eql([1], 'the head is tried first')
      played.ends('failed', 1)
      should(played.out).eql([2], 'then the control, again')
      played.ends('timeout', 2)
    }
    played.givenUp.should.eql([])
    played.passes(300_000)
    played.ends('ok', 1)
    played.ends('ok', 2)
    played.ends('ok', 3)
    played.settled.should.eql([1, 2, 3])
  })

  it('waits for a control when there is no other message', () => {
    played = new PlayedRelease(1)
    exhaust()
    played.out.should.eql([])
    played.passes(299_999)
    played.out.should.eql([])
    played.add(1)
    played.out.should.eql([2])
    played.ends('ok', 2)
    played.givenUp.should.eql([1])
  })

  it('tries the first at the longest wait while there is no control', () => {
    played = new PlayedRelease(1)
    exhaust()
    played.passes(300_000)
    played.out.should.eql([1])
    played.ends('ok', 1)
    played.settled.should.eql([1])
  })

  it('takes another control when one is given up for good or ignored', () => {
    exhaust()
    played.ends('permanent', 2)
    played.givenUp.should.eql([2])
    played.out.should.eql([3])
    played.ends('ok', 3)
    played.givenUp.should.eql([2, 1])
  })

  it('never gives up where nobody takes what is given up', () => {
    played.canGiveUp = false
    for (let i = 0; i < 20; i++) {
      played.ends(i % 2 === 0 ? 'failed' : 'permanent', 1)
      played.out.should.eql([])
      played.passes(300_000)
    }
    played.givenUp.should.eql([])
    should(new Set(played.released)).eql(new Set([1]))
  })

  it('gives up one for each control, and tries the others once more', () => {
    played = new PlayedRelease(10, { maxInFlight: 3 })
    for (let i = 0; i < 5; i++) {
      for (const message of [1, 2, 3]) played.ends('failed', message)
      if (i < 4) played.passes(20_000)
    }
    played.out.should.eql([4])
    played.ends('ok', 4)
    played.givenUp.should.eql([1])
    played.out.should.eql([2, 3, 5])
  })

  it('takes a message of another lane, and lanes that work go on', () => {
    played = new PlayedRelease(4, { hasLanes: true, maxInFlight: 2 })
    for (let i = 0; i < 4; i++) {
      played.ends('failed', 1)
      played.passes(played.waitOf(1)?.ms ?? 0)
      for (const other of played.out.filter((each) => each !== 1).slice(1)) played.ends('ok', other)
    }
    played.ends('failed', 1)
    const [other = -1] = played.out
    played.ends('ok', other)
    played.add(1)
    played.ends('ok', 5)
    played.givenUp.should.eql([1])
  })

  function exhaust(): void {
    for (const wait of [1000, 2000, 4000, 8000]) {
      played.ends('failed', 1)
      played.passes(wait)
    }
    played.ends('failed', 1)
  }
})

describe('the release of a queue, on hold', () => {
  it('tries only the one whose login was refused, and goes on when that ends', () => {
    const played = new PlayedRelease(9, { maxInFlight: 3 })
    played.ends('login', 2)
    played.ends('ok', 1)
    played.ends('ok', 3)
    played.out.should.eql([])
    played.passes(1000)
    played.out.should.eql([2])
    played.ends('login', 2)
    played.passes(1000)
    played.out.should.eql([])
    played.passes(1000)
    played.ends('ok', 2)
    played.out.should.eql([4, 5, 6])
  })

  it('holds the head where nothing overtakes, even if its control was turned away', () => {
    const played = new PlayedRelease(2, { attempts: 1 })
    played.ends('failed', 1)
    played.ends('login', 2)
    played.passes(299_999)
    played.out.should.eql([])
    played.passes(1)
    played.out.should.eql([1])
    played.ends('ok', 1)
    played.ends('ok', 2)
    played.settled.should.eql([1, 2])
  })

  it('stops at the third time-out in a row with the same node at work, and uses no attempt', () => {
    const played = new PlayedRelease(2)
    played.ends('silent')
    played.passes(1000)
    played.ends('silent')
    played.passes(2000)
    played.ends('silent')
    should(played.state.hold).containEql({ for: 'silence', node: 'n1' })
    should(played.waitOf(1)).eql({ ms: 300_000, for: 'silence' })
    should(played.state.held.get(1)).containEql({ failures: 0 })
    for (let i = 0; i < 20; i++) {
      played.passes(300_000)
      played.ends('silent')
    }
    played.givenUp.should.eql([])
    played.passes(300_000)
    played.ends('ok')
    should(played.state.hold).equal(undefined)
    played.out.should.eql([2])
  })

  it('does not stop where the nodes at work differ', () => {
    const played = new PlayedRelease(2)
    for (const node of ['a', 'b', 'a', 'b']) {
      played.ends('silent', 1, { onlyOpen: node })
      played.passes(300_000)
    }
    should(played.state.hold).equal(undefined)
    should(played.state.held.get(1)).containEql({ failures: 4 })
  })

  it('releases singly after one that is unsure, until 20 have ended clean', () => {
    const played = new PlayedRelease(40, { maxInFlight: 4 })
    played.ends('unsure', 1)
    for (const message of [2, 3, 4]) played.ends('ok', message)
    played.passes(1000)
    for (let clean = 4; clean <= 20; clean++) {
      should(played.out.length).equal(1, `after ${clean - 1}`)
      played.ends('ok')
    }
    played.out.length.should.equal(4)
  })

  it('keeps to what the gate lets through', () => {
    const played = new PlayedRelease(9, { maxInFlight: 4 })
    for (const message of [1, 2, 3]) played.ends('ok', message)
    played.free = 0
    for (const message of played.out) played.ends('ok', message)
    played.out.should.eql([])
    played.free = 1
    played.pump()
    played.out.length.should.equal(1)
  })
})
