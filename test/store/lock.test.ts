/** One process per directory, and how a dead holder is told from a living one. */

import should from 'should'
import type { World } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import { Lock } from '../../src/store/lock.js'
import { altered } from '../world/altered.js'
import { FakeMachine } from '../world/fake-machine.js'
import type { MemoryDiskOptions } from '../world/memory-disk.js'
import { seededRandom } from '../world/seeded-random.js'
import { codeOf } from '../world/store-ground.js'
import { type TestWorld, testWorld } from '../world/test-world.js'

const directory = '/data/q1'

describe('lock', () => {
  it('is refused to a second process, with the first one named', async () => {
    const world = await worldWithDirectory()
    await Lock.take(world, directory)
    const second = beside(world, world.machine.another())
    await Lock.take(second, directory).should.be.rejectedWith({
      code: 'STORE_BUSY',
      values: { pid: world.machine.processId, host: 'gateway', directory },
    })
    await Lock.take(world, directory).should.be.rejectedWith({ code: 'STORE_BUSY' })
  })

  it('is free again once it was released', async () => {
    const world = await worldWithDirectory()
    const lock = await Lock.take(world, directory)
    await lock.release()
    world.disk.namesIn(directory).should.eql([])
    await Lock.take(beside(world, world.machine.another()), directory)
  })

  it('of a process that is no more is taken over', async () => {
    const world = await worldWithDirectory()
    await Lock.take(world, directory)
    const next = world.machine.another()
    world.machine.end()
    const lock = await Lock.take(beside(world, next), directory)
    await lock.isHeld().should.be.fulfilledWith(true)
    world.disk.namesIn(directory).should.eql(['LOCK'])
  })

  it('of a process whose number another one has now is taken over', async () => {
    const world = await worldWithDirectory()
    await Lock.take(world, directory)
    const { processId } = world.machine
    world.machine.end()
    await Lock.take(beside(world, world.machine.another(processId)), directory)
  })

  it('of an earlier boot is taken over', async () => {
    const world = await worldWithDirectory()
    await Lock.take(world, directory)
    await Lock.take(beside(world, world.machine.afterReboot()), directory)
  })

  it('of another host is taken over after 30 s without a heartbeat', async () => {
    const world = await worldWithDirectory()
    await Lock.take(world, directory)
    const other = beside(world, FakeMachine.named('other'))
    await world.clock.advance(60_000)
    should(await codeOf(Lock.take(other, directory))).equal('STORE_BUSY')
    world.disk.failNext(({ kind }) => kind === 'touch', 'EIO', 99)
    await world.clock.advance(31_000)
    await Lock.take(other, directory)
  })

  it('that a power cut left without sense is taken over', async () => {
    const world = await worldWithDirectory()
    for (const left of ['', '\0\0\0\0', '{"pid":1', '[]']) {
      world.disk.put(`${directory}/LOCK`, Buffer.from(left))
      const lock = await Lock.take(world, directory)
      await lock.release()
    }
  })

  it('never goes to two that find the same dead one', async () => {
    for (const delay of [0, 1, 2, 3, 4, 6, 9]) {
      const world = await worldWithDirectory({ writeTakes: ms(3) })
      const dead = beside(world, world.machine.another())
      await timed(world, Lock.take(dead, directory))
      dead.machine.end()
      await contest(world, delay)
    }
  })

  it('never goes to two that find none', async () => {
    for (const delay of [0, 1, 2, 3, 4, 6, 9]) {
      await contest(await worldWithDirectory({ writeTakes: ms(3) }), delay)
    }
  })

  it('that was caught while still fresh is made again, but not over a fresher one', async () => {
    const world = await worldWithDirectory()
    const path = `${directory}/LOCK`
    for (const isFresher of [false, true]) {
      const dead = beside(world, world.machine.another())
      await Lock.take(dead, directory)
      dead.machine.end()
      const [second, third] = [1, 2].map(() => beside(world, world.machine.another()))
      const held: Lock[] = []
      const rename = async (from: string, to: string) => {
        if (held.length > 0) return world.disk.rename(from, to)
        held.push(await Lock.take(second ?? world, directory))
        await world.disk.rename(from, to)
        if (isFresher) held.push(await Lock.take(third ?? world, directory))
      }
      const first = { ...beside(world, world.machine.another()) }
      const disk = altered(world.disk, { rename })
      should(await codeOf(Lock.take({ ...first, disk }, directory))).equal('STORE_BUSY')
      const areHeld = await Promise.all(held.map((lock) => lock.isHeld()))
      areHeld.should.eql(isFresher ? [false, true] : [true])
      world.disk.namesIn(directory).should.eql(['LOCK'])
      for (const lock of held) await lock.release()
      should(await codeOf(world.disk.open(path, 'read'))).have.property('code', 'ENOENT')
    }
  })

  it('is known to be lost when its file is gone or of another', async () => {
    const world = await worldWithDirectory()
    const lock = await Lock.take(world, directory)
    const path = `${directory}/LOCK`
    world.disk.put(path, Buffer.from('{"pid":1,"nonce":"00"}'))
    await lock.isHeld().should.be.fulfilledWith(false)
    await lock.release()
    world.disk.namesIn(directory).should.eql(['LOCK'])
    await world.disk.remove(path)
    await lock.isHeld().should.be.fulfilledWith(false)
  })

  it('that could not be removed does not keep its own process out', async () => {
    for (const code of ['EACCES', 'EIO']) {
      const world = await worldWithDirectory()
      const lock = await Lock.take(world, directory)
      world.disk.failNext(({ kind }) => kind === 'remove', code)
      await lock.release().should.be.rejectedWith({ code })
      world.disk.namesIn(directory).should.eql(['LOCK'])
      const other = beside(world, world.machine.another())
      should(await codeOf(Lock.take(other, directory))).equal('STORE_BUSY')
      const next = await Lock.take(world, directory)
      await next.isHeld().should.be.fulfilledWith(true)
      should(await codeOf(Lock.take(world, directory))).equal('STORE_BUSY')
      world.disk.namesIn(directory).should.eql(['LOCK'])
    }
  })

  it('never goes to two that ask for it in one process', async () => {
    const world = await worldWithDirectory({ writeTakes: ms(3) })
    const takers = [Lock.take(world, directory), Lock.take(world, directory)]
    const codes = await timed(world, Promise.all(takers.map((taker) => codeOf(taker))))
    codes.should.containEql('STORE_BUSY')
  })

  it('that cannot be written is not left behind as taken', async () => {
    for (const kind of ['write', 'read', 'length', 'close'] as const) {
      const world = await worldWithDirectory()
      world.disk.failNext((operation) => operation.kind === kind, 'EIO')
      await Lock.take(world, directory).should.be.rejectedWith({ code: 'EIO' })
      await Lock.take(world, directory)
    }
  })

  it('has no heartbeat after its release, not even when one was under way', async () => {
    const world = await worldWithDirectory()
    const lock = await Lock.take(world, directory)
    world.disk.afterOperation = ({ kind }) => {
      if (kind === 'touch') lock.release().catch(() => {})
    }
    await world.clock.advance(10_000)
    world.clock.pending.should.equal(0)
  })
})

async function worldWithDirectory(disk: MemoryDiskOptions = {}): Promise<TestWorld> {
  const world = testWorld({ disk })
  await world.disk.makeDirectory(directory)
  return world
}

/** Another process on the same disk. */
const beside = (world: TestWorld, machine: FakeMachine): World & { machine: FakeMachine } => ({
  ...world,
  random: seededRandom(machine.processId + 77),
  machine,
})

async function timed<T>(world: TestWorld, work: Promise<T>): Promise<T> {
  work.catch(() => {})
  await world.clock.advance(100)
  return work
}

/** Two processes want it, one a little later: never do both have it, and it is not lost either. */
async function contest(world: TestWorld, delay: number): Promise<void> {
  const takers = [world.machine.another(), world.machine.another()]
  const attempts = takers.map(async (machine, i) => {
    await new Promise<void>((go) => world.clock.wake(ms(i * delay), go))
    return Lock.take(beside(world, machine), directory)
  })
  const settled = Promise.allSettled(attempts)
  const held: Lock[] = []
  for (const each of await timed(world, settled)) {
    if (each.status === 'fulfilled' && (await each.value.isHeld())) held.push(each.value)
    else if (each.status === 'fulfilled') throw new Error('took it and does not hold it')
  }
  held.length.should.be.belowOrEqual(1)
  if (held.length === 1) return
  // Each was in the other's way: both were refused, and the next one who asks has it.
  await timed(world, Lock.take(beside(world, world.machine.another()), directory))
}
