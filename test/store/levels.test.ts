/** What is told of a queue that fills, and how often. */

import 'should'
import type { Event } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import { Levels } from '../../src/store/levels.js'
import type { Limits } from '../../src/store/limits.js'
import { Queue } from '../../src/store/queue.js'
import { directory, groundOf, message } from '../world/store-ground.js'

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
        return told.splice(0).map((event) => 'limit' in event && `${event.kind} ${event.limit}`)
      }
      go(0, at - 1).should.eql([])
      go(at).should.eql([`queue.warned ${limit}`])
      go(at + 1, at - 1, at, at * 0.8, at).should.eql([])
      go(at * 0.8 - 1, at).should.eql([`queue.drained ${limit}`, `queue.warned ${limit}`])
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

  it('tells that there is room again when most of it has gone, by the limit that was told', () => {
    const { told, subject } = levels({ maxMessages: 20 })
    subject.full('messages', { messages: 20, bytes: 810 })
    for (const messages of [19, 17, 16, 3]) {
      subject.note({ messages, bytes: messages * 40, ceiling: Infinity })
    }
    const ends = told.filter((event) => 'resolves' in event && event.resolves === 'queue.full')
    const what = { kind: 'queue.drained', resolves: 'queue.full', limit: 'messages' }
    ends.should.eql([{ ...what, waiting: 16, bytes: 640 }])
  })

  it('tells of no age without a limit, and of no count that is off', () => {
    const { told, stands } = levels({})
    stands('age', 1e12)
    stands('count', 100_000)
    told.should.eql([])
  })
})

describe('levels of a queue', () => {
  it('tell that the oldest comes near its age, by a clock that can be trusted', async () => {
    const { ground, queue, warned } = await aging()
    await ground.finish(queue.accept(message('a'), 'k'))
    ground.world.clock.setWall(ground.world.clock.wall() + 4_000_000)
    await ground.world.clock.advance(59_000)
    warned().should.eql([])
    await ground.world.clock.advance(2000)
    warned().should.match([{ limit: 'age', waiting: 1, oldestMs: 4_061_000 }])
    await ground.world.clock.advance(600_000)
    warned().length.should.equal(1)
  })

  it('tell it of a leased message, too, and again of the next when that has gone', async () => {
    const { ground, queue, warned } = await aging()
    await ground.finish(queue.accept(message('a'), 'k'))
    await ground.finish(queue.readAhead())
    const leased = queue.takeReady()
    await ground.world.clock.advance(4_001_000)
    warned().length.should.equal(1)
    if (leased !== undefined) queue.settle(leased, 'delivered')
    await ground.finish(queue.accept(message('b'), 'k'))
    await ground.world.clock.advance(4_001_000)
    warned().length.should.equal(2)
  })
})

/** A queue that keeps messages for 5,000 s, and what it warned of. */
async function aging() {
  const ground = groundOf({ wall: Date.UTC(2026, 11, 1) })
  const queue = await ground.finish(
    Queue.open(ground, {
      ...{ directory, queueId: 'q1', durability: { is: 'each' }, keyOf: () => 'k' },
      limits: { ...wide, maxAge: ms(5_000_000) },
    }),
  )
  const warned = () => ground.events.filter(({ kind }) => kind === 'queue.warned')
  return { ground, queue, warned }
}

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
