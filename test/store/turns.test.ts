/**
 * Turns of the classes of priority: 16:4:1 as long as all have messages, nobody is starved, and an
 * empty class gives its turn away.
 */

import fc from 'fast-check'
import 'should'
import { type Priority, priorities, Turns } from '../../src/store/turns.js'
import { testSeed } from '../world/seeded-random.js'

describe('turns', () => {
  it('are 16 high, 4 normal and 1 low of 21, over and over', () => {
    const turns = new Turns()
    for (let round = 0; round < 5; round++) {
      counts(taken(turns, 21, priorities)).should.eql({ high: 16, normal: 4, low: 1 })
    }
  })

  it('go to others at once when a class has nothing', () => {
    const turns = new Turns()
    counts(taken(turns, 50, ['normal', 'low'])).should.eql({ high: 0, normal: 40, low: 10 })
    counts(taken(turns, 30, ['low'])).should.eql({ high: 0, normal: 0, low: 30 })
  })

  it('are nobody’s when none has a message', () => {
    const turns = new Turns()
    ;(turns.next([]) === undefined).should.be.true()
    taken(turns, 1, priorities).should.eql(['high'])
  })

  it('follow other shares, and a class without any goes when no other can', () => {
    const turns = new Turns({ high: 2, normal: 1, low: 0 })
    counts(taken(turns, 30, priorities)).should.eql({ high: 20, normal: 10, low: 0 })
    taken(turns, 2, ['low']).should.eql(['low', 'low'])
    taken(turns, 3, priorities).should.eql(['high', 'high', 'normal'])
  })

  it('are led by one class for as many as it was asked for', () => {
    const turns = new Turns()
    turns.lead('low', 3)
    taken(turns, 4, priorities).should.eql(['low', 'low', 'low', 'high'])
    turns.lead('low', 2)
    taken(turns, 1, ['high']).should.eql(['high'])
    turns.lead('low', 0)
    taken(turns, 1, priorities).should.eql(['high'])
  })

  it('starve nobody, whatever comes and goes', () => {
    const someReady = fc.subarray([...priorities], { minLength: 1 })
    fc.assert(
      fc.property(fc.array(someReady, { size: 'large' }), (readies) => {
        const turns = new Turns()
        const waited = { high: 0, normal: 0, low: 0 }
        for (const ready of readies) {
          const next = turns.next(ready)
          if (next === undefined || !ready.includes(next)) return false
          turns.took(next)
          for (const priority of ready) waited[priority]++
          waited[next] = 0
          // Two rounds: one may have given its turn away just before it had messages.
          if (Math.max(...Object.values(waited)) > 42) return false
        }
        return true
      }),
      { seed: testSeed, numRuns: 300 },
    )
  })
})

function taken(turns: Turns, count: number, ready: readonly Priority[]): (Priority | undefined)[] {
  return Array.from({ length: count }, () => {
    const next = turns.next(ready)
    if (next !== undefined) turns.took(next)
    return next
  })
}

function counts(taken: readonly (Priority | undefined)[]) {
  const of = (priority: Priority) => taken.filter((one) => one === priority).length
  return { high: of('high'), normal: of('normal'), low: of('low') }
}
