/** A filtered stream behaves as its socket does, but for what the filter takes out. */

import { once } from 'node:events'
import fc from 'fast-check'
import should from 'should'
import { FilteredStream } from '../../src/mqtt/filtered-stream.js'
import { PlayedSocket } from '../world/played-socket.js'
import { testSeed } from '../world/seeded-random.js'
import { turns } from './dial.js'

describe('a filtered stream', () => {
  let socket: PlayedSocket
  let log: string[]
  beforeEach(() => {
    socket = new PlayedSocket()
    log = []
  })

  /** Reads all of it, and notes what becomes of it. */
  function read(stream: FilteredStream): FilteredStream {
    stream.on('data', (chunk: Buffer) => log.push(`${chunk}`))
    for (const event of ['end', 'finish', 'close']) stream.on(event, () => log.push(event))
    return stream.on('error', (error) => log.push(error.message))
  }
  const all = (chunk: Buffer): Buffer => chunk

  it('brings what the filter leaves, and nothing where that is nothing', async () => {
    read(new FilteredStream(socket, (chunk) => chunk.subarray(1)))
    for (const text of ['ab', 'c', 'def']) {
      socket.brings(Buffer.from(text))
      await turns(1)
    }
    log.should.eql(['b', 'ef'])
  })

  it('gives the socket what was written in one tick as one piece', async () => {
    const stream = new FilteredStream(socket, all)
    stream.cork()
    stream.write('ä', 'utf8')
    stream.write(Buffer.from([1, 2]))
    stream.write('0304', 'hex')
    stream.uncork()
    stream.write('last')
    await turns(1)
    should(socket.written.map((piece) => piece.toString('hex'))).eql([
      ...['c3a401020304', Buffer.from('last').toString('hex')],
    ])
  })

  it('counts what the socket has not taken, and drains when it has', async () => {
    socket.isSlow = true
    const stream = new FilteredStream(socket, all)
    stream.write(Buffer.alloc(stream.writableHighWaterMark)).should.be.false()
    stream.write('more')
    await turns(1)
    should([stream.writableLength, socket.written.length]).eql([
      ...[stream.writableHighWaterMark + 4, 1],
    ])
    const drained = once(stream, 'drain')
    socket.taken()
    await turns(1)
    stream.writableLength.should.equal(4)
    socket.taken()
    await drained
    stream.writableLength.should.equal(0)
  })

  it('lets the socket wait while nobody reads, and go on when somebody does', async () => {
    const stream = new FilteredStream(socket, all)
    const piece = Buffer.alloc(stream.readableHighWaterMark)
    for (let n = 0; n < 4; n++) {
      socket.brings(piece)
      await turns(2)
    }
    socket.isPaused().should.be.true()
    const held = stream.readableLength + socket.readableLength
    held.should.equal(4 * piece.length)
    stream.readableLength.should.be.below(held)
    let length = 0
    stream.on('data', (chunk: Buffer) => (length += chunk.length))
    await turns(8)
    should([length, socket.isPaused(), socket.isAsked]).eql([held, false, true])
  })

  it('ends when the other side does, after all that came, and then closes', async () => {
    const stream = read(new FilteredStream(socket, all))
    stream.pause()
    socket.brings(Buffer.from('a'))
    socket.brings(Buffer.from('b'))
    socket.push(null)
    await turns(4)
    log.should.eql([])
    stream.resume()
    await closed(stream)
    log.filter((each) => each !== 'finish').should.eql(['a', 'b', 'end', 'close'])
    socket.destroyed.should.be.true()
  })

  it('says its own end to the socket after all that was written', async () => {
    const stream = read(new FilteredStream(socket, all))
    socket.isSlow = true
    stream.end('bye')
    await turns(2)
    should([log, socket.writableEnded]).eql([[], false])
    socket.taken()
    await once(socket, 'finish')
    await turns(1)
    should(log.filter((each) => each === 'finish')).eql(['finish'])
    socket.bytes.toString().should.equal('bye')
  })

  it('ends with the very error of the socket, once, and closes after it', async () => {
    const stream = read(new FilteredStream(socket, all))
    const error = Object.assign(new Error('gone'), { code: 'ECONNRESET' })
    let told: unknown
    stream.on('error', (heard) => {
      told = heard
    })
    socket.destroy(error)
    await closed(stream)
    should(told).equal(error)
    log.should.eql(['gone', 'close'])
  })

  it('tells a write that failed by the error of the socket, once', async () => {
    const stream = read(new FilteredStream(socket, all))
    socket.isSlow = true
    stream.write('a')
    stream.write('b', () => log.push('taken'))
    await turns(1)
    socket.taken(new Error('EPIPE'))
    await closed(stream)
    log.should.eql(['EPIPE', 'close'])
  })

  it('takes the socket with it, and is closed when that is', async () => {
    const stream = read(new FilteredStream(socket, all))
    socket.on('close', () => log.push('socket closes'))
    stream.destroy()
    await closed(stream)
    log.should.eql(['socket closes', 'close'])
  })

  it('closes without an end when its socket does, and takes no more then', async () => {
    const stream = read(new FilteredStream(socket, all))
    socket.destroy()
    stream.write('too late')
    await closed(stream)
    log.should.eql(['close'])
    stream.end()
    await turns(2)
    log.filter((each) => each === 'close').should.eql(['close'])
  })

  it('keeps every byte and their order, whoever is slow', async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1 })
    const slow = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 })
    const property = fc.asyncProperty(pieces, slow, async (chunks, stops) => {
      const from = new PlayedSocket()
      const stream = new FilteredStream(from, all)
      const heard: Buffer[] = []
      stream.on('data', (chunk: Buffer) => heard.push(chunk))
      for (const [n, chunk] of chunks.entries()) {
        if (stops[n % stops.length]) stream.pause()
        else stream.resume()
        from.brings(chunk)
        stream.write(chunk)
        if (n % 3 === 0) await turns(1)
      }
      from.push(null)
      stream.resume()
      await closed(stream)
      const whole = Buffer.concat(chunks)
      should([Buffer.concat(heard), from.bytes]).eql([whole, whole])
    })
    await fc.assert(property, { seed: testSeed, numRuns: 60 })
  })
})

/** Fulfilled after an error, too. */
const closed = (stream: FilteredStream): Promise<void> =>
  new Promise((resolve) => stream.once('close', resolve))
