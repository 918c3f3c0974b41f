/**
 * How a group of waiting messages meets the end of a segment, and how a large one is written in
 * two parts under one sync.
 */

import should from 'should'
import { framingBytes } from '../../src/store/record.js'
import { WaitingMessages } from '../../src/store/waiting.js'
import { groundOf, message, payloadsOf, readAll } from '../world/store-ground.js'

const plenty = Number.POSITIVE_INFINITY
const framed = 1000
const unsplit = 4000

describe('messages that wait to be written', () => {
  it('go all at once where there is room', () => {
    waitingOf(12).fitting(plenty).should.equal(12)
    waitingOf(12)
      .fitting(12 * framed)
      .should.equal(12)
  })

  it('go into the next segment together when they are few', () => {
    waitingOf(4)
      .fitting(3 * framed)
      .should.equal(0)
  })

  it('are split at the end of a segment when they are many', () => {
    waitingOf(5)
      .fitting(3 * framed)
      .should.equal(3)
    waitingOf(5)
      .fitting(framed - 1)
      .should.equal(0)
  })

  it('go in groups of 1 MB, and a larger message alone', () => {
    waitingOf(1500)
      .fitting(plenty)
      .should.equal(Math.floor((1 << 20) / framed))
    const waiting = waitingOf(0)
    for (let n = 0; n < 2; n++) waiting.push(waitingWith(2 << 20))
    waiting.fitting(plenty).should.equal(1)
  })

  it('are counted in framed bytes until they are taken', () => {
    const waiting = waitingOf(3)
    should({ bytes: waiting.bytes, first: waiting.firstBytes }).eql({ bytes: 3000, first: framed })
    waiting.take(2).length.should.equal(2)
    should({ bytes: waiting.bytes, count: waiting.count }).eql({ bytes: framed, count: 1 })
    waiting.take(1)
    waiting.firstBytes.should.equal(0)
  })
})

describe('a group of more than 128 KB', () => {
  it('begins to be written within `append`, and takes one sync', async () => {
    const { ground, journal } = await opened()
    const seen = ground.watch('write', 'sync')
    const all = Array.from({ length: 256 }, () => journal.append(message('x'.repeat(1000))))
    const atOnce = seen.map(({ kind }) => kind)
    await ground.finish(Promise.all(all))
    atOnce.should.eql(['write'])
    seen.map(({ kind }) => kind).should.eql(['write', 'write', 'sync'])
    journal.waiting.should.equal(256)
  })

  it('loses only its second part to a disk that becomes full in between', async () => {
    const { ground, journal } = await opened()
    const text = 'y'.repeat(64 << 10)
    const all = Array.from({ length: 4 }, () => journal.append(message(text)))
    ground.disk.failNext(({ kind }) => kind === 'write', 'ENOSPC')
    const ends = await ground.finish(Promise.allSettled(all))
    const kept = ends.filter(({ status }) => status === 'fulfilled').length
    kept.should.equal(2)
    payloadsOf(await readAll(ground, await ground.afterKill().open())).should.eql([text, text])
  })
})

function waitingWith(payloadBytes: number) {
  const payload = Buffer.alloc(payloadBytes)
  return { message: { payload, codec: 0, lane: 0 }, sequence: 0, resolve() {}, reject() {} }
}

function waitingOf(count: number): WaitingMessages {
  const waiting = new WaitingMessages(unsplit)
  for (let n = 0; n < count; n++) waiting.push(waitingWith(framed - framingBytes))
  return waiting
}

async function opened() {
  const ground = groundOf()
  return { ground, journal: await ground.open() }
}
