/**
 * Payloads formed at send time, over a real queue and a real link: numbers follow the order of
 * sending, belong to one message through outages and crashes, and a payload that cannot be formed
 * keeps nobody behind it.
 */

import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import type { Form } from '../../src/delivery/on-send.js'
import { answerAll, forwarding, packet, sendAll } from '../world/forwarding.js'
import { groundOf, texts } from '../world/store-ground.js'

describe('a payload formed at send time', () => {
  it('has the numbers of its topic and of its connection, in the order of sending', async () => {
    const { ground, forwarder, broker } = await started()
    await ground.finish(forwarder.accept(packet('a', 't')))
    await ground.finish(forwarder.accept(packet('b', 'u')))
    await ground.finish(forwarder.accept(packet('c', 't')))
    broker.last.accept()
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(['a 1 1', 'b 1 2', 'c 2 3'])
  })

  it('leaves no number out for what is never sent', async () => {
    const { ground, queue, forwarder, broker, refused } = await started()
    await sendAll(ground, forwarder, ['a', 'bad', 'b', 'bad', 'c'])
    broker.last.accept()
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(['a 1 1', 'b 2 2', 'c 3 3'])
    queue.totals.should.eql({ accepted: 5, delivered: 3, refused: 2 })
    refused
      .map(([{ payload }, { code }]) => [payload, code])
      .should.eql([
        ['bad', 'EXPRESSION_FAILED'],
        ['bad', 'EXPRESSION_FAILED'],
      ])
  })

  it('keeps its number of the topic on the next connection, and is counted anew there', async () => {
    const { ground, forwarder, broker } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, texts(4))
    broker.last.payloads.should.eql(['m0 1 1', 'm1 2 2', 'm2 3 3', 'm3 4 4'])
    broker.last.answer(0)
    broker.last.answer(2)
    await ground.world.clock.settle()
    broker.last.hangUp()
    await sendAll(ground, forwarder, ['late'])
    await ground.world.clock.advance(5000)
    broker.last.accept()
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(['m1 2 1', 'm3 4 2', 'late 5 3'])
  })

  it('keeps its number over a crash, and no other message gets it', async () => {
    const { ground, forwarder, broker } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, texts(3))
    broker.last.payloads.should.eql(['m0 1 1', 'm1 2 2', 'm2 3 3'])
    const next = await forwarding(ground.afterKill(), {}, {}, form)
    await sendAll(next.ground, next.forwarder, ['late'])
    next.broker.last.accept()
    await answerAll(next.ground, next.broker)
    next.broker.last.payloads.should.eql(['m0 1 1', 'm1 2 2', 'm2 3 3', 'late 4 4'])
  })

  it('is told with its receipt as it was sent', async () => {
    const { ground, forwarder, broker, receipts } = await started()
    broker.last.accept()
    await sendAll(ground, forwarder, ['a'])
    await answerAll(ground, broker)
    should(receipts.map((receipt) => receipt.packet.payload)).eql(['a 1 1'])
  })

  it('holds the message id in its final form', async () => {
    const json: Form = async (_message, { sequence = 0 }) => `{"n":${sequence}}`
    const ground = groundOf({ wall: Date.UTC(2026, 11, 1) })
    const { forwarder, broker } = await forwarding(ground, {}, { messageId: 'payload' }, json)
    broker.last.accept()
    await sendAll(ground, forwarder, ['a'])
    should(broker.last.payloads[0]).match(/^\{"resilienceId":"q1-[0-9a-f]{8}-\d+","n":1\}$/)
  })

  it('knows whether it waited, and since when', async () => {
    const seen: unknown[] = []
    const looking: Form = async ({ isHistorical, record: { storedAt } }) => {
      seen.push([isHistorical, storedAt])
      return ''
    }
    const ground = groundOf({ wall: Date.UTC(2026, 11, 1) })
    const { forwarder, broker } = await forwarding(ground, {}, {}, looking)
    await sendAll(ground, forwarder, ['old'])
    await ground.world.clock.advance(5000)
    broker.last.accept()
    await answerAll(ground, broker)
    await sendAll(ground, forwarder, ['new'])
    const start = Date.UTC(2026, 11, 1)
    seen.should.eql([
      [true, start],
      [false, start + 5000],
    ])
  })

  it('that takes its time holds back what came later, and nothing else', async () => {
    let finish = () => {}
    const slow: Form = async ({ packet: { payload } }) => {
      if (payload === 'slow') await new Promise<void>((resolve) => (finish = resolve))
      return payload
    }
    const ground = groundOf({ wall: Date.UTC(2026, 11, 1) })
    const { forwarder, broker } = await forwarding(ground, {}, {}, slow)
    broker.last.accept()
    await sendAll(ground, forwarder, ['a', 'slow', 'b'])
    broker.last.answer(0)
    broker.last.payloads.should.eql(['a'])
    finish()
    await answerAll(ground, broker)
    broker.last.payloads.should.eql(['a', 'slow', 'b'])
  })

  it('formed for a connection that is gone is not sent on the next one', async () => {
    const finish: (() => void)[] = []
    const slow: Form = async ({ packet: { payload } }, { sinceConnect }) => {
      await new Promise<void>((resolve) => finish.push(resolve))
      return `${payload} ${sinceConnect} of try ${finish.length}`
    }
    const ground = groundOf({ wall: Date.UTC(2026, 11, 1) })
    const { forwarder, broker } = await forwarding(ground, {}, {}, slow)
    broker.last.accept()
    await sendAll(ground, forwarder, ['a'])
    broker.last.hangUp()
    await ground.world.clock.advance(5000)
    broker.last.accept()
    await ground.world.clock.settle()
    finish[0]?.()
    await ground.world.clock.settle()
    finish[1]?.()
    await ground.world.clock.settle()
    broker.last.payloads.should.eql(['a 1 of try 2'])
  })

  it('waits for the disk when its number cannot be kept, and says so', async () => {
    const { ground, queue, forwarder, broker } = await started()
    await sendAll(ground, forwarder, ['a'])
    ground.disk.failNext(({ kind, path }) => kind === 'write' && /NUMBERS/.test(path), 'ENOSPC')
    broker.last.accept()
    await ground.world.clock.settle()
    broker.last.payloads.should.eql([])
    ground.faults.map(({ code }) => code).should.eql(['DISK_FULL'])
    queue.waiting.should.equal(1)
    await ground.finishWithin(1, forwarder.close(ms(0)))
  })
})

const form: Form = async ({ packet: { payload } }, { sequence, sinceConnect }) => {
  if (payload === 'bad') throw new Fault('EXPRESSION_FAILED', { field: 'f', why: 'w' })
  return `${payload} ${sequence} ${sinceConnect}`
}

const started = () => forwarding(groundOf({ wall: Date.UTC(2026, 11, 1) }), {}, {}, form)
