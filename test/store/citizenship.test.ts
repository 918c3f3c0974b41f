/**
 * The store beside other flows and other gateways: few syncs at a time, a bound for what waits, no
 * call that stops the loop, and a word about ground that cannot keep what is promised.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import type { Disk } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import type { Limits } from '../../src/store/limits.js'
import { Queue, type QueueSettings } from '../../src/store/queue.js'
import type { Ground } from '../../src/store/settings.js'
import { altered } from '../world/altered.js'
import { codeOf, directory, groundOf, message, StoreGround, texts } from '../world/store-ground.js'
import { type TestWorldOptions, testWorld } from '../world/test-world.js'

describe('a file system', () => {
  const rows = [
    ['tmpfs', 'memory'],
    ['ramfs', 'memory'],
    ['overlay', 'layer'],
    ['nfs', 'remote'],
    ['cifs', 'remote'],
    ['9p', 'remote'],
    ['fuse', 'remote'],
    ['ext4', undefined],
    ['vfat', undefined],
    ['unknown', undefined],
  ] as const
  for (const [fileSystem, risk] of rows) {
    it(`${fileSystem} is ${risk === undefined ? 'taken without a word' : `told: ${risk}`}`, async () => {
      const ground = groundOf({ disk: { fileSystem } })
      const queue = await opened(ground)
      const event = { kind: 'store.unsuitable', directory, filesystem: fileSystem, risk }
      unsuitable(ground).should.eql(risk === undefined ? [] : [event])
      should(await ground.finish(queue.accept(message('a'), 'k'))).equal(0)
    })
  }

  it('is told once per directory and process, whatever is opened there and how often', async () => {
    const ground = groundOf({ disk: { fileSystem: 'tmpfs' } })
    const queue = await opened(ground)
    await ground.finish(queue.accept(message('a'), 'k', 'high'))
    await ground.finish(queue.close())
    await opened(ground)
    unsuitable(ground).length.should.equal(1)
    await opened(ground, { directory: '/data/q2' })
    unsuitable(ground).length.should.equal(2)
  })

  it('that does not tell its kind is taken as it is', async () => {
    const ground = groundOf({ disk: { fileSystem: 'tmpfs' } })
    ground.disk.failNext(({ kind }) => kind === 'fileSystem', 'EIO')
    await opened(ground)
    unsuitable(ground).should.eql([])
  })
})

describe('a slow disk', () => {
  it('is told while a sync goes on for too long, and when it is quick again', async () => {
    const { ground, queue, slowFor } = await onSlowDisk()
    slowFor.next = 30_000
    const accepted = queue.accept(message('a'), 'k')
    await ground.world.clock.advance(4999)
    ground.events.should.eql([])
    await ground.world.clock.advance(1)
    ground.events.should.eql([{ kind: 'store.slow', directory, syncMs: 5000 }])
    await ground.finishWithin(25_000, accepted)
    slowFor.next = 0
    for (const text of texts(10)) await ground.finish(queue.accept(message(text), 'k'))
    ground.events
      .slice(1)
      .should.eql([{ kind: 'store.recovered', directory, resolves: 'store.slow', syncMs: 0 }])
  })

  it('leaves no timer behind', async () => {
    const { ground, queue, slowFor } = await onSlowDisk()
    slowFor.next = 20
    await ground.finishWithin(2000, queue.accept(message('a'), 'k'))
    await ground.finishWithin(2000, queue.close())
    ground.world.clock.pending.should.equal(0)
  })
})

describe('of all queues of a process', () => {
  it('two syncs run at a time, of files and directories, from opening to close', async () => {
    const ground = groundOf({ disk: { syncTakes: ms(20) } })
    const count = counting(ground.disk)
    const world = { ...ground.world, disk: count.disk }
    const shared: Ground = { world, budget: ground.budget, emit: () => {}, failed: () => {} }
    const names = Array.from({ length: 8 }, (_, n) => `/data/q${n}`)
    const settings = (path: string) => ({ ...usual, directory: path, segmentBytes: 1000 })
    const all = names.map((path) => Queue.open(shared, { ...settings(path), ballastBytes: 5000 }))
    const queues = await ground.finishWithin(20_000, Promise.all(all))
    const renamed = ground.watch('rename')
    for (let round = 0; round < 24; round++) {
      const accepted = queues.flatMap((queue) =>
        texts(5).map((text) => queue.accept(message(text.repeat(20)), 'k')),
      )
      await ground.finishWithin(5000, Promise.all(accepted))
      if (round === 12) await Promise.all(queues.map((queue) => settleMost(ground, queue)))
    }
    await ground.finishWithin(20_000, Promise.all(queues.map((queue) => queue.close())))
    renamed.filter(({ path }) => path.endsWith('.seg.tmp')).length.should.be.above(8)
    count.syncs.should.be.above(300)
    count.most.should.equal(2)
  })

  it('64 MB wait for a disk that does not answer, and the next message is refused', async () => {
    new Budget().appendBytesMax.should.equal(64 << 20)
    const ground = new StoreGround(testWorld({ disk: { syncTakes: ms(20) } }), new Budget(1000))
    const [one, other] = await Promise.all(
      [directory, '/data/q2'].map((path) =>
        ground.finishWithin(1000, Queue.open(ground, { ...usual, directory: path })),
      ),
    )
    const first = one?.accept(message('x'.repeat(600)), 'k')
    const next = other?.accept(message('y'.repeat(600)), 'k') ?? Promise.resolve()
    should(await codeOf(next)).equal('DISK_STALLED')
    should(await ground.finishWithin(1000, Promise.resolve(first))).equal(0)
    should(
      await ground.finishWithin(1000, Promise.resolve(other?.accept(message('z'), 'k'))),
    ).equal(0)
  })
})

describe('a queue on the real disk', () => {
  it('makes no call that stops the loop, from opening to close', async () => {
    const home = await mkdtemp(join(tmpdir(), 'holdfast-citizen-'))
    const calls: string[] = []
    const restore = watched(calls)
    try {
      const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed: () => {} }
      const settings = { ...usual, directory: `${home}/q`, segmentBytes: 1000 }
      const queue = await Queue.open(ground, settings)
      await Promise.all(texts(50).map((text) => queue.accept(message(text.repeat(9)), 'k')))
      await queue.readAhead()
      for (let record = queue.takeReady(); record !== undefined; record = queue.takeReady()) {
        queue.settle(record, 'delivered')
      }
      await queue.close()
      const again = await Queue.open(ground, settings)
      await again.close()
    } finally {
      restore()
      await rm(home, { recursive: true })
    }
    calls.should.eql([])
  })
})

const limits: Limits = {
  maxMessages: 1_000_000,
  maxBytes: 1 << 30,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'reject',
  warnMessages: 'off',
}
const usual: QueueSettings = {
  directory,
  queueId: 'q1',
  durability: { is: 'each' },
  ballastBytes: 0,
  keyOf: () => 'k',
  limits,
}

const opened = (ground: StoreGround, change: Partial<QueueSettings> = {}): Promise<Queue> =>
  ground.finish(Queue.open(ground, { ...usual, ...change }))

const unsuitable = ({ events }: StoreGround) =>
  events.filter(({ kind }) => kind === 'store.unsuitable')

/** A queue on a disk whose file syncs take `slowFor.next` ms each. */
async function onSlowDisk(options: TestWorldOptions = {}) {
  const slowFor = { next: 0 }
  const world = testWorld(options)
  const wait = () => new Promise<void>((over) => world.clock.wake(ms(slowFor.next), over))
  const disk = syncsThrough(world.disk, async (sync) => {
    if (slowFor.next > 0) await wait()
    await sync()
  })
  const ground = new StoreGround(world)
  const queue = await ground.finish(Queue.open({ ...ground, world: { ...world, disk } }, usual))
  return { ground, queue, slowFor }
}

/** Settles nine of ten messages that wait, which leaves sparse segments behind. */
async function settleMost(ground: StoreGround, queue: Queue): Promise<void> {
  await ground.finishWithin(1000, queue.readAhead())
  for (let n = 0, next = queue.takeReady(); next !== undefined; n++, next = queue.takeReady()) {
    if (n % 10 !== 0) queue.settle(next, 'delivered')
  }
}

type Sync = () => Promise<void>

/** Every sync of a file or a directory goes through `around`. */
function syncsThrough(disk: Disk, around: (sync: Sync) => Promise<void>): Disk {
  return altered(disk, {
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      return altered(file, { sync: () => around(() => file.sync()) })
    },
    syncDirectory: (path) => around(() => disk.syncDirectory(path)),
  })
}

function counting(disk: Disk) {
  const count = { syncs: 0, running: 0, most: 0 }
  const counted = syncsThrough(disk, async (sync) => {
    count.syncs++
    count.running++
    count.most = Math.max(count.most, count.running)
    await sync().finally(() => count.running--)
  })
  return Object.assign(count, { disk: counted })
}

/** Notes every call that stops the loop, of files and of other processes, until restored. */
function watched(calls: string[]): () => void {
  const undo: (() => void)[] = []
  for (const name of ['node:fs', 'node:child_process']) {
    const module: Record<string, unknown> = require(name)
    for (const [key, call] of Object.entries(module)) {
      if (!key.endsWith('Sync') || typeof call !== 'function') continue
      module[key] = (...args: unknown[]) => {
        calls.push(`${key} ${String(args[0])}`)
        return call.apply(module, args)
      }
      undo.push(() => {
        module[key] = call
      })
    }
  }
  return () => {
    for (const one of undo) one()
  }
}
