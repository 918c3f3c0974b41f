/**
 * The frame of a node: `done` exactly once for every message, a status at most twice a second,
 * opening again after a fault, and a close that ends. Node-RED itself is played by the test.
 */

import 'should'
import type { Context, Instance, Status } from '../../nodes/common/room.js'
import { Fault } from '../../src/base/fault.js'
import { nameOf } from '../world/played-node.js'
import { defect, instance, later, make, started } from '../world/played-room.js'

describe('room', () => {
  it('calls done once for a message that was taken', async () => {
    ;(await (await started()).send({ payload: 1 })).should.eql(['done'])
  })

  const failures: ReadonlyArray<readonly [string, () => unknown, string]> = [
    ['a fault', () => new Fault('QUEUE_FULL', { limit: 5, of: 'messages' }), 'QUEUE_FULL'],
    ['an error of any kind', () => new TypeError('oops'), 'oops'],
    ['something that is no error', () => 'a text', 'a text'],
  ]
  for (const [name, failure, text] of failures) {
    it(`calls done once with an error when the input rejects with ${name}`, async () => {
      const node = await started({ input: () => Promise.reject(failure()) })
      ;(await node.send({})).should.eql([text])
    })

    it(`calls done once with an error when the input throws ${name}`, async () => {
      const input = () => {
        throw failure()
      }
      const node = await started({ input })
      ;(await node.send({})).should.eql([text])
    })
  }

  it('survives a done that throws', async () => {
    const node = await started()
    node.input({}, () => {
      throw new Error('in done')
    })
    await node.world.clock.settle()
    node.errors.should.eql(['in done'])
  })

  it('keeps messages waiting while it opens, and takes them in order then', async () => {
    const opening = later<Instance>()
    const node = make({ open: () => opening.promise })
    const taken: unknown[] = []
    const done: unknown[] = []
    for (const payload of [1, 2, 3]) node.input({ payload }, () => done.push(payload))
    await node.world.clock.settle()
    done.should.eql([])
    opening.resolve(
      instance({
        input: async ({ payload }) => {
          taken.push(payload)
        },
      }),
    )
    await node.world.clock.settle()
    ;[taken, done].should.eql([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  it('keeps 10,000 messages waiting at most while it opens, and refuses the next', async () => {
    const opening = later<Instance>()
    const node = make({ open: () => opening.promise })
    let taken = 0
    for (let n = 0; n < 10_000; n++) node.input({}, () => taken++)
    await node.world.clock.advance(5000)
    ;(await node.send({})).should.eql(['DISK_STALLED'])
    opening.resolve(instance({}))
    await node.world.clock.settle()
    taken.should.equal(10_000)
    ;(await node.send({})).should.eql(['done'])
  })

  it('refuses input while it cannot open, and opens 10 s later', async () => {
    let tries = 0
    const open = async () => {
      tries++
      if (tries < 3) throw new Fault('DISK_UNWRITABLE', { directory: '/d', why: 'EACCES' })
      return instance({})
    }
    const node = make({ open })
    ;(await node.send({})).should.eql(['DISK_UNWRITABLE'])
    node.shown.should.eql(['red dot status.disk-unwritable'])
    await node.world.clock.advance(9_999)
    tries.should.equal(1)
    await node.world.clock.advance(10_001)
    tries.should.equal(3)
    ;(await node.send({})).should.eql(['done'])
    node.errors.should.eql(['DISK_UNWRITABLE', 'DISK_UNWRITABLE'])
  })

  it('clears a room whose ground gave way, refuses input, and opens it again', async () => {
    const contexts: Context<object>[] = []
    let closed = 0
    const close = async () => {
      closed++
    }
    const open = async (context: Context<object>) => {
      contexts.push(context)
      return instance({ close })
    }
    const node = make({ open })
    await node.world.clock.settle()
    contexts[0]?.failed(new Fault('DISK_FULL', { free: 0, floor: 0 }))
    contexts[0]?.failed(new Fault('DISK_FULL', { free: 0, floor: 0 }))
    ;(await node.send({})).should.eql(['DISK_FULL'])
    closed.should.equal(1)
    await node.world.clock.advance(10_000)
    contexts.length.should.equal(2)
    ;(await node.send({})).should.eql(['done'])
    contexts[0]?.failed(new Fault('DISK_FULL', { free: 0, floor: 0 }))
    ;(await node.send({})).should.eql(['done'])
    closed.should.equal(1)
  })

  it('whose ground gives way while it opens never shows it as open', async () => {
    const opening = later<Instance>()
    let tries = 0
    const node = make({
      open: (context) => {
        tries++
        if (tries === 1) context.failed(new Fault('STORE_BUSY', { pid: 1, host: 'h' }))
        return tries === 1 ? opening.promise : Promise.resolve(instance({}))
      },
    })
    opening.resolve(instance({}))
    await node.world.clock.advance(1000)
    node.shown.should.eql(['red dot status.store-busy'])
    await node.world.clock.advance(10_000)
    tries.should.equal(2)
    node.shown.at(-1)?.should.equal('green dot ok')
  })

  it('refuses input when a field is wrong without which nothing works', async () => {
    let tries = 0
    const open = async () => {
      tries++
      return instance({})
    }
    const node = make({ open, wrong: [defect(true)] })
    ;(await node.send({})).should.eql(['SETTINGS_INVALID'])
    node.shown.should.eql(['red dot status.settings'])
    tries.should.equal(0)
    node.warnings.length.should.equal(1)
    ;(await node.close()).should.eql(['closed'])
  })

  it('shows that a figure is wrong in place of a green status', async () => {
    const node = await started({ wrong: [defect(false)] })
    node.shown.should.eql(['yellow ring status.settings-wrong'])
    ;(await node.send({})).should.eql(['done'])
  })

  it('shows its status at most twice a second, and the last one in the end', async () => {
    let count = 0
    const status = (): Status => ({ fill: 'green', shape: 'dot', key: `n${count}` })
    const node = make({ instance: { status } })
    await node.world.clock.settle()
    const at: number[] = []
    node.onStatus = () => at.push(node.world.clock.monotonic())
    for (; count < 1000; count++) {
      node.context?.changed()
      await node.world.clock.advance(3)
    }
    await node.world.clock.advance(1000)
    const gaps = at.map((moment, i) => moment - (at[i - 1] ?? 0))
    Math.min(...gaps).should.be.aboveOrEqual(500)
    at.length.should.be.within(5, 8)
    node.shown.at(-1)?.should.equal('green dot n1000')
  })

  it('shows nothing twice', async () => {
    const node = await started()
    for (let n = 0; n < 5; n++) {
      node.context?.changed()
      await node.world.clock.advance(1000)
    }
    node.shown.should.eql(['green dot ok'])
    node.world.clock.pending.should.equal(0)
  })

  it('closes what it opened, refuses what comes later, and leaves nothing behind', async () => {
    let closed = 0
    const close = async () => {
      closed++
    }
    const node = await started({ instance: { close } })
    ;(await node.close()).should.eql(['closed'])
    closed.should.equal(1)
    ;(await node.send({})).should.eql(['INTERRUPTED'])
    node.context?.changed()
    node.world.clock.pending.should.equal(0)
  })

  it('closes what opens only while it closes', async () => {
    const opening = later<Instance>()
    let closed = 0
    const close = async () => {
      closed++
    }
    const node = make({ open: () => opening.promise })
    const waiting: unknown[] = []
    node.input({}, (error) => waiting.push(error === undefined ? 'done' : nameOf(error)))
    const ended = node.close()
    opening.resolve(instance({ close }))
    ;(await ended).should.eql(['closed'])
    closed.should.equal(1)
    waiting.should.eql(['INTERRUPTED'])
  })

  it('does not open again after it was closed', async () => {
    let tries = 0
    const open = () => {
      tries++
      return Promise.reject(new Fault('STORE_BUSY', {}))
    }
    const node = make({ open })
    await node.world.clock.settle()
    await node.close()
    await node.world.clock.advance(60_000)
    tries.should.equal(1)
    node.world.clock.pending.should.equal(0)
  })

  it('ends its close when the room cannot be closed, and says so', async () => {
    const node = await started({
      instance: { close: () => Promise.reject(new Fault('DISK_UNWRITABLE', {})) },
    })
    ;(await node.close()).should.eql(['closed'])
    node.errors.should.eql(['DISK_UNWRITABLE'])
  })

  it('logs events by their severity, and tells failures with their message', async () => {
    const node = await started()
    node.context?.emit({ kind: 'queue.full', waiting: 5, bytes: 9, limit: 'messages' })
    node.context?.emit({ kind: 'queue.warned', waiting: 5, bytes: 9, limit: 'count' })
    node.context?.tell({ code: 'NOT_AUTHORISED', values: { topic: 't' } }, { topic: 't' })
    node.errors.should.eql(['events.queue.full.messages', 'NOT_AUTHORISED'])
    node.warnings.should.eql(['events.queue.warned.count'])
    node.caught.should.eql([{ topic: 't' }])
  })
})
