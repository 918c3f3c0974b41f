/**
 * What every clock keeps to, the real one and the one of the tests. No test waits longer than a few
 * milliseconds, and none says how soon something happens: only in which order, and not before when.
 */

import should from 'should'
import type { Clock } from '../../src/base/ports.js'
import { ms, since } from '../../src/base/units.js'
import { processBeganAt, realClock } from '../../src/host/clock.js'
import { ManualClock } from '../world/manual-clock.js'

/** A clock, and a way to let time pass until `until` resolves. */
interface Passing {
  readonly clock: Clock
  pass(until: Promise<unknown>): Promise<void>
}

function clockBehaves(name: string, make: () => Passing): void {
  describe(`clock (${name})`, () => {
    let clock: Clock
    let pass: Passing['pass']
    beforeEach(() => {
      ;({ clock, pass } = make())
    })

    it('never goes back', async () => {
      const [monotonic, wall] = [clock.monotonic(), clock.wall()]
      await pass(woken(clock, 2))
      since(monotonic, clock.monotonic()).should.be.aboveOrEqual(2)
      clock.wall().should.be.aboveOrEqual(wall)
    })

    it('tells a wall time of this century', () => {
      clock.wall().should.be.above(Date.UTC(2000, 0, 1))
    })

    it('never wakes before the span has passed', async () => {
      for (const span of [0, 0.3, 1, 1.9, 3]) {
        const from = clock.monotonic()
        await pass(woken(clock, span))
        since(from, clock.monotonic()).should.be.aboveOrEqual(span)
      }
    })

    it('wakes in the order of time, not of asking', async () => {
      const order: string[] = []
      const last = new Promise<void>((resolve) => {
        clock.wake(ms(6), () => {
          order.push('later')
          resolve()
        })
      })
      clock.wake(ms(1), () => order.push('sooner'))
      await pass(last)
      order.should.eql(['sooner', 'later'])
    })

    it('does not wake from within the call that asks', async () => {
      let isAsked = false
      const called = new Promise<void>((resolve, reject) => {
        clock.wake(ms(0), () => (isAsked ? resolve() : reject(new Error('woken too soon'))))
      })
      isAsked = true
      await pass(called)
    })

    it('does not wake when cancelled, and takes a late or second cancel calmly', async () => {
      let count = 0
      const cancel = clock.wake(ms(1), () => count++)
      const late = clock.wake(ms(2), () => {})
      cancel()
      cancel()
      await pass(woken(clock, 3))
      late()
      count.should.equal(0)
    })

    it('does not wake at once when the span is longer than a timer holds', async () => {
      let isWoken = false
      const cancels = [2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY].map((span) =>
        clock.wake(ms(span), () => {
          isWoken = true
        }),
      )
      await pass(woken(clock, 3))
      for (const cancel of cancels) cancel()
      isWoken.should.be.false()
    })

    it('calls soon in order, after promises and not from within', async () => {
      const order: string[] = []
      const called = new Promise<void>((resolve) => {
        clock.soon(() => order.push('first'))
        clock.soon(() => {
          order.push('second')
          resolve()
        })
      })
      void Promise.resolve().then(() => order.push('promise'))
      order.push('asked')
      await pass(called)
      order.should.eql(['asked', 'promise', 'first', 'second'])
    })
  })
}

clockBehaves('real', () => ({
  clock: realClock,
  async pass(until) {
    // A wake alone does not keep the process running.
    const alive = setInterval(() => {}, 1000)
    await until.finally(() => clearInterval(alive))
  },
}))

clockBehaves('manual', () => {
  const clock = new ManualClock()
  return {
    clock,
    async pass(until) {
      await clock.advance(10)
      await until
    },
  }
})

describe('real clock', () => {
  it('knows when the process began', () => {
    processBeganAt().should.be.above(Date.UTC(2000, 0, 1))
    processBeganAt().should.be.belowOrEqual(realClock.wall() + 1)
  })
})

describe('manual clock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock()
    const [monotonic, wall] = [clock.monotonic(), clock.wall()]
    await clock.settle()
    clock.monotonic().should.equal(monotonic)
    clock.wall().should.equal(wall)
  })

  it('runs each wake at its own moment', async () => {
    const clock = new ManualClock()
    const start = clock.monotonic()
    const moments: number[] = []
    for (const span of [30, 10, 20, 10]) {
      clock.wake(ms(span), () => moments.push(since(start, clock.monotonic())))
    }
    await clock.advance(25)
    moments.should.eql([10, 10, 20])
    clock.pending.should.equal(1)
    since(start, clock.monotonic()).should.equal(25)
  })

  it('runs wakes that are asked for on the way', async () => {
    const clock = new ManualClock()
    let count = 0
    const again = () => {
      count++
      clock.wake(ms(10), again)
    }
    clock.wake(ms(10), again)
    await clock.advance(100)
    count.should.equal(10)
  })

  it('lets promises of any depth finish between two wakes', async () => {
    const clock = new ManualClock()
    const order: string[] = []
    const slowly = async (name: string) => {
      for (let depth = 0; depth < 1000; depth++) await Promise.resolve()
      await new Promise<void>((resolve) => clock.soon(resolve))
      for (let depth = 0; depth < 1000; depth++) await Promise.resolve()
      order.push(name)
    }
    clock.wake(ms(1), () => void slowly('first'))
    clock.wake(ms(1), () => order.push('second'))
    await clock.advance(1)
    order.should.eql(['first', 'second'])
  })

  it('moves the wall clock apart from monotonic time', async () => {
    const clock = new ManualClock(5_000)
    const monotonic = clock.monotonic()
    clock.setWall(1_000)
    await clock.advance(10)
    clock.wall().should.equal(1_010)
    since(monotonic, clock.monotonic()).should.equal(10)
  })

  it('gives up on what never comes to rest', async () => {
    const clock = new ManualClock()
    let turns = 0
    const forEver = () => {
      turns++
      clock.soon(forEver)
    }
    clock.soon(forEver)
    await clock.settle(100).should.be.rejectedWith(/not settled/)
    should(turns).be.aboveOrEqual(100)
  })
})

const woken = (clock: Clock, span: number) =>
  new Promise<void>((resolve) => {
    clock.wake(ms(span), resolve)
  })
