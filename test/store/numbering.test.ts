/**
 * Numbers of messages through clean ends, kills and power cuts: no number goes to two messages, a
 * message keeps its number, and only a power cut or a broken file leaves numbers out.
 */

import fc from 'fast-check'
import should from 'should'
import { Numbering, numbersName } from '../../src/store/numbering.js'
import type { ManualClock } from '../world/manual-clock.js'
import type { MemoryDisk } from '../world/memory-disk.js'
import { seededRandom, testSeed } from '../world/seeded-random.js'
import { codeOf } from '../world/store-ground.js'
import { testWorld } from '../world/test-world.js'

const path = `/q/${numbersName}`

describe('numbering', () => {
  it('counts each key from 1, and gives a message the same number again', async () => {
    const { taken } = await opened()
    should(await taken('a', 'm1')).equal(1)
    should(await taken('a', 'm2')).equal(2)
    should(await taken('b', 'm3')).equal(1)
    should(await taken('a', 'm1')).equal(1)
    should(await taken('a', 'm4')).equal(3)
  })

  it('uses no number for a message that did not take it', async () => {
    const { numbering, taken } = await opened()
    should(numbering.of('a', 'm1')).equal(1)
    should(numbering.of('a', 'm2')).equal(1)
    should(await taken('a', 'm2')).equal(1)
  })

  it('counts a message anew that goes to another key', async () => {
    const { taken } = await opened()
    await taken('a', 'm1')
    should(await taken('old/a', 'm1')).equal(1)
    should(await taken('a', 'm2')).equal(2)
  })

  for (const how of ['close', 'kill'] as const) {
    it(`goes on without a gap after a ${how}, and knows who has which number`, async () => {
      const first = await opened()
      for (let n = 1; n <= 1500; n++) should(await first.taken('a', `m${n}`)).equal(n)
      const { taken } = await first.again(how)
      should(await taken('a', 'm1499')).equal(1499)
      should(await taken('a', 'new')).equal(1501)
    })
  }

  it('leaves no more than two blocks out after a power cut', async () => {
    const first = await opened()
    for (let n = 1; n <= 10; n++) await first.taken('a', `m${n}`)
    const { taken } = await first.again('cut')
    should(await taken('a', 'new')).be.within(11, 2049)
  })

  it('never gives a number to two messages, whatever happens when', async function () {
    this.timeout(60_000)
    const key = fc.constantFrom('a', 'b')
    const take = fc.tuple(fc.constant('take'), key, fc.nat(30))
    const burst = fc.tuple(fc.constant('burst'), key, fc.nat(700))
    const end = fc.tuple(fc.constantFrom('close', 'kill', 'cut'), key, fc.nat(1000))
    const moves = fc.array(fc.oneof({ weight: 6, arbitrary: take }, burst, end), { maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(moves, async (played) => {
        const owners = new Map<string, string>()
        let life = await opened()
        let fresh = 0
        const take = async (key: string, id: string) => {
          const number = await life.taken(key, id)
          const owner = owners.get(`${key} ${number}`) ?? id
          owner.should.equal(id, `${key} ${number}`)
          owners.set(`${key} ${number}`, id)
        }
        for (const [what, key, n] of played) {
          if (what === 'take') await take(key, `old${n}`)
          else if (what === 'burst') for (let i = 0; i < n; i++) await take(key, `m${fresh++}`)
          else life = await life.again(what as End, n)
        }
      }),
      { seed: testSeed, numRuns: 60 },
    )
  })

  it('leaves numbers out rather than go back when the file is damaged', async () => {
    const first = await opened()
    for (let n = 1; n <= 10; n++) await first.taken('a', `m${n}`)
    await first.work(first.numbering.close())
    first.disk.rot(path, 30, Buffer.from('\0\0\0\0'))
    const { taken } = await first.again('kill')
    should(await taken('a', 'new')).be.above(10)
  })

  it('stays small', async () => {
    const { disk, taken, clock } = await opened()
    for (let n = 1; n <= 20_000; n++) {
      const done = taken('a', `a message with a rather long id ${'x'.repeat(60)} ${n}`)
      if (n % 1000 === 0) await done
    }
    const file = disk.open(path, 'read')
    await clock.settle()
    const length = (await file).length()
    await clock.settle()
    should(await length).be.below(1_500_000)
  })

  it('tells a full disk, uses nothing then, and goes on when there is room', async () => {
    const { disk, taken, numbering, clock } = await opened()
    await taken('a', 'm1')
    disk.failNext(({ kind }) => kind === 'write', 'ENOSPC')
    const failed = codeOf(numbering.take('a', 'm2'))
    await clock.settle()
    should(await failed).equal('DISK_FULL')
    should(await taken('a', 'm3')).equal(2)
  })

  it('counts 10,000 keys and no more', async () => {
    const { numbering, clock } = await opened()
    const all = Promise.all(
      Array.from({ length: 10_000 }, (_, n) => numbering.take(`k${n}`, `${n}`)),
    )
    await clock.settle()
    await all
    should(numbering.of('one more', 'm')).equal(undefined)
    should(numbering.of('k7', 'm')).equal(2)
  })
})

type End = 'close' | 'kill' | 'cut'

interface Life {
  readonly numbering: Numbering
  readonly disk: MemoryDisk
  readonly clock: ManualClock
  work<T>(promise: Promise<T>): Promise<T>
  /** The number that the message has from now on. */
  taken(key: string, id: string): Promise<number | undefined>
  again(how: End, chance?: number): Promise<Life>
}

async function opened(): Promise<Life> {
  const { disk, clock } = testWorld()
  const made = disk.makeDirectory('/q').then(() => disk.syncDirectory('/'))
  await clock.settle()
  await made
  return lifeOn(disk, clock, 'boot 0')
}

async function lifeOn(disk: MemoryDisk, clock: ManualClock, boot: string): Promise<Life> {
  const work = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => {})
    await clock.settle()
    return promise
  }
  const numbering = await work(Numbering.open(disk, '/q', boot))
  const taken = async (key: string, id: string) => {
    const taking = numbering.take(key, id)
    await work(taking)
    return numbering.of(key, id)
  }
  const again = async (how: End, chance = 1) => {
    if (how === 'close') await work(numbering.close())
    const next = how === 'cut' ? disk.crash(seededRandom(chance)) : disk.kill()
    return lifeOn(next, clock, how === 'cut' ? `${boot}'` : boot)
  }
  return { numbering, disk, clock, work, taken, again }
}
