/**
 * What the journal is told before messages go out: blocks of 256 on an ordinary day, each suspect
 * by itself after a crash, and who is taken for poison.
 */

import should from 'should'
import { Releases, takenOver } from '../../src/store/releases.js'

describe('releases', () => {
  describe('after a clean start', () => {
    it('permit nothing before the journal was told, then a block of 256', () => {
      const releases = new Releases(20, undefined)
      releases.permits(1000, 0).should.be.false()
      releases.next(1000).should.eql({ upTo: 1255, atMost: 20 })
      releases.told(releases.next(1000))
      releases.permits(1000, 0).should.be.true()
      releases.permits(1255, 19).should.be.true()
      releases.permits(1256, 0).should.be.false()
    })

    it('name the next block once a message of the last one is out, each block once', () => {
      const releases = new Releases(20, undefined)
      should(releases.ahead(0)).equal(undefined) // the journal knows of no block yet
      releases.told(releases.next(0))
      should(releases.ahead(0)).eql({ upTo: 511, atMost: 20 })
      should(releases.ahead(1)).equal(undefined)
      should(releases.ahead(255)).equal(undefined)
      should(releases.ahead(256)).eql({ upTo: 767, atMost: 20 })
    })

    it('never take back what the journal is being told', () => {
      const releases = new Releases(20, undefined)
      releases.told(releases.next(0))
      releases.ahead(10)
      releases.next(200).should.eql({ upTo: 511, atMost: 20 })
    })

    it('permit so many at once and no more', () => {
      const releases = new Releases(20, undefined)
      releases.told(releases.next(0))
      releases.permits(19, 19).should.be.true()
      releases.permits(20, 20).should.be.false()
    })
  })

  describe('after a crash', () => {
    it('permit one at a time, each after it was announced by itself', () => {
      const releases = new Releases(20, { upTo: 255, atMost: 2, isSameBoot: true })
      releases.isSingly.should.be.true()
      releases.told(releases.next(4))
      releases.next(4).should.eql({ upTo: 255, atMost: 2, alone: 4 })
      releases.permits(4, 0).should.be.true()
      releases.permits(5, 0).should.be.false()
      releases.permits(4, 1).should.be.false()
      releases.ended()
      releases.next(7).should.eql({ upTo: 255, atMost: 1, alone: 7 })
      releases.told(releases.next(7))
      releases.ended()
      releases.isSingly.should.be.false()
      releases.permits(8, 0).should.be.false() // the journal still says that 7 is out alone
      releases.next(8).should.eql({ upTo: 263, atMost: 20 })
    })

    it('name no block ahead while one goes out at a time', () => {
      const releases = new Releases(20, { upTo: 255, atMost: 2, isSameBoot: true })
      releases.told(releases.next(4))
      should(releases.ahead(4)).equal(undefined)
    })

    it('suspect nothing beyond what was released', () => {
      const releases = new Releases(20, { upTo: 255, atMost: 20, isSameBoot: true })
      releases.next(256).should.eql({ upTo: 511, atMost: 20 })
      releases.isSingly.should.be.false()
    })

    it('suspect nothing when nothing was ever released', () => {
      new Releases(20, { upTo: 0, atMost: 0, isSameBoot: true }).isSingly.should.be.false()
    })

    it('suspect nothing when told that none is left', () => {
      const releases = new Releases(20, { upTo: 255, atMost: 20, isSameBoot: true })
      releases.endSuspicion()
      releases.isSingly.should.be.false()
    })
  })

  for (const [story, suspects, poison] of [
    ['a second crash of one boot with it out alone', { alone: 9, isSameBoot: true }, 9],
    ['a power cut with it out alone', { alone: 9, isSameBoot: false }, undefined],
    ['a crash with several out', { isSameBoot: true }, undefined],
  ] as const) {
    it(`${poison === undefined ? 'hold no message' : 'hold a message'} for poison: ${story}`, () => {
      const releases = new Releases(20, { upTo: 255, atMost: 5, ...suspects })
      should(releases.poison).equal(poison)
      releases.isSingly.should.be.true()
    })
  }

  for (const [story, wasClean, boot, expected] of [
    ['nothing after a clean close', true, 'b1', { upTo: 0, atMost: 0 }],
    ['all after a kill', false, 'b1', { upTo: 255, atMost: 5, alone: 9 }],
    ['nobody who was alone after a power cut', false, 'b0', { upTo: 255, atMost: 5 }],
  ] as const) {
    it(`are taken over by the next opening: ${story}`, () => {
      const released = { upTo: 255, atMost: 5, alone: 9 }
      takenOver({ released, wasClean, boot }, 'b1').should.eql(expected)
    })
  }
})
