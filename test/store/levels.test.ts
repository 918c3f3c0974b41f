/** What is told of a queue that fills, and how often. */

import 'should'
import type { Event } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import { Levels } from '../../src/store/levels.js'
import type { Limits } from '../../src/store/limits.js'

describe('levels', () => {
  const rows = [
    ['count', { warnMessages: 10 }, 10],
    ['messages', { maxMessages: 100 }, 80],
    ['bytes', { maxBytes: 1000 }, 800],
    ['age', { maxAge: ms(1000) }, 800],
  ] as const
  for (const [limit, set, at] of rows) {
    it(`tells once that ${limit} comes to its level, and again when most of it has gone`, () => {
      const { told, stands } = levels(set)
      const go = (...values: number[]) => {
        for (const value of values) stands(limit, value)
        return told.splice(0).map((event) => 'limit' in event && event.limit)
      }
      go(0, at - 1).should.eql([])
      go(at).should.eql([limit])
      go(at + 1, at - 1, at, at * 0.8, at).should.eql([])
      go(at * 0.8 - 1, at).should.eql([limit])
    })
  }

  it('tells each limit by itself, with all figures that are known', () => {
    const { told, subject } = levels({ warnMessages: 10, maxMessages: 20, maxBytes: 1000 })
    subject.note({ messages: 16, bytes: 640, ceiling: Infinity })
    subject.aged(ms(70))
    subject.note({ messages: 17, bytes: 800, ceiling: Infinity })
    subject.full('messages', { messages: 20, bytes: 810 })
    told.should.eql([
      { kind: 'queue.warned', limit: 'count', waiting: 16, bytes: 640 },
      { kind: 'queue.warned', limit: 'messages', waiting: 16, bytes: 640 },
      { kind: 'queue.warned', limit: 'bytes', waiting: 17, bytes: 800, oldestMs: 70 },
      { kind: 'queue.full', limit: 'messages', waiting: 20, bytes: 810, oldestMs: 70 },
    ])
  })

  it('tells of no age without a limit, and of no count that is off', () => {
    const { told, stands } = levels({})
    stands('age', 1e12)
    stands('count', 100_000)
    told.should.eql([])
  })
})

const wide: Limits = {
  maxMessages: 1_000_000,
  maxBytes: 1e12,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'reject',
  warnMessages: 'off',
}

function levels(limits: Partial<Limits>) {
  const told: Event[] = []
  const subject = new Levels({ ...wide, ...limits }, (event) => told.push(event))
  const stands = (limit: 'count' | 'messages' | 'bytes' | 'age', value: number) => {
    if (limit === 'age') subject.aged(ms(value))
    else if (limit === 'bytes') subject.note({ messages: 1, bytes: value, ceiling: Infinity })
    else subject.note({ messages: value, bytes: 1, ceiling: Infinity })
  }
  return { told, subject, stands }
}
